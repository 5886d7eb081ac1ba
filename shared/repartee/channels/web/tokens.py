"""Bearer tokens (RFC 6750): whose request it is.

joserfc verifies them: it comes with the messages store's client anyway, so it costs no byte and no import.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from joserfc import jwt
from joserfc.errors import ClaimError, ExpiredTokenError, InvalidKeyIdError, JoseError, MissingKeyError
from joserfc.jwt import Claims, ClaimsOption, JWTClaimsRegistry

from repartee.channels.web.keys import Keys
from repartee.errors import Unverified

ALGORITHMS = ("RS256", "PS256", "ES256")
"""What a token may be signed with: never what the token itself would like."""

CLOCKS_DIFFER = 60
"""Seconds that the issuer's clock may be off."""

KNOWN_FOR, MOST_KNOWN = 1.0, 1000
"""Seconds for which a token is not verified again, as a request asks twice; and how many are known then."""

LONGEST_TOKEN = 8192
LONGEST_NAME = 255
"""Characters of a `sub`, by OpenID Connect."""


class Tokens:
    """Verifies tokens for one audience, of whoever has the keys, or of the `issuer` that is named."""

    def __init__(self, keys: Keys, audience: str, clock: Callable[[], float], issuer: str = "") -> None:
        self._keys, self._clock = keys, clock
        self._known: dict[str, tuple[str, float]] = {}
        named: ClaimsOption = {"essential": True, "value": issuer}
        self._accepted = JWTClaimsRegistry(
            now=lambda: int(clock()),
            leeway=CLOCKS_DIFFER,
            aud={"essential": True, "value": audience},
            exp={"essential": True},
            sub={"essential": True},
            **({"iss": named} if issuer else {}),
        )

    def person(self, authorization: str) -> str:
        """Who sends this `Authorization` header, safe to be part of a chat's name. Raises `Unverified` with
        what is wrong, and `BackendError` when the issuer's keys cannot be read."""
        name, until = self._known.get(authorization, ("", 0.0))
        if self._clock() >= until:
            name, until = self._verified(authorization), self._clock() + KNOWN_FOR
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            self._known[authorization] = name, until
        return name

    def _verified(self, authorization: str) -> str:
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unverified("a bearer token is missing")
        if len(token) > LONGEST_TOKEN or not token.isascii():
            raise Unverified("the token is not one")
        name = self._claims(token)["sub"]
        if len(name) > LONGEST_NAME:
            raise Unverified("the token's sub is too long")
        return quote(name, safe="@")

    def _claims(self, token: str) -> Claims:
        try:
            claims = self._signed(token)
            self._accepted.validate(claims)
        except ExpiredTokenError:
            raise Unverified("the token has expired") from None
        except ClaimError as error:
            raise Unverified(f"the token's {error.claim} is missing or not accepted") from None
        except (JoseError, ValueError, TypeError):
            raise Unverified("the token is not signed by whom we trust") from None
        return claims

    def _signed(self, token: str) -> Claims:
        try:
            return jwt.decode(token, self._keys.current(), algorithms=ALGORITHMS).claims
        except (InvalidKeyIdError, MissingKeyError):
            if not self._keys.newer():
                raise
            return jwt.decode(token, self._keys.current(), algorithms=ALGORITHMS).claims
