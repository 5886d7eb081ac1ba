"""Who posts: Meta, over the raw bytes; and who asks that we subscribe.

https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/create-webhook-endpoint
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable

from repartee.domain.http import HttpRequest
from repartee.errors import Forbidden, Unauthorized

AcceptedValues = Callable[[], tuple[str, ...]]
"""The values of a secret that are accepted now."""


class MetaSignatureVerifier:
    """The verifying half of a `webhook.Receiver`. `refresh` asks for newer secrets, and says whether there
    may be some."""

    def __init__(
        self, secrets: AcceptedValues, verify_tokens: AcceptedValues, refresh: Callable[[], bool]
    ) -> None:
        self._secrets, self._tokens, self._refresh = secrets, verify_tokens, refresh

    def verify(self, request: HttpRequest) -> None:
        if request.method == "GET":
            self._verify_subscription(request)
        else:
            self._verify_post(request)

    def _verify_subscription(self, request: HttpRequest) -> None:
        if request.query.get("hub.mode") != "subscribe":
            raise Forbidden("this is not a subscription")
        given = request.query.get("hub.verify_token", "").encode("utf-8", "replace")
        if not self._check_with_refresh(
            lambda: any(_equal_in_constant_time(token.encode(), given) for token in self._tokens())
        ):
            raise Forbidden("the verify token is wrong")

    def _verify_post(self, request: HttpRequest) -> None:
        signature = request.headers.get("x-hub-signature-256", "")
        if not (signature.isascii() and signature.startswith("sha256=")):
            raise Unauthorized("the signature is missing or malformed")
        given = signature.encode()
        if not self._check_with_refresh(
            lambda: any(
                _equal_in_constant_time(self._expected_signature(s, request), given) for s in self._secrets()
            )
        ):
            raise Unauthorized("the signature is wrong")

    def _check_with_refresh(self, check: Callable[[], bool]) -> bool:
        return check() or (self._refresh() and check())

    @staticmethod
    def _expected_signature(secret: str, request: HttpRequest) -> bytes:
        return sign_body(secret, request.body).encode()


def sign_body(secret: str, body: bytes) -> str:
    """The signature that Meta gives a body."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _equal_in_constant_time(one: bytes, other: bytes) -> bool:
    return hmac.compare_digest(one, other)
