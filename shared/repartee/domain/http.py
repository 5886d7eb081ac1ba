"""HTTP as the domain sees it: a request, a response, and JSON bodies as structs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from repartee.errors import InvalidPayload, RequestRejected

PayloadT = TypeVar("PayloadT")


class HttpRequest(msgspec.Struct, frozen=True):
    """An HTTP request: header names in lower case, the raw body, and when it came (`at`, epoch seconds)."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    received_at: float
    correlation: str
    query: Mapping[str, str] = {}


class HttpResponse(msgspec.Struct, frozen=True):
    """An HTTP response. `retry_after` is when the request may come again, in seconds, 0 if nobody can say.
    `headers` are those besides the type of its content."""

    status: int
    body: str = ""
    content_type: str = "application/json"
    retry_after_seconds: float = 0.0
    headers: Mapping[str, str] = {}


def error_response(refusal: RequestRejected) -> HttpResponse:
    """Returns the error response."""
    return HttpResponse(
        refusal.status, encode_json({"error": str(refusal)}), retry_after_seconds=refusal.retry_after
    )


def decode_json(body: bytes, payload_type: type[PayloadT]) -> PayloadT:
    """Returns a JSON body as a struct. Raises `InvalidPayload`, which names the field and never quotes a
    value."""
    try:
        return msgspec.json.decode(body, type=payload_type)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidPayload(f"cannot be read: {error}") from None


def encode_json(value: object) -> str:
    """Returns a value as the JSON text of a request's or a response's body."""
    return msgspec.json.encode(value).decode()
