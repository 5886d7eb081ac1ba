"""Who signed a request: Slack, over the raw bytes.

https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable

from repartee.conversation.webhook import Request
from repartee.errors import Unverified

TOLERANCE = 300
"""Seconds that a request's timestamp may be off, as Slack advises against replays."""


class SignedBySlack:
    """The verifying half of a `webhook.Receiver`. `secrets` gives the signing secrets that are accepted now,
    `refresh` asks for newer ones and says whether there may be some."""

    def __init__(self, secrets: Callable[[], tuple[str, ...]], refresh: Callable[[], bool]) -> None:
        self._secrets, self._refresh = secrets, refresh

    def verify(self, request: Request) -> None:
        timestamp = request.headers.get("x-slack-request-timestamp", "")
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 12):
            raise Unverified("the timestamp is missing or is not a number")
        if abs(request.at - int(timestamp)) > TOLERANCE:
            raise Unverified("the timestamp is stale")
        signature = request.headers.get("x-slack-signature", "")
        if not (signature.isascii() and signature.startswith("v0=")):
            raise Unverified("the signature is missing or malformed")
        if not self._signed(request.body, timestamp, signature):
            raise Unverified("the signature is wrong")

    def _signed(self, body: bytes, timestamp: str, signature: str) -> bool:
        if self._matches(body, timestamp, signature):
            return True
        return self._refresh() and self._matches(body, timestamp, signature)

    def _matches(self, body: bytes, timestamp: str, signature: str) -> bool:
        return any(
            hmac.compare_digest(signed(secret, timestamp, body), signature) for secret in self._secrets()
        )


def signed(secret: str, timestamp: str, body: bytes) -> str:
    """The signature that Slack gives a body."""
    base = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()
