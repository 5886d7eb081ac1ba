"""Events go to public addresses alone, and to the one that was checked."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

import httpx2
import pytest

from repartee.domain.desk import DeskConfig, DeskWebhook, list_problems
from repartee.domain.public_address import is_public_address, is_public_host
from repartee.language.catalogue import LANGUAGES
from repartee.services import webhook_sender
from repartee.services.webhook_sender import HttpEventSender

URL = "https://service.example.com/hook"
NOW = 1_789_000_000.0

PRIVATE = [
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fd00:ec2::254",
    "fec0::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::",
    "2001:0:a00:1::",
    "nonsense",
]
PUBLIC = ["93.184.216.34", "1.1.1.1", "2606:2800:220:1:248:1893:25c8:1946"]


@pytest.mark.parametrize("address", PRIVATE)
def test_a_private_address_is_none_of_the_internet(address: str) -> None:
    """In whatever way it is written, or wrapped into another."""
    assert not is_public_address(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_one(address: str) -> None:
    """Of IPv4 or of IPv6."""
    assert is_public_address(address)


@pytest.mark.parametrize(
    "host", ["localhost", "db.internal", "printer.local", "router", "0x7f.1", "2130706433", "127.1", "[::1]"]
)
def test_a_host_may_be_known_as_private_by_its_name(host: str) -> None:
    """A configuration that names one is refused, before anything is sent."""
    webhook = DeskWebhook(url=f"https://{host}/hook", secret="s")
    problems = list_problems(DeskConfig(number="web", name="Lumen", webhooks=(webhook,)), LANGUAGES)

    assert not is_public_host(host.strip("[]"))
    assert len(problems) == 1


class Wire(httpx2.BaseTransport):
    """The network, which notes what is connected to, and answers."""

    def __init__(self, answer: httpx2.Response | Exception | None = None) -> None:
        self.answer = answer or httpx2.Response(204)
        self.requests: list[httpx2.Request] = []

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def make_sender(wire: httpx2.BaseTransport, *addresses: str, loopback: bool = False) -> HttpEventSender:
    def resolve(host: str, port: int) -> Sequence[str]:
        return addresses

    return HttpEventSender(lambda: NOW, resolve, wire, allows_loopback_http=loopback)


@pytest.mark.parametrize("addresses", [("10.0.0.1",), ("93.184.216.34", "169.254.169.254"), ()])
def test_nothing_is_sent_where_a_name_leads_to_a_private_address(addresses: tuple[str, ...]) -> None:
    """Nor where it leads to a public one besides: nobody knows which would be taken."""
    wire = Wire()

    result = make_sender(wire, *addresses).post(URL, {}, b"{}")

    assert (result.status, wire.requests) == (0, [])
    assert "not public" in result.problem


@pytest.mark.parametrize(
    "url", ["http://service.example.com/", "http://127.0.0.1:1/", "https://user:pw@service.example.com/"]
)
def test_nothing_is_sent_but_by_https(url: str) -> None:
    """The exception for a receiver on this machine is the local stack's, and only for that."""
    wire = Wire()

    assert make_sender(wire, "93.184.216.34").post(url, {}, b"{}").status == 0
    assert make_sender(wire, "93.184.216.34", loopback=True).post("http://10.0.0.1/", {}, b"").status == 0
    assert make_sender(wire, "93.184.216.34", loopback=True).post("http://localhost/", {}, b"").status == 0
    assert wire.requests == []
    assert make_sender(wire, loopback=True).post("http://127.0.0.1:9/", {}, b"").status == 204


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"])
def test_the_connection_goes_to_the_address_that_was_checked(address: str) -> None:
    """Under the name of the receiver, for its certificate and for the server behind it."""
    wire = Wire()

    result = make_sender(wire, address).post(f"{URL}?a=1", {"webhook-id": "evt_1"}, b'{"a":1}')

    (request,) = wire.requests
    assert result.status == 204
    assert (request.url.host, request.url.path, request.url.query) == (address, "/hook", b"a=1")
    assert request.headers["host"] == "service.example.com"
    assert request.extensions["sni_hostname"] == "service.example.com"
    assert (request.headers["webhook-id"], request.read()) == ("evt_1", b'{"a":1}')


def test_a_name_is_looked_up_once() -> None:
    """What it leads to a moment later changes nothing."""
    asked: list[str] = []

    def resolve(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return ["93.184.216.34"] if len(asked) == 1 else ["127.0.0.1"]

    wire = Wire()
    HttpEventSender(lambda: NOW, resolve, wire).post(URL, {}, b"")

    assert asked == ["service.example.com"]
    assert [request.url.host for request in wire.requests] == ["93.184.216.34"]


def test_a_redirect_is_not_followed() -> None:
    """It counts as an answer that is no success."""
    wire = Wire(httpx2.Response(302, headers={"location": "http://169.254.169.254/"}))

    result = make_sender(wire, "93.184.216.34").post(URL, {}, b"")

    assert (result.status, result.is_taken, len(wire.requests)) == (302, False, 1)


@pytest.mark.parametrize(
    "asked,seconds",
    [
        ("120", 120.0),
        ("", 0.0),
        ("soon", 0.0),
        ("-5", 0.0),
        ("Thu, 10 Sep 2026 00:27:40 GMT", 60.0),
        ("Thu, 10 Sep 2020 00:27:40 GMT", 0.0),
    ],
)
def test_a_receiver_says_when_it_may_be_called_again(asked: str, seconds: float) -> None:
    """In seconds, or by a date; what cannot be read says nothing."""
    wire = Wire(httpx2.Response(503, headers={"retry-after": asked}))

    assert make_sender(wire, "93.184.216.34").post(URL, {}, b"").retry_after_seconds == seconds


@pytest.mark.parametrize("error", [httpx2.ConnectError("x"), httpx2.ReadTimeout("x"), OSError("x")])
def test_what_the_network_does_is_a_result(error: Exception) -> None:
    """With its kind, and no address."""
    assert make_sender(Wire(error), "93.184.216.34").post(URL, {}, b"").problem == type(error).__name__


def test_a_receiver_that_speaks_slowly_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """However it keeps the connection alive."""
    monkeypatch.setattr(webhook_sender, "TOTAL_SECONDS", 0.05)
    over = threading.Event()

    class SlowWire(Wire):
        def handle_request(self, request: httpx2.Request) -> httpx2.Response:
            over.wait(5.0)
            return httpx2.Response(204)

    began = time.monotonic()
    result = make_sender(SlowWire(), "93.184.216.34").post(URL, {}, b"")
    over.set()

    assert result.problem == "no answer in time"
    assert time.monotonic() - began < 2.0
