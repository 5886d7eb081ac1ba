"""HTTP to the platforms: what their clients have in common."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from typing import Any

import httpx2
import msgspec

from repartee.errors import DeadlineExceeded, PayloadTooLarge, Unavailable
from repartee.http_transport import make_transport
from repartee.tls import system_ssl_context


def make_http_client(base_url: str = "", transport: httpx2.BaseTransport | None = None) -> httpx2.Client:
    """A client whose connections are kept, and which waits for no platform longer than ten seconds."""
    return httpx2.Client(
        base_url=base_url,
        transport=transport or make_transport(),
        verify=system_ssl_context(),
        timeout=httpx2.Timeout(10.0, connect=2.0),
        limits=httpx2.Limits(max_keepalive_connections=4),
    )


def encode_form_fields(arguments: Mapping[str, Any]) -> dict[str, str]:
    """A call's arguments as a form has them: those that are given, and as JSON what has structure."""
    given = {name: value for name, value in arguments.items() if value is not None}
    return {
        name: value if isinstance(value, str) else msgspec.json.encode(value).decode()
        for name, value in given.items()
    }


@contextmanager
def translate_http_errors(backend: str) -> Iterator[None]:
    """Turns the client's errors into ours, without the address, which may hold a token."""
    try:
        yield
    except httpx2.ConnectTimeout as error:
        raise Unavailable(backend, "connect timeout") from error
    except httpx2.TimeoutException as error:
        raise DeadlineExceeded(backend, type(error).__name__) from error
    except httpx2.HTTPError as error:
        raise Unavailable(backend, type(error).__name__) from error


def retry_after_seconds(response: httpx2.Response) -> float | None:
    """After how many seconds the platform may be asked again: `Retry-After`, in seconds or as a date. None
    where it does not say."""
    told = response.headers.get("Retry-After", "").strip()
    if told.replace(".", "", 1).isdecimal():
        return float(told)
    try:
        return max(0.0, parsedate_to_datetime(told).timestamp() - time.time()) if told else None
    except ValueError:
        return None


def read_bounded_body(response: httpx2.Response, max_bytes: int) -> bytes:
    """The body of a streamed answer. Raises `TooLarge` past so many bytes, without reading on."""
    content = bytearray()
    for piece in response.iter_bytes():
        content += piece
        if len(content) > max_bytes:
            raise payload_too_large(max_bytes)
    return bytes(content)


def payload_too_large(max_bytes: int) -> PayloadTooLarge:
    """Returns the error for a file that has more than so many bytes."""
    return PayloadTooLarge(
        f"a file of more than {max_bytes / 2**20:.0f} MB: send a smaller one, or a part of it"
    )
