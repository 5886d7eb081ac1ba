"""The transport of httpx2's clients on urllib3's connections, against a server of its own."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx2
import pytest

from repartee.http_transport import PooledTransport, make_transport


class Answers(BaseHTTPRequestHandler):
    """Answers by path. `may_go_on` lets a chunked answer go on, `connections` are the peers that came."""

    protocol_version = "HTTP/1.1"
    may_go_on: threading.Event
    connections: set[Any]

    def do_GET(self) -> None:
        self.connections.add(self.client_address)
        if self.path == "/broken":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
            self.close_connection = True
        elif self.path == "/silent":
            self.may_go_on.wait(5)
            self.close_connection = True
        elif self.path == "/chunks":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n")
            self.may_go_on.wait(5)
            self.wfile.write(b"6\r\nsecond\r\n0\r\n\r\n")
        elif self.path == "/moved":
            self.wfile.write(b"HTTP/1.1 302 Found\r\nLocation: /whole\r\nContent-Length: 0\r\n\r\n")
        else:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n")
            self.wfile.write(b"Content-Length: 5\r\n\r\nwhole")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))

    def log_message(self, *_: Any) -> None:
        """Says nothing of each request."""


@pytest.fixture
def handler() -> type[Answers]:
    return type("Answered", (Answers,), {"may_go_on": threading.Event(), "connections": set()})


@pytest.fixture
def client(handler: type[Answers]) -> Iterator[httpx2.Client]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    with httpx2.Client(base_url=url, transport=PooledTransport(), timeout=3.0) as client:
        yield client
    handler.may_go_on.set()
    server.shutdown()
    server.server_close()


def test_bodies_and_headers_come_as_they_are(client: httpx2.Client) -> None:
    """What is sent arrives whole, and every header of an answer is there."""
    assert client.post("/echo", content="grüße".encode()).text == "grüße"
    answer = client.get("/whole")
    assert answer.text == "whole"
    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]


def test_connections_are_kept(client: httpx2.Client, handler: type[Answers]) -> None:
    """Requests one after another share a connection."""
    for _ in range(3):
        client.get("/whole")
    assert len(handler.connections) == 1


def test_a_chunk_is_read_as_soon_as_it_is_there(client: httpx2.Client, handler: type[Answers]) -> None:
    """A stream is given piece by piece, not when it is over."""
    with client.stream("GET", "/chunks") as answer:
        chunks = answer.iter_bytes()
        assert next(chunks) == b"first"
        handler.may_go_on.set()
        assert b"".join(chunks) == b"second"


def test_a_stream_that_was_left_does_not_spoil_the_next_request(
    client: httpx2.Client, handler: type[Answers]
) -> None:
    """What was not read of an answer is not taken for another's."""
    with client.stream("GET", "/chunks") as answer:
        next(answer.iter_bytes())
    handler.may_go_on.set()
    assert client.get("/whole").text == "whole"


def test_another_thread_can_end_a_stream(client: httpx2.Client) -> None:
    """Who waits for a silent stream is woken when its socket ends."""
    with client.stream("GET", "/chunks") as answer:
        chunks = answer.iter_bytes()
        next(chunks)
        connection = answer.extensions["network_stream"].get_extra_info("socket")
        threading.Timer(0.05, socket.socket.shutdown, (connection, socket.SHUT_RDWR)).start()
        with pytest.raises(httpx2.TransportError):
            next(chunks)


def test_errors_are_those_of_the_client(client: httpx2.Client) -> None:
    """A late answer, a broken one and a server that is not there are told apart, without an address."""
    with pytest.raises(httpx2.ReadTimeout):
        client.get("/silent", timeout=0.05)
    with pytest.raises(httpx2.TransportError):
        client.get("/broken")
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(httpx2.ConnectError) as refused:
        client.get(f"http://127.0.0.1:{port}/")
    assert "127.0.0.1" not in str(refused.value)


def test_redirects_are_the_clients_matter(client: httpx2.Client) -> None:
    """The transport follows none: a token is not carried elsewhere."""
    assert client.get("/moved").status_code == 302


def test_a_proxy_is_left_to_the_client(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the environment names a proxy, httpx2 connects as it does by itself."""
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    assert make_transport() is None
