"""Connections of urllib3 under the clients of httpx2: reading a chunk costs a third of the processor time.

A model's answer comes in hundreds of chunks. urllib3 is there anyway: botocore's connections are its own.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.request import getproxies

import httpx2
import urllib3
from urllib3.connection import HTTPConnection
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NewConnectionError,
    ProtocolError,
    ReadTimeoutError,
    SSLError,
)

from repartee.tls import system_ssl_context

MAX_HOSTS = 16
MAX_KEPT_CONNECTIONS = 16
"""Connections to one host that are kept when nobody uses them."""

READ_BYTES = 65_536
"""Bytes of a body that are read at once, at the most."""

KEEP_ALIVE = (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)


def make_transport() -> httpx2.BaseTransport | None:
    """Returns the transport. None, which is httpx2's own, where the environment names a proxy."""
    return None if getproxies() else PooledTransport()


class PooledTransport(httpx2.BaseTransport):
    """Requests over connections that are kept. It neither retries nor follows redirects."""

    def __init__(self) -> None:
        self._pools = urllib3.PoolManager(
            MAX_HOSTS,
            maxsize=MAX_KEPT_CONNECTIONS,
            retries=False,
            ssl_context=system_ssl_context(),
            socket_options=[*HTTPConnection.default_socket_options, KEEP_ALIVE],
        )

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Sends the request. Raises the errors of httpx2's own transport."""
        limits = request.extensions.get("timeout", {})
        with _translated_errors(request):
            answer = self._pools.urlopen(
                request.method,
                str(request.url),
                body=request.read() or None,
                headers=urllib3.HTTPHeaderDict(request.headers.multi_items()),
                timeout=urllib3.Timeout(connect=limits.get("connect"), read=limits.get("read")),
                redirect=False,
                preload_content=False,
                decode_content=False,
            )
        return httpx2.Response(
            answer.status,
            headers=list(answer.headers.items()),
            stream=_ResponseBody(answer, request),
            extensions={"http_version": b"HTTP/1.1", "network_stream": _NetworkStream(answer)},
        )

    def close(self) -> None:
        """Closes the connections that nobody uses."""
        self._pools.clear()


class _ResponseBody(httpx2.SyncByteStream):
    """The bytes of an answer, as they come. A connection whose answer was not read to its end is closed."""

    def __init__(self, answer: urllib3.BaseHTTPResponse, request: httpx2.Request) -> None:
        self._answer, self._request = answer, request
        self._is_complete = False

    def __iter__(self) -> Iterator[bytes]:
        with _translated_errors(self._request):
            while chunk := self._answer.read1(READ_BYTES, decode_content=False):
                yield chunk
        self._is_complete = True

    def close(self) -> None:
        if not self._is_complete:
            self._answer.close()
        self._answer.release_conn()


class _NetworkStream:
    """Gives the socket of an answer, as httpx2's own extension does."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer

    def get_extra_info(self, info: str) -> Any:
        reader = getattr(self._answer._original_response, "fp", None)  # noqa: SLF001
        raw = getattr(reader, "raw", None)
        return getattr(raw, "_sock", None) if info == "socket" else None


@contextmanager
def _translated_errors(request: httpx2.Request) -> Iterator[None]:
    """Turns urllib3's errors into those of httpx2, whose texts hold no address."""
    try:
        yield
    except HTTPError as error:
        raise _error_class(error)(type(error).__name__, request=request) from error
    except OSError as error:  # a socket that was closed by another thread
        raise httpx2.ReadError(type(error).__name__, request=request) from error


def _error_class(error: HTTPError) -> type[httpx2.TransportError]:
    if isinstance(error, NewConnectionError | SSLError):  # the first is a late connection, too, to urllib3
        return httpx2.ConnectError
    if isinstance(error, ConnectTimeoutError):
        return httpx2.ConnectTimeout
    if isinstance(error, ReadTimeoutError):
        return httpx2.ReadTimeout
    return httpx2.RemoteProtocolError if isinstance(error, ProtocolError) else httpx2.ReadError
