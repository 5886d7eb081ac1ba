"""The stand-in for a login service: it publishes keys, and signs a token for whoever asks. Never deploy it.

GET /issuer/jwks.json              its public keys                          (WEB_JWKS_URL)
GET /issuer/token?sub=ada          a bearer token for the web, as plain text
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

ALGORITHM = "ES256"
AUDIENCE = "repartee-local"
TOKEN_LIFETIME_SECONDS = 12 * 3600
"""Seconds that a token lasts."""


class OidcStandIn:
    """Signs with the newest of its keys."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._keys = [_generate_key()]
        self.asked = 0

    def rotate_keys(self) -> None:
        """Signs with a new key from now on, and publishes both."""
        self._keys.append(_generate_key())

    def published_keys(self) -> dict[str, Any]:
        """Returns the published keys."""
        self.asked += 1
        return dict(KeySet(list(self._keys)).as_dict(private=False))

    def issue_token(self, sub: str = "ada", **claims: Any) -> str:
        """Returns a token, with other claims where some are given; None leaves one out."""
        now = int(self._clock())
        own = {
            "sub": sub,
            "aud": AUDIENCE,
            "iss": "local-standin",
            "iat": now,
            "exp": now + TOKEN_LIFETIME_SECONDS,
        }
        claimed = {name: value for name, value in (own | claims).items() if value is not None}
        key = self._keys[-1]
        return jwt.encode({"alg": ALGORITHM, "kid": key.kid}, claimed, key)

    def routes(self) -> list[Route]:
        return [Route("/issuer/jwks.json", self._serve_jwks), Route("/issuer/token", self._serve_token)]

    async def _serve_jwks(self, request: Request) -> Response:
        return JSONResponse(self.published_keys())

    async def _serve_token(self, request: Request) -> Response:
        return PlainTextResponse(self.issue_token(request.query_params.get("sub", "ada")))


def _generate_key() -> ECKey:
    return ECKey.generate_key("P-256", {"use": "sig", "alg": ALGORITHM}, auto_kid=True)
