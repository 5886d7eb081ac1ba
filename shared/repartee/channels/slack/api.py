"""Slack's Web API over connections that are kept.

slack_sdk's own client opens a connection a call, which costs a TLS handshake each time the reply grows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import httpx2
import msgspec

from repartee.channels.http import bounded, connections, fields, translating
from repartee.errors import (
    BackendError,
    Denied,
    NotFound,
    Rejected,
    Throttled,
    Unreachable,
)

BACKEND = "slack"

DENIED = {
    "access_denied",
    "account_inactive",
    "invalid_auth",
    "missing_scope",
    "no_permission",
    "not_authed",
    "token_expired",
    "token_revoked",
}
THROTTLED = {"ratelimited", "rate_limited", "message_limit_exceeded"}
MISSING = {"channel_not_found", "message_not_found", "thread_not_found", "user_not_found"}
OUT_OF_ORDER = {
    "fatal_error",
    "internal_error",
    "request_timeout",
    "service_unavailable",
    "team_added_to_org",
}


class SlackApi:
    """Calls Slack's methods with the bot's token, which is read afresh for each call."""

    def __init__(
        self, url: str, token: Callable[[], str], transport: httpx2.BaseTransport | None = None
    ) -> None:
        self._url, self._token = httpx2.URL(url), token
        self._client = connections(url, transport)

    def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        """The method's answer. Raises `BackendError` with Slack's own error code as its problem."""
        given = {name: value for name, value in arguments.items() if value is not None}
        return self._posted(method, msgspec.json.encode(given), "application/json; charset=utf-8")

    def call_form(self, method: str, **arguments: Any) -> dict[str, Any]:
        """Like `call`, for the methods of uploads, which read no JSON."""
        form = urlencode(fields(arguments)).encode()
        return self._posted(method, form, "application/x-www-form-urlencoded")

    def upload(self, link: str, content: bytes, kind: str) -> None:
        """Sends a file to a link that Slack gave for it, and that needs no token."""
        if not self._is_slack(httpx2.URL(link)):
            raise Denied(BACKEND, "a link for an upload that does not lead to Slack")
        with translating(BACKEND):
            response = self._client.post(link, content=content, headers={"Content-Type": kind})
        if response.status_code != 200:
            raise Unreachable(BACKEND, f"HTTP {response.status_code} for an upload")

    def download(self, link: str, most: int) -> tuple[bytes, str]:
        """What is behind a link of Slack's, and of which type it says that it is. Raises `TooLarge` beyond
        `most` bytes, `Denied` if it leads elsewhere: nobody else is shown the token."""
        if not self._is_slack(httpx2.URL(link)):
            raise Denied(BACKEND, "a link that does not lead to Slack")
        with (
            translating(BACKEND),
            self._client.stream(
                "GET", link, headers={"Authorization": f"Bearer {self._token()}"}
            ) as response,
        ):
            _found(response)
            return bounded(response, most), response.headers.get("Content-Type", "")

    def _posted(self, method: str, content: bytes, kind: str) -> dict[str, Any]:
        with translating(BACKEND):
            response = self._client.post(
                method,
                content=content,
                headers={"Authorization": f"Bearer {self._token()}", "Content-Type": kind},
            )
        if response.status_code == 429:
            raise Throttled(BACKEND, "ratelimited", retry_after=_seconds(response.headers.get("Retry-After")))
        return _answer(response)

    def _is_slack(self, link: httpx2.URL) -> bool:
        """Whether it leads where the Web API is, or to a host below it (`files.slack.com`)."""
        beside = f".{link.host}".endswith(f".{self._url.host}")
        return beside and (link.scheme, link.port) == (self._url.scheme, self._url.port)


def _found(response: httpx2.Response) -> None:
    """Raises unless the answer is a file, or a page that pretends to be one."""
    status = response.status_code
    if status == 429:
        raise Throttled(BACKEND, "ratelimited", retry_after=_seconds(response.headers.get("Retry-After")))
    if status in (404, 410):
        raise NotFound(BACKEND, "the file is gone")
    if status >= 500:
        raise Unreachable(BACKEND, f"HTTP {status}")
    if status != 200:
        raise Denied(BACKEND, f"HTTP {status} instead of the file: is files:read granted?")


def _answer(response: httpx2.Response) -> dict[str, Any]:
    if response.status_code >= 500:
        raise Unreachable(BACKEND, f"HTTP {response.status_code}")
    try:
        answer = msgspec.json.decode(response.content, type=dict[str, Any])
    except msgspec.DecodeError:
        raise Unreachable(BACKEND, f"HTTP {response.status_code} without JSON") from None
    if not answer.get("ok"):
        raise _translated(str(answer.get("error", "unknown_error")))
    return answer


def _translated(code: str) -> BackendError:
    if code in THROTTLED:
        return Throttled(BACKEND, code)
    if code in DENIED:
        return Denied(BACKEND, code)
    if code in MISSING:
        return NotFound(BACKEND, code)
    if code in OUT_OF_ORDER:
        return Unreachable(BACKEND, code)
    return Rejected(BACKEND, code)


def _seconds(header: str | None) -> float | None:
    return float(header) if header and header.isdecimal() else None
