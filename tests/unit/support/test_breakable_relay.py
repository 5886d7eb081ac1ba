"""A relay to a server that can be down for a while."""

from __future__ import annotations

import socket
import threading

import pytest

from support.breakable_relay import HOST, BreakableRelay


def test_while_it_is_broken_no_connection_is_served() -> None:
    """A broken relay resets what connects, and serves again when it is whole."""
    server = socket.create_server((HOST, 0))
    threading.Thread(target=echo_one, args=(server,), daemon=True).start()
    relay = BreakableRelay(server.getsockname()[1])
    relay.is_broken = True
    with pytest.raises(OSError, match=r"reset|refused|aborted"):
        call(relay.port)

    relay.is_broken = False

    assert call(relay.port) == b"heard"
    relay.close()
    server.close()


def call(port: int) -> bytes:
    """Sends something through the relay. Returns the answer."""
    with socket.create_connection((HOST, port), timeout=5) as connection:
        connection.sendall(b"heard")
        answer = connection.recv(16)
        if not answer:
            raise ConnectionResetError("reset without an answer")
        return answer


def echo_one(server: socket.socket) -> None:
    """Answers one connection with what it sends."""
    connection, _ = server.accept()
    connection.sendall(connection.recv(16))
