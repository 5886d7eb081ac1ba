"""Bearer tokens (RFC 6750): whose request it is.

joserfc verifies them: it comes with the messages store's client anyway, so it costs no byte and no import.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import quote

from joserfc import jwt
from joserfc.errors import ClaimError, ExpiredTokenError, InvalidKeyIdError, JoseError, MissingKeyError
from joserfc.jwt import Claims, ClaimsOption, JWTClaimsRegistry

from repartee.channels.web.jwks import Jwks
from repartee.errors import Unauthorized
from repartee.privacy.identifiers import IdentifierHasher

ALGORITHMS = ("RS256", "PS256", "ES256")
"""The algorithms that a token may be signed with: never what the token itself would like."""

MAX_CLOCK_SKEW_SECONDS = 60
"""Seconds that the issuer's clock may be off."""

VERIFIED_TTL_SECONDS, MAX_VERIFIED_TOKENS = 1.0, 1000
"""Seconds for which a token is not verified again, as a request asks twice; and how many are known then."""

MAX_TOKEN_CHARS = 8192
MAX_SUBJECT_CHARS = 255
"""Characters of a `sub`, by OpenID Connect."""


class _Subject(NamedTuple):
    """Of whom a token is: the person as they are known here, and the domain of their address."""

    person: str
    email_domain: str


class BearerTokens:
    """Verifies tokens for one audience, of whoever has the keys, or of the `issuer` that is named."""

    def __init__(
        self,
        keys: Jwks,
        audience: str,
        clock: Callable[[], float],
        identifiers: IdentifierHasher,
        issuer: str = "",
    ) -> None:
        self._keys, self._clock, self._identifiers = keys, clock, identifiers
        self._known: dict[str, tuple[_Subject, float]] = {}
        named: ClaimsOption = {"essential": True, "value": issuer}
        self._accepted = JWTClaimsRegistry(
            now=lambda: int(clock()),
            leeway=MAX_CLOCK_SKEW_SECONDS,
            aud={"essential": True, "value": audience},
            exp={"essential": True},
            sub={"essential": True},
            **({"iss": named} if issuer else {}),
        )

    def verify_person(self, authorization: str) -> str:
        """Who sends this `Authorization` header, safe to be part of a chat's name: an address or a number is
        hashed. Raises `Unauthorized` with what is wrong, and `BackendError` when the issuer's keys cannot be
        read."""
        return self._find_subject(authorization).person

    def read_email_domain(self, authorization: str) -> str:
        """The domain of the address that the sender is called by. Empty where they are called otherwise."""
        return self._find_subject(authorization).email_domain

    def _find_subject(self, authorization: str) -> _Subject:
        subject, until = self._known.get(authorization, (_Subject("", ""), 0.0))
        if self._clock() >= until:
            subject, until = self._verify_token(authorization), self._clock() + VERIFIED_TTL_SECONDS
            if len(self._known) >= MAX_VERIFIED_TOKENS:
                self._known.clear()
            self._known[authorization] = subject, until
        return subject

    def _verify_token(self, authorization: str) -> _Subject:
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthorized("a bearer token is missing")
        if len(token) > MAX_TOKEN_CHARS or not token.isascii():
            raise Unauthorized("the token is not one")
        name = self._validate_claims(token)["sub"]
        if len(name) > MAX_SUBJECT_CHARS:
            raise Unauthorized("the token's sub is too long")
        try:
            person = self._identifiers.hash_personal_id("web", quote(name, safe="@"))
        except UnicodeEncodeError:  # half of a surrogate pair, which JSON can hold and UTF-8 cannot
            raise Unauthorized("the token's sub is not a text") from None
        local_part, _, domain = name.rpartition("@")
        return _Subject(person, domain.lower() if local_part else "")

    def _validate_claims(self, token: str) -> Claims:
        try:
            claims = self._verify_signature(token)
            self._accepted.validate(claims)
        except ExpiredTokenError:
            raise Unauthorized("the token has expired") from None
        except ClaimError as error:
            raise Unauthorized(f"the token's {error.claim} is missing or not accepted") from None
        except (JoseError, ValueError, TypeError):
            raise Unauthorized("the token is not signed by whom we trust") from None
        return claims

    def _verify_signature(self, token: str) -> Claims:
        try:
            return jwt.decode(token, self._keys.current_keys(), algorithms=ALGORITHMS).claims
        except (InvalidKeyIdError, MissingKeyError):
            if not self._keys.refresh_keys():
                raise
            return jwt.decode(token, self._keys.current_keys(), algorithms=ALGORITHMS).claims
