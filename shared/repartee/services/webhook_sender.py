"""Sends events to their receivers: to public addresses alone, whatever the name of one leads to.

A name is looked up once. The connection goes to the address that was checked, under the receiver's name for
TLS and for the server: what the name leads to a moment later changes nothing. No redirect is followed, no
proxy is asked, and no connection is shared between names.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import closing
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx2

from repartee.domain.public_address import is_public_address
from repartee.ports.outbox import PostResult
from repartee.tls import system_ssl_context

USER_AGENT = "Repartee-Webhooks/1"
CONNECT_SECONDS, SILENCE_SECONDS = 4.0, 8.0
TOTAL_SECONDS = 9.0
"""Seconds for an attempt as a whole, however slowly the receiver speaks."""

MAX_ATTEMPT_THREADS = 4
"""Attempts of a process that may go on at once: those that took too long end by themselves soon after."""

LOOPBACK_HOST = "127.0.0.1"

Resolve = Callable[[str, int], Sequence[str]]
"""Returns the addresses that a host has. Raises `OSError`."""


def resolve_host(host: str, port: int) -> Sequence[str]:
    """Returns the addresses of a host, from the system's resolver."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


class AddressRefused(Exception):
    """The address is none that events are sent to."""


class HttpEventSender:
    """`ports.EventSender` over HTTPS. `allows_loopback_http` is for the local stack, whose receiver listens
    on this machine without a certificate; nothing but its wiring sets it."""

    def __init__(
        self,
        clock: Callable[[], float],
        resolve: Resolve = resolve_host,
        transport: httpx2.BaseTransport | None = None,
        *,
        allows_loopback_http: bool = False,
    ) -> None:
        self._clock, self._resolve = clock, resolve
        self._transport, self._allows_loopback_http = transport, allows_loopback_http
        self._threads = ThreadPoolExecutor(MAX_ATTEMPT_THREADS, "webhook")

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> PostResult:
        client = self._make_client()
        attempt = self._threads.submit(self._post, client, url, headers, body)
        try:
            return attempt.result(TOTAL_SECONDS)
        except FutureTimeoutError:
            return PostResult(0, "no answer in time")
        except AddressRefused as refused:
            return PostResult(0, str(refused))
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError) as failure:
            return PostResult(0, type(failure).__name__)
        finally:
            attempt.cancel()
            client.close()  # an attempt that goes on has its connection taken away

    def _post(self, client: httpx2.Client, url: str, headers: Mapping[str, str], body: bytes) -> PostResult:
        address, host = self._checked_address(httpx2.URL(url))
        request = client.build_request(
            "POST",
            address,
            content=body,
            headers={"content-type": "application/json", **headers, "host": host},
            extensions={"sni_hostname": httpx2.URL(url).host},
        )
        response = client.send(request, stream=True)  # its body is of no interest
        with closing(response):
            return PostResult(response.status_code, "", self._retry_after_seconds(response))

    def _checked_address(self, url: httpx2.URL) -> tuple[httpx2.URL, str]:
        """Returns the address to connect to, and the name of the server. Raises `AddressRefused`."""
        host = url.netloc.decode()
        if self._allows_loopback_http and url.scheme == "http" and url.host == LOOPBACK_HOST:
            return url, host
        if url.scheme != "https" or url.userinfo:
            raise AddressRefused("its address is not one of HTTPS")
        found = self._resolve(url.host, url.port or 443)
        if not found or not all(map(is_public_address, found)):
            raise AddressRefused("its name leads to an address that is not public")
        return url.copy_with(host=found[0]), host

    def _make_client(self) -> httpx2.Client:
        transport = self._transport or httpx2.HTTPTransport(verify=system_ssl_context(), retries=0)
        return httpx2.Client(
            transport=transport,
            trust_env=False,
            follow_redirects=False,
            timeout=httpx2.Timeout(SILENCE_SECONDS, connect=CONNECT_SECONDS),
            headers={"user-agent": USER_AGENT},
        )

    def _retry_after_seconds(self, response: httpx2.Response) -> float:
        """Returns for how long the receiver asks not to be called: as seconds, or as a date."""
        asked = response.headers.get("retry-after", "").strip()
        if asked.isascii() and asked.isdigit():
            return float(asked)
        try:
            at = parsedate_to_datetime(asked)
        except ValueError:
            return 0.0
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return max(0.0, (at - datetime.fromtimestamp(self._clock(), UTC)).total_seconds())
