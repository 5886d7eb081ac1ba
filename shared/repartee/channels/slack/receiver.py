"""Who signed a request: Slack, over the raw bytes.

https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from urllib.parse import parse_qsl

from repartee.domain.http import HttpRequest
from repartee.errors import InvalidPayload, Unauthorized

MAX_TIMESTAMP_SKEW_SECONDS = 300
"""Seconds that a request's timestamp may be off, as Slack advises against replays."""


class SlackReceiver:
    """The verifying half of a `webhook.Receiver`. `secrets` gives the signing secrets that are accepted now,
    `refresh` asks for newer ones and says whether there may be some."""

    def __init__(self, secrets: Callable[[], tuple[str, ...]], refresh: Callable[[], bool]) -> None:
        self._secrets, self._refresh = secrets, refresh

    def verify(self, request: HttpRequest) -> None:
        timestamp = request.headers.get("x-slack-request-timestamp", "")
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 12):
            raise Unauthorized("the timestamp is missing or is not a number")
        if abs(request.received_at - int(timestamp)) > MAX_TIMESTAMP_SKEW_SECONDS:
            raise Unauthorized("the timestamp is stale")
        signature = request.headers.get("x-slack-signature", "")
        if not (signature.isascii() and signature.startswith("v0=")):
            raise Unauthorized("the signature is missing or malformed")
        if not self._is_signed(request.body, timestamp, signature):
            raise Unauthorized("the signature is wrong")

    def _is_signed(self, body: bytes, timestamp: str, signature: str) -> bool:
        if self._matches_known_secret(body, timestamp, signature):
            return True
        return self._refresh() and self._matches_known_secret(body, timestamp, signature)

    def _matches_known_secret(self, body: bytes, timestamp: str, signature: str) -> bool:
        return any(
            hmac.compare_digest(sign_body(secret, timestamp, body), signature) for secret in self._secrets()
        )


def sign_body(secret: str, timestamp: str, body: bytes) -> str:
    """The signature that Slack gives a body."""
    base = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


def _decode_form(request: HttpRequest) -> dict[str, str]:
    """The fields of a form. Raises `Malformed` for what is none."""
    try:
        return dict(parse_qsl(request.body.decode(), keep_blank_values=True, max_num_fields=100))
    except ValueError:
        raise InvalidPayload("the body is not a form") from None
