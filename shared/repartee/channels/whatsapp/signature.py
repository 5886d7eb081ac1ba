"""Who posts: Meta, over the raw bytes; and who asks that we subscribe.

https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/create-webhook-endpoint
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable

from repartee.conversation.webhook import Request
from repartee.errors import Forbidden, Unverified

Accepted = Callable[[], tuple[str, ...]]
"""The values of a secret that are accepted now."""


class SignedByMeta:
    """The verifying half of a `webhook.Receiver`. `refresh` asks for newer secrets, and says whether there
    may be some."""

    def __init__(self, secrets: Accepted, tokens: Accepted, refresh: Callable[[], bool]) -> None:
        self._secrets, self._tokens, self._refresh = secrets, tokens, refresh

    def verify(self, request: Request) -> None:
        if request.method == "GET":
            self._verify_subscription(request)
        else:
            self._verify_post(request)

    def _verify_subscription(self, request: Request) -> None:
        if request.query.get("hub.mode") != "subscribe":
            raise Forbidden("this is not a subscription")
        given = request.query.get("hub.verify_token", "").encode("utf-8", "replace")
        if not self._accepted(lambda: any(_same(token.encode(), given) for token in self._tokens())):
            raise Forbidden("the verify token is wrong")

    def _verify_post(self, request: Request) -> None:
        signature = request.headers.get("x-hub-signature-256", "")
        if not (signature.isascii() and signature.startswith("sha256=")):
            raise Unverified("the signature is missing or malformed")
        given = signature.encode()
        if not self._accepted(lambda: any(_same(self._own(s, request), given) for s in self._secrets())):
            raise Unverified("the signature is wrong")

    def _accepted(self, known: Callable[[], bool]) -> bool:
        return known() or (self._refresh() and known())

    @staticmethod
    def _own(secret: str, request: Request) -> bytes:
        return signed(secret, request.body).encode()


def signed(secret: str, body: bytes) -> str:
    """The signature that Meta gives a body."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _same(one: bytes, other: bytes) -> bool:
    return hmac.compare_digest(one, other)
