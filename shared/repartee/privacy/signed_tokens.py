"""Signed tokens for links: what a link is for and about, which nobody can change or make without the key."""

from __future__ import annotations

import base64
import binascii
import hmac

import msgspec

from repartee.errors import Unauthorized

SIGNATURE_BYTES = 16
"""Bytes of a signature: 128 bits of HMAC-SHA256."""

ID_BYTES = 12
"""Bytes of a name: 96 bits."""

MAX_TOKEN_CHARS = 2_000
"""Characters that are looked at: a longer token is none of ours."""


class TokenContent(msgspec.Struct, frozen=True, array_like=True):
    """The content of a token: its purpose, what it is about, and until when it is good (epoch seconds), 0 for
    always."""

    purpose: str
    about: tuple[str, ...]
    until: float = 0.0


class TokenSigner:
    """Signs tokens and reads them. Keys other than the first only read: those before a rotation."""

    def __init__(self, *keys: str) -> None:
        self._keys = [key.encode() for key in keys if key]

    def sign(self, purpose: str, *about: str, until: float = 0.0) -> str:
        """Returns a token of letters, digits, `-`, `_` and one dot."""
        content = msgspec.json.encode(TokenContent(purpose, about, until))
        return f"{_encode(content)}.{_encode(_signature(self._keys[0], content))}"

    def make_id(self, purpose: str, *about: str) -> str:
        """Returns a name for something, from which nobody can tell what it is: the same under the same
        key."""
        content = msgspec.json.encode(TokenContent(purpose, about))
        return _encode(hmac.digest(self._keys[0], b"id:" + content, "sha256")[:ID_BYTES])

    def read(self, token: str, purpose: str, now: float) -> tuple[str, ...]:
        """Returns what the token is about. Raises `Unauthorized` for one that is not ours, is for something
        else, or is over."""
        content, signature = _decode(token[:MAX_TOKEN_CHARS])
        if not any(hmac.compare_digest(_signature(key, content), signature) for key in self._keys):
            raise Unauthorized("the link is not valid")
        said = msgspec.json.decode(content, type=TokenContent)
        if said.purpose != purpose or (said.until and said.until <= now):
            raise Unauthorized("the link is over")
        return said.about


def _signature(key: bytes, content: bytes) -> bytes:
    return hmac.digest(key, b"link:" + content, "sha256")[:SIGNATURE_BYTES]


def _encode(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def _decode(token: str) -> tuple[bytes, bytes]:
    try:
        content, signature = (
            base64.b64decode(part + "=" * (-len(part) % 4), b"-_", validate=True) for part in token.split(".")
        )
    except (ValueError, binascii.Error):
        raise Unauthorized("the link is not valid") from None
    return content, signature
