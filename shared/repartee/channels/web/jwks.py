"""The public keys by which tokens are verified, as their issuer publishes them (RFC 7517)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from threading import Lock
from typing import Any

import httpx2
import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, KeySet, RSAKey

from repartee.errors import BackendError, Unavailable

BACKEND = "issuer"

KEYS_TTL_SECONDS = 3600.0
"""Seconds after which the keys are read again."""

MIN_REFRESH_INTERVAL_SECONDS = 60.0
"""Seconds between two readings, whatever keys strangers' tokens claim to be signed with."""


MIN_RSA_BITS = 2048
"""Bits of an RSA key by RFC 7518, 3.3: a shorter one can be factored, and its tokens forged."""


class JwkSet(msgspec.Struct):
    """A JWK set, whose keys may be of kinds that we do not know."""

    keys: list[dict[str, Any]]


class Jwks:
    """The issuer's keys. Known ones stand while the issuer cannot be reached."""

    def __init__(
        self, url: str, clock: Callable[[], float], transport: httpx2.BaseTransport | None = None
    ) -> None:
        self._url, self._clock = url, clock
        self._client = httpx2.Client(transport=transport, timeout=httpx2.Timeout(3.0, connect=2.0))
        self._known = KeySet([])
        self._read_at = self._tried_at = float("-inf")
        self._reading = Lock()

    def current_keys(self) -> KeySet:
        """The keys. Raises `BackendError` when there are none because the issuer cannot be reached."""
        with self._reading:
            if self._clock() - self._read_at >= KEYS_TTL_SECONDS:
                self._refresh_if_due()
            return self._known

    def refresh_keys(self) -> bool:
        """Reads the keys again because one is missing. False if that was done a moment ago."""
        with self._reading:
            if self._clock() - self._tried_at < MIN_REFRESH_INTERVAL_SECONDS:
                return False
            self._refresh_if_due()
            return True

    def _refresh_if_due(self) -> None:
        """Reads the keys, if it is time to try."""
        if self._known and self._clock() - self._tried_at < MIN_REFRESH_INTERVAL_SECONDS:
            return
        self._tried_at = self._clock()
        try:
            self._known = self._fetch_keys()
        except BackendError:
            if not self._known:
                raise
        else:
            self._read_at = self._tried_at

    def _fetch_keys(self) -> KeySet:
        try:
            answer = self._client.get(self._url)
        except httpx2.HTTPError as error:
            raise Unavailable(BACKEND, type(error).__name__) from error
        if answer.status_code != 200:
            raise Unavailable(BACKEND, f"HTTP {answer.status_code}")
        try:
            published = msgspec.json.decode(answer.content, type=JwkSet)
        except msgspec.DecodeError as error:
            raise Unavailable(BACKEND, "what it publishes is no set of keys") from error
        return _import_usable_keys(published)


def _import_usable_keys(published: JwkSet) -> KeySet:
    """The keys that can be used. One that cannot must not stop the others from being used."""
    keys = []
    for key in published.keys:
        with suppress(JoseError, ValueError, TypeError):
            imported = JWKRegistry.import_key(key)
            if not isinstance(imported, RSAKey) or _rsa_bits(imported) >= MIN_RSA_BITS:
                keys.append(imported)
    return KeySet(keys)


def _rsa_bits(key: RSAKey) -> int:
    return key.public_key.key_size
