"""The stand-in for Slack's Socket Mode: a WebSocket server that sends envelopes and takes acknowledgements.

As Slack does it (docs.slack.dev/apis/events-api/using-socket-mode): `hello` first, an envelope for each
event, which is sent again on a connection that opens while it is not acknowledged, and `disconnect` before
Slack closes a connection. What a client may not do (an unmasked frame, an answer that is no JSON) ends it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from local.server_processes import LOOPBACK

WEBSOCKET_KEY = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT_OPCODE_NUMBER, CLOSE_OPCODE_NUMBER, PING_OPCODE_NUMBER, PONG_OPCODE_NUMBER = 0x1, 0x8, 0x9, 0xA
FINAL_BIT_NUMBER, MASK_BIT_NUMBER, LENGTH_BITS_NUMBER = 0x80, 0x80, 0x7F
TWO_BYTE_LENGTH_CODE, EIGHT_BYTE_LENGTH_CODE = 126, 127


class SlackSocketStandIn:
    """Socket Mode of one app. For many threads. `acknowledged` are the envelopes that were, in order, with
    the payloads of their acknowledgements; `connections` counts those that were opened."""

    def __init__(self) -> None:
        self._lock = threading.Condition()
        self._open: list[_Connection] = []
        self._waiting: dict[str, dict[str, Any]] = {}
        self.acknowledged: list[tuple[str, Any]] = []
        self.connections = 0

    def send(self, envelope_id: str, kind: str, payload: dict[str, Any]) -> None:
        """Sends an envelope on the newest connection, and again on each that opens until it is
        acknowledged."""
        envelope = {
            "envelope_id": envelope_id,
            "type": kind,
            "payload": payload,
            "accepts_response_payload": kind != "events_api",
        }
        with self._lock:
            self._waiting[envelope_id] = envelope
            for connection in self._open[-1:]:
                connection.send_json(envelope)

    def disconnect(self, reason: str = "refresh_requested") -> None:
        """Asks for another connection, as Slack does from time to time, and then closes this one."""
        with self._lock:
            for connection in self._open:
                connection.send_json(
                    {"type": "disconnect", "reason": reason, "debug_info": {"host": "local"}}
                )

    def drop(self) -> None:
        """Breaks the connections without a word, as a network does."""
        with self._lock:
            for connection in self._open:
                connection.abort()

    def wait_for(self, acknowledgements: int = 0, connections: int = 0, timeout: float = 15.0) -> bool:
        """Waits until so many envelopes were acknowledged, and connections opened. Returns whether they
        were."""

        def is_reached() -> bool:
            return len(self.acknowledged) >= acknowledgements and self.connections >= connections

        with self._lock:
            return self._lock.wait_for(is_reached, timeout)

    def _enter(self, connection: _Connection) -> None:
        with self._lock:
            self._open.append(connection)
            connection.send_json(
                {"type": "hello", "num_connections": len(self._open), "connection_info": {"app_id": "A1"}}
            )
            for envelope in self._waiting.values():
                connection.send_json({**envelope, "retry_attempt": 1, "retry_reason": "timeout"})
            self.connections += 1
            self._lock.notify_all()

    def _leave(self, connection: _Connection) -> None:
        with self._lock:
            self._open.remove(connection)

    def _acknowledge(self, answer: dict[str, Any]) -> None:
        with self._lock:
            if self._waiting.pop(answer.get("envelope_id", ""), None):
                self.acknowledged.append((answer["envelope_id"], answer.get("payload")))
            self._lock.notify_all()


class _Connection(socketserver.StreamRequestHandler):
    """One WebSocket, from its handshake to its end."""

    def handle(self) -> None:
        standin: SlackSocketStandIn = self.server.standin  # type: ignore[attr-defined]
        if not self._shake_hands():
            return
        standin._enter(self)  # noqa: SLF001  (the two are one)
        try:
            for text in self._read_texts():
                standin._acknowledge(json.loads(text))  # noqa: SLF001
        except (OSError, ValueError, struct.error):
            pass  # the client is gone, or did what it may not
        finally:
            standin._leave(self)  # noqa: SLF001

    def send_json(self, message: dict[str, Any]) -> None:
        """Sends a text frame."""
        try:
            self._send_frame(TEXT_OPCODE_NUMBER, json.dumps(message).encode())
        except OSError:
            return  # its own thread sees that it is gone

    def abort(self) -> None:
        """Breaks the connection."""
        self.connection.shutdown(socket.SHUT_RDWR)

    def _shake_hands(self) -> bool:
        headers: dict[str, str] = {}
        self.rfile.readline()
        while (line := self.rfile.readline().decode().strip()) != "":
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        if "sec-websocket-key" not in headers:
            return False
        digest = hashlib.sha1((headers["sec-websocket-key"] + WEBSOCKET_KEY).encode()).digest()
        accepted = base64.b64encode(digest).decode()
        self.wfile.write(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Accept: {accepted}\r\n\r\n".encode()
        )
        return True

    def _read_texts(self) -> Iterator[str]:
        while True:
            opcode, content = self._read_frame()
            if opcode == CLOSE_OPCODE_NUMBER:
                return
            if opcode == PING_OPCODE_NUMBER:
                self._send_frame(PONG_OPCODE_NUMBER, content)
            if opcode == TEXT_OPCODE_NUMBER:
                yield content.decode()

    def _read_frame(self) -> tuple[int, bytes]:
        first, second = struct.unpack("!BB", self._read(2))
        if not second & MASK_BIT_NUMBER:
            raise ValueError("a client must mask its frames")
        length = second & LENGTH_BITS_NUMBER
        if length == TWO_BYTE_LENGTH_CODE:
            (length,) = struct.unpack("!H", self._read(2))
        elif length == EIGHT_BYTE_LENGTH_CODE:
            (length,) = struct.unpack("!Q", self._read(8))
        mask, content = self._read(4), self._read(length)
        return first & 0x0F, bytes(byte ^ mask[at % 4] for at, byte in enumerate(content))

    def _read(self, count: int) -> bytes:
        content = self.rfile.read(count)
        if len(content) < count:
            raise OSError("the connection ended")
        return content

    def _send_frame(self, opcode: int, content: bytes) -> None:
        size = len(content)
        if size < TWO_BYTE_LENGTH_CODE:
            head = struct.pack("!BB", FINAL_BIT_NUMBER | opcode, size)
        else:
            head = struct.pack("!BBH", FINAL_BIT_NUMBER | opcode, TWO_BYTE_LENGTH_CODE, size)
        self.wfile.write(head + content)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address, daemon_threads = True, True


@contextmanager
def serve_socket_mode(standin: SlackSocketStandIn) -> Iterator[str]:
    """Serves it on a free port, and says where."""
    server = _Server((LOOPBACK, 0), _Connection)
    server.standin = standin  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"ws://{LOOPBACK}:{server.server_address[1]}/link?ticket=1"
    finally:
        server.shutdown()
        server.server_close()
