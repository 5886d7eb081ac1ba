"""Encrypts recordings with AES-GCM, under a key that is derived from a secret of the operator."""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE_BYTES = 12
KEY_BYTES = 32
MIN_SECRET_CHARS = 32
"""Characters that the secret must have at least: it is long and random, not a password."""


class CannotDecrypt(Exception):
    """The recording was encrypted with another key, moved to another place, or changed."""


class RecordingCipher:
    """Encrypts texts for a place (a room and a sort key). What is moved to another place cannot be read."""

    def __init__(self, secret: str) -> None:
        if len(secret) < MIN_SECRET_CHARS:
            raise ValueError(f"RECORDINGS_KEY has fewer than {MIN_SECRET_CHARS} characters")
        key = HKDF(SHA256(), KEY_BYTES, salt=None, info=b"repartee recordings").derive(secret.encode())
        self._aead = AESGCM(key)

    def encrypt(self, content: bytes, place: str) -> bytes:
        """Returns a random nonce, and the content encrypted and authenticated with the place."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, content, place.encode())

    def decrypt(self, sealed: bytes, place: str) -> bytes:
        """Returns the content. Raises `CannotDecrypt`."""
        try:
            return self._aead.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place.encode())
        except (InvalidTag, ValueError):
            raise CannotDecrypt(place) from None
