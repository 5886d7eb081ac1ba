"""Slack's Web API over connections that are kept.

slack_sdk's own client opens a connection a call, which costs a TLS handshake each time the reply grows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import httpx2
import msgspec

from repartee.channels.http import (
    encode_form_fields,
    make_http_client,
    read_bounded_body,
    retry_after_seconds,
    translate_http_errors,
)
from repartee.errors import (
    BackendError,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    Throttled,
    Unavailable,
)

BACKEND = "slack"

PERMISSION_DENIED_ERRORS = {
    "access_denied",
    "account_inactive",
    "invalid_auth",
    "missing_scope",
    "no_permission",
    "not_authed",
    "token_expired",
    "token_revoked",
}
THROTTLED_ERRORS = {"ratelimited", "rate_limited", "message_limit_exceeded"}
NOT_FOUND_ERRORS = {
    "bot_not_found",
    "channel_not_found",
    "message_not_found",
    "thread_not_found",
    "user_not_found",
    "user_not_visible",
}
UNAVAILABLE_ERRORS = {
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
        self._client = make_http_client(url, transport)

    def call_json(self, method: str, **arguments: Any) -> dict[str, Any]:
        """The method's answer. Raises `BackendError` with Slack's own error code as its problem."""
        given = {name: value for name, value in arguments.items() if value is not None}
        return self._post(method, msgspec.json.encode(given), "application/json; charset=utf-8")

    def call_form(self, method: str, **arguments: Any) -> dict[str, Any]:
        """Like `call`, for the methods of uploads, which read no JSON."""
        form = urlencode(encode_form_fields(arguments)).encode()
        return self._post(method, form, "application/x-www-form-urlencoded")

    def upload_file(self, url: str, content: bytes, content_type: str) -> None:
        """Sends a file to a link that Slack gave for it, and that needs no token."""
        if not self._is_slack_url(httpx2.URL(url)):
            raise PermissionDenied(BACKEND, "a link for an upload that does not lead to Slack")
        with translate_http_errors(BACKEND):
            response = self._client.post(url, content=content, headers={"Content-Type": content_type})
        if response.status_code != 200:
            raise Unavailable(BACKEND, f"HTTP {response.status_code} for an upload")

    def download_file(self, url: str, max_bytes: int) -> tuple[bytes, str]:
        """Returns the content behind a link of Slack's, and the type that it says it is of. Raises
        `PayloadTooLarge` beyond `max_bytes`, `PermissionDenied` if it leads elsewhere: nobody else is shown
        the token."""
        if not self._is_slack_url(httpx2.URL(url)):
            raise PermissionDenied(BACKEND, "a link that does not lead to Slack")
        with (
            translate_http_errors(BACKEND),
            self._client.stream("GET", url, headers={"Authorization": f"Bearer {self._token()}"}) as response,
        ):
            _raise_unless_file(response)
            return read_bounded_body(response, max_bytes), response.headers.get("Content-Type", "")

    def _post(self, method: str, content: bytes, content_type: str) -> dict[str, Any]:
        with translate_http_errors(BACKEND):
            response = self._client.post(
                method,
                content=content,
                headers={"Authorization": f"Bearer {self._token()}", "Content-Type": content_type},
            )
        if response.status_code == 429:
            raise Throttled(BACKEND, "ratelimited", retry_after=retry_after_seconds(response))
        return _decode_response(response)

    def _is_slack_url(self, url: httpx2.URL) -> bool:
        """Whether it leads where the Web API is, or to a host below it (`files.slack.com`)."""
        beside = f".{url.host}".endswith(f".{self._url.host}")
        return beside and (url.scheme, url.port) == (self._url.scheme, self._url.port)


def _raise_unless_file(response: httpx2.Response) -> None:
    """Raises unless the answer is a file, or a page that pretends to be one."""
    status = response.status_code
    if status == 429:
        raise Throttled(BACKEND, "ratelimited", retry_after=retry_after_seconds(response))
    if status in (404, 410):
        raise NotFound(BACKEND, "the file is gone")
    if status >= 500:
        raise Unavailable(BACKEND, f"HTTP {status}")
    if status != 200:
        raise PermissionDenied(BACKEND, f"HTTP {status} instead of the file: is files:read granted?")


def _decode_response(response: httpx2.Response) -> dict[str, Any]:
    if response.status_code >= 500:
        raise Unavailable(BACKEND, f"HTTP {response.status_code}", retry_after=retry_after_seconds(response))
    try:
        answer = msgspec.json.decode(response.content, type=dict[str, Any])
    except msgspec.DecodeError:
        raise Unavailable(BACKEND, f"HTTP {response.status_code} without JSON") from None
    if not answer.get("ok"):
        raise _error_from_code(str(answer.get("error", "unknown_error")))
    return answer


def _error_from_code(code: str) -> BackendError:
    if code in THROTTLED_ERRORS:
        return Throttled(BACKEND, code)
    if code in PERMISSION_DENIED_ERRORS:
        return PermissionDenied(BACKEND, code)
    if code in NOT_FOUND_ERRORS:
        return NotFound(BACKEND, code)
    if code in UNAVAILABLE_ERRORS:
        return Unavailable(BACKEND, code)
    return InvalidArgument(BACKEND, code)
