"""The errors of the model's API, wherever they come: as an HTTP answer, or in a stream that began well.

Servers word them differently: nested or flat, with a word or an HTTP status as their code, as a bare text.
tests/data/model has the shapes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from repartee.errors import (
    BackendError,
    IncompleteReply,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    QuotaExceeded,
    ReparteeError,
    Throttled,
    Unavailable,
)
from repartee.services.openai.waiting import waiting_seconds

BACKEND = "openai"

QUOTA = re.compile(r"insufficient_quota|billing|insufficient_credits|account_deactivated")
TOO_LONG = re.compile(r"context_length_exceeded|exceed_context_size|string_above_max_length")
TOO_LONG_MESSAGE = re.compile(
    r"maximum context length|context (window|size|length)|request too large|prompt is too long", re.IGNORECASE
)
NO_PICTURES = re.compile(r"image.* not supported|not support.* image", re.IGNORECASE)
KINDS: tuple[tuple[type[BackendError], re.Pattern[str], tuple[int, ...]], ...] = (
    (Throttled, re.compile(r"rate_?limit|too_?many_?requests|throttl"), (429,)),
    (PermissionDenied, re.compile(r"api_key|authentication|unauthorized|permission|forbidden"), (401, 403)),
    (NotFound, re.compile(r"not_?found"), (404,)),
    (InvalidArgument, re.compile(r"invalid|bad_?request|policy|content_filter|unsupported|image"), ()),
    (
        Unavailable,
        re.compile(r"server|internal|overloaded|unavailable|timeout|gateway|slow_down"),
        (408, 409),
    ),
)
"""The first that fits tells what a code or a status means."""

LIMIT = re.compile(
    r"(?:limit|maximum context length is|context size \()\D{0,3}(?P<tokens>\d+)", re.IGNORECASE
)
GIVEN = re.compile(r"(?:requested(?: about)?|request \(|resulted in)\D{0,3}(?P<tokens>\d+)", re.IGNORECASE)
WORD = re.compile(r"[A-Za-z][\w.-]{0,63}")


class PromptTooLong(InvalidArgument):
    """The prompt has more tokens than the model takes. `keep` is the share that fits, where the API says how
    many there are and how many may be."""

    def __init__(self, problem: str, keep: float | None = None) -> None:
        super().__init__(BACKEND, problem)
        self.keep = keep


class OutOfTokens(IncompleteReply):
    """The limit on the reply's tokens was met before a word was said: reasoning used them up."""


class EmptyReply(IncompleteReply):
    """The model ended its answer and said nothing."""


class Problem(msgspec.Struct, frozen=True):
    """An error as the API tells it: its code and its type, words both, its message, and an HTTP status."""

    code: str = ""
    type: str = ""
    message: str = ""
    status: int = 0
    headers: Mapping[str, str] = {}

    @property
    def name(self) -> str:
        """Returns the error's code for the log: never its message, which may quote what people wrote."""
        return self.code or self.type or (f"HTTP {self.status}" if self.status else "unknown")


def problem_in(body: Any, status: int = 0, headers: Mapping[str, str] | None = None) -> Problem | None:
    """Returns the error that a decoded answer or event holds, None if it tells of none."""
    found = body
    while isinstance(found, Mapping) and isinstance(found.get("error"), Mapping):
        found = found["error"]
    if not isinstance(found, Mapping):
        found = {"message": found}
    message = found.get("message") or found.get("error") or found.get("detail") or ""
    code, kind = _word(found.get("code")), _word(found.get("type"))
    status = status or _status(found.get("code")) or _status(found.get("status"))
    if not (code or message or status) and kind in ("", "error"):
        return None
    own = found.get("headers")
    told = {str(name): str(value) for name, value in own.items()} if isinstance(own, Mapping) else {}
    kind = "" if kind == "error" else kind
    return Problem(code, kind, str(message), status, {**(headers or {}), **told})


def error_of(problem: Problem) -> ReparteeError:
    """Returns the error as one of ours."""
    words, status, name = f"{problem.code} {problem.type}".lower(), problem.status, problem.name
    if QUOTA.search(words) or status == 402:
        return QuotaExceeded(BACKEND, f"{name}: the account's quota is used up", user_message=problem.message)
    if TOO_LONG.search(words) or (status < 500 and TOO_LONG_MESSAGE.search(problem.message)):
        return PromptTooLong(name, _share(problem.message))
    if NO_PICTURES.search(problem.message):
        return InvalidArgument(BACKEND, name)
    wait = waiting_seconds(problem.headers, problem.message)
    for kind, codes, statuses in KINDS:
        if status in statuses or (codes.search(words) and _may_be(kind, status)):
            return kind(BACKEND, name, retry_after=wait)
    if not status:
        return IncompleteReply(name)
    return (Unavailable if status >= 500 else InvalidArgument)(BACKEND, name, retry_after=wait)


def _may_be(kind: type[BackendError], status: int) -> bool:
    """Returns whether words may tell this kind of error beside the HTTP status, which is 0 where there is
    none."""
    return kind is Throttled or not status or (status >= 500) == (kind is Unavailable)


def _word(value: Any) -> str:
    """Returns a code that is a word. A text that is none is kept out of logs."""
    return value if isinstance(value, str) and WORD.fullmatch(value) else ""


def _status(value: Any) -> int:
    """Returns a code that is an HTTP status, 0 if it is none."""
    text = str(value)
    return int(text) if text.isdecimal() and 400 <= int(text) <= 599 else 0


def _share(message: str) -> float | None:
    """Returns the share of the prompt that fits, by the numbers in the API's message."""
    plain = message.replace(",", "")
    limit, given = LIMIT.search(plain), GIVEN.search(plain)
    if limit is None or given is None or int(given["tokens"]) <= int(limit["tokens"]):
        return None
    return int(limit["tokens"]) / int(given["tokens"])
