"""Signing in with OpenID Connect: the authorization code flow with PKCE, at a provider that is discovered.

https://openid.net/specs/openid-connect-core-1_0.html#CodeFlowAuth, RFC 7636 (PKCE), RFC 9207 (iss)
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import quote, urlencode, urlsplit

import httpx2
import msgspec
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError, MissingKeyError
from joserfc.jwt import JWTClaimsRegistry

from repartee.channels.web.jwks import Jwks
from repartee.errors import Unauthorized, Unavailable

BACKEND = "login service"
ALGORITHMS = ("RS256", "PS256", "ES256")
"""The algorithms that an ID token may be signed with: never what the token itself would like."""

MAX_CLOCK_SKEW_SECONDS = 60
"""Seconds that the provider's clock may be off."""

MAX_TOKEN_AGE_SECONDS = 600.0
"""Seconds since an ID token was issued, after which it is not taken: it was asked for a moment ago."""

DISCOVERY_TTL_SECONDS = 3600.0
"""Seconds for which the provider's addresses are known."""

TIMEOUT_SECONDS, MAX_TOKEN_CHARS = 5.0, 32_768
LOOPBACK_HOSTS = frozenset({"127.0.0.1", "::1", "localhost"})

Decoded = TypeVar("Decoded")


class Provider(msgspec.Struct, frozen=True, kw_only=True):
    """The configuration that a provider publishes (OpenID Connect Discovery 1.0)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str = ""
    end_session_endpoint: str = ""
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    names_issuer: bool = msgspec.field(default=False, name="authorization_response_iss_parameter_supported")


class Tokens(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of the token endpoint."""

    id_token: str
    access_token: str = ""


class OidcClient:
    """One client of one provider. Keys and addresses are read when they are first needed."""

    def __init__(
        self,
        issuer: str,
        client_id: str,
        client_secret: str,
        scopes: str,
        clock: Callable[[], float],
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self._issuer, self._client_id, self._client_secret = issuer, client_id, client_secret
        self._scopes, self._clock, self._transport = scopes, clock, transport
        self._client = httpx2.Client(transport=transport, timeout=TIMEOUT_SECONDS)
        self._provider: Provider | None = None
        self._keys: Jwks | None = None
        self._read_at = float("-inf")

    def authorization_url(
        self, redirect_uri: str, state: str, nonce: str, verifier: str, *, silent: bool
    ) -> str:
        """Returns where an operator's browser is sent. `silent`: the provider must ask the person nothing."""
        asked = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": redirect_uri,
            "scope": self._scopes,
            "state": state,
            "nonce": nonce,
            "code_challenge": _challenge_of(verifier),
            "code_challenge_method": "S256",
            **({"prompt": "none"} if silent else {}),
        }
        return _with_query(self.read_provider().authorization_endpoint, asked)

    def end_session_url(self, target: str) -> str:
        """Returns where the provider's own session is ended; empty where it has no such page."""
        address = self.read_provider().end_session_endpoint
        if not address:
            return ""
        return _with_query(address, {"client_id": self._client_id, "post_logout_redirect_uri": target})

    def check_issuer(self, named: str) -> None:
        """Raises `Unauthorized` if an answer to the browser is of another provider (RFC 9207)."""
        provider = self.read_provider()
        if named != self._issuer and (named or provider.names_issuer):
            raise Unauthorized("the answer is of another login service")

    def redeem_code(self, code: str, redirect_uri: str, nonce: str, verifier: str) -> dict[str, Any]:
        """Returns the claims about the person for whom the provider gave the code, from the ID token and, as
        far as that does not say it, from the provider's page about the person. Raises `Unauthorized` if the
        code or a token is not accepted, and `Unavailable` if the provider cannot be reached."""
        tokens = self._fetch_tokens(code, redirect_uri, verifier)
        claims = self.verify_id_token(tokens.id_token, nonce)
        return self._fetch_user_claims(tokens.access_token, claims) | claims

    def verify_id_token(self, token: str, nonce: str) -> dict[str, Any]:
        """Returns the claims of an ID token (OpenID Connect Core, 3.1.3.7)."""
        if len(token) > MAX_TOKEN_CHARS:
            raise Unauthorized("the token is too long")
        accepted = JWTClaimsRegistry(
            now=lambda: int(self._clock()),
            leeway=MAX_CLOCK_SKEW_SECONDS,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": self._client_id},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            claims = self._verify_signature(token)
            accepted.validate(claims)
        except (JoseError, ValueError, TypeError) as error:
            raise Unauthorized(
                f"the login service's token is not accepted ({type(error).__name__})"
            ) from None
        self._check_party(claims)
        if self._clock() - claims["iat"] > MAX_TOKEN_AGE_SECONDS:
            raise Unauthorized("the login service's token is too old")
        return claims

    def _check_party(self, claims: Mapping[str, Any]) -> None:
        party = claims.get("azp")
        is_for_several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if party != self._client_id and (party is not None or is_for_several):
            raise Unauthorized("the login service's token is for another application")

    def read_provider(self) -> Provider:
        """Returns the provider's addresses. Known ones stand while it cannot be reached."""
        if self._provider and self._clock() - self._read_at < DISCOVERY_TTL_SECONDS:
            return self._provider
        try:
            provider = self._fetch_provider()
        except Unavailable:
            if self._provider is None:
                raise
            return self._provider
        if self._provider is None or self._provider.jwks_uri != provider.jwks_uri:
            self._keys = Jwks(provider.jwks_uri, self._clock, self._transport)
        self._provider, self._read_at = provider, self._clock()
        return provider

    def _fetch_provider(self) -> Provider:
        address = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
        provider = self._call("GET", address, Provider)
        if provider.issuer != self._issuer:
            raise Unavailable(BACKEND, "its configuration is of another issuer than CONSOLE_ISSUER")
        used = (provider.authorization_endpoint, provider.token_endpoint, provider.jwks_uri)
        optional = (provider.userinfo_endpoint, provider.end_session_endpoint)
        if not all(_is_safe(url) for url in (*used, *filter(None, optional))):
            raise Unavailable(BACKEND, "its configuration names an address without https")
        return provider

    def _fetch_tokens(self, code: str, redirect_uri: str, verifier: str) -> Tokens:
        provider = self.read_provider()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        headers = {}
        if not self._client_secret or "client_secret_basic" not in (
            provider.token_endpoint_auth_methods_supported
        ):
            form["client_id"] = self._client_id
            form |= {"client_secret": self._client_secret} if self._client_secret else {}
        else:  # RFC 6749, 2.3.1: both are form-encoded first
            pair = f"{quote(self._client_id, safe='')}:{quote(self._client_secret, safe='')}"
            headers["authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        return self._call("POST", provider.token_endpoint, Tokens, data=form, headers=headers)

    def _fetch_user_claims(self, access_token: str, claims: Mapping[str, Any]) -> dict[str, Any]:
        """Returns what the provider tells of the person: many give groups and addresses there alone."""
        address = self.read_provider().userinfo_endpoint
        if not address or not access_token:
            return {}
        headers = {"authorization": f"Bearer {access_token}"}
        told = self._call("GET", address, dict[str, Any], headers=headers)
        if told.get("sub") != claims["sub"]:
            raise Unauthorized("the login service tells of another person")
        return told

    def _verify_signature(self, token: str) -> dict[str, Any]:
        self.read_provider()
        keys = self._keys
        assert keys
        try:
            return dict(jwt.decode(token, keys.current_keys(), algorithms=ALGORITHMS).claims)
        except (InvalidKeyIdError, MissingKeyError):  # the provider may have changed its keys
            if not keys.refresh_keys():
                raise
            return dict(jwt.decode(token, keys.current_keys(), algorithms=ALGORITHMS).claims)

    def _call(self, method: str, address: str, kind: type[Decoded], **options: Any) -> Decoded:
        try:
            answer = self._client.request(method, address, **options)
        except httpx2.HTTPError as error:
            raise Unavailable(BACKEND, type(error).__name__) from error
        if 400 <= answer.status_code < 500 and method == "POST":
            raise Unauthorized("the login service did not take the code")
        if answer.status_code != 200:
            raise Unavailable(BACKEND, f"HTTP {answer.status_code}")
        try:
            return msgspec.json.decode(answer.content, type=kind)
        except msgspec.DecodeError as error:
            raise Unavailable(BACKEND, "an answer of it cannot be read") from error


def _challenge_of(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _is_safe(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK_HOSTS)


def _with_query(address: str, parameters: Mapping[str, str]) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(parameters)}"
