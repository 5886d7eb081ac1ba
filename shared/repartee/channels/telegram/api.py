"""Telegram's Bot API over connections that are kept: https://core.telegram.org/bots/api#making-requests.

The bot's token is a part of every address, so no address is in a log or in an error.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from typing import Any

import httpx2
import msgspec

from repartee.channels.http import (
    encode_form_fields,
    make_http_client,
    read_bounded_body,
    retry_after_seconds,
    translate_http_errors,
)
from repartee.errors import BackendError, InvalidArgument, NotFound, PermissionDenied, Throttled, Unavailable

BACKEND = "telegram"

QUOTED_MESSAGE_TEXT = re.compile(r"\"[^\"]*\"|:.*", re.DOTALL)
"""What in a description may be a piece of the message."""

MAX_PROBLEM_CHARS = 80


class TelegramResponseParameters(msgspec.Struct):
    """What helps to handle an error. `retry_after` is in seconds."""

    retry_after: float | None = None


class TelegramApiResponse(msgspec.Struct):
    """What the Bot API answers, whatever was asked."""

    ok: bool
    result: Any = None
    error_code: int = 0
    description: str = ""
    parameters: TelegramResponseParameters = msgspec.field(default_factory=TelegramResponseParameters)


class TelegramApi:
    """Calls the Bot API's methods with the bot's token, which is read afresh for each call."""

    def __init__(
        self, url: str, token: Callable[[], str], transport: httpx2.BaseTransport | None = None
    ) -> None:
        logging.getLogger("httpx2").setLevel(logging.WARNING)  # it would log every address
        self._url, self._token = url.rstrip("/"), token
        self._client = make_http_client(transport=transport)

    def call_method(self, method: str, **arguments: Any) -> Any:
        """The method's result. Raises `BackendError` with Telegram's description of the problem."""
        given = {name: value for name, value in arguments.items() if value is not None}
        with translate_http_errors(BACKEND):
            response = self._client.post(
                self._method_url(method),
                content=msgspec.json.encode(given),
                headers={"Content-Type": "application/json"},
            )
        return _decode_result(response)

    def upload_file(self, method: str, file: Mapping[str, tuple[str, bytes, str]], **arguments: Any) -> Any:
        """Like `call`, with a file: by the argument's name its own name, its content and its type."""
        with translate_http_errors(BACKEND):
            response = self._client.post(
                self._method_url(method), data=encode_form_fields(arguments), files=file
            )
        return _decode_result(response)

    def download_file(self, path: str, max_bytes: int) -> bytes:
        """A file, of at most so many bytes. Raises `TooLarge` past that."""
        url = f"{self._url}/file/bot{self._token()}/{path}"
        with translate_http_errors(BACKEND), self._client.stream("GET", url) as response:
            if response.status_code == 404:
                raise NotFound(BACKEND, "the file is not there any more")
            if response.status_code != 200:
                raise Unavailable(BACKEND, f"HTTP {response.status_code} for a file")
            return read_bounded_body(response, max_bytes)

    def _method_url(self, method: str) -> str:
        return f"{self._url}/bot{self._token()}/{method}"


def _decode_result(response: httpx2.Response) -> Any:
    try:
        answer = msgspec.json.decode(response.content, type=TelegramApiResponse)
    except msgspec.DecodeError:
        kind = Throttled if response.status_code == 429 else Unavailable
        wait = retry_after_seconds(response)
        raise kind(BACKEND, f"HTTP {response.status_code} without JSON", retry_after=wait) from None
    if answer.ok:
        return answer.result
    raise _error_from_response(answer)


def _error_from_response(answer: TelegramApiResponse) -> BackendError:
    """Somebody who has blocked the bot, and a chat that has removed it, are no more there for us."""
    code = answer.error_code
    problem = _redact_description(answer.description) or f"error {code}"
    if code == 429:
        return Throttled(BACKEND, problem, retry_after=answer.parameters.retry_after)
    if code >= 500:
        return Unavailable(BACKEND, problem)
    if code == 401 or (code == 404 and problem == "Not Found"):  # a token of the wrong shape is not found
        return PermissionDenied(BACKEND, problem)
    if code == 403 or (code == 400 and problem.endswith("not found")):
        return NotFound(BACKEND, problem)
    return InvalidArgument(BACKEND, problem)


def _redact_description(description: str) -> str:
    """The description without what it may quote from the message."""
    kind, _, rest = description.partition(": ")
    return (QUOTED_MESSAGE_TEXT.sub("", rest) if rest else kind).strip()[:MAX_PROBLEM_CHARS]
