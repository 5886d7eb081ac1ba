"""A connection that can break: a TCP relay on 127.0.0.1 to a real server."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time

HOST = "127.0.0.1"
RESET_LINGER_OPTION = struct.pack("ii", 1, 0)


class BreakableRelay:
    """Relays connections to a port of this machine. Listens on its own `port`.

    `trickling` is how many seconds each byte of an answer takes; 0 is no time at all. While it `is_broken`,
    every new connection is reset at once.
    """

    def __init__(self, to: int) -> None:
        self._to = to
        self._listener = socket.create_server((HOST, 0))
        self.port: int = self._listener.getsockname()[1]
        self._ends: list[socket.socket] = []
        self._relays: list[threading.Thread] = []
        self.trickling = 0.0
        self.is_broken = False
        threading.Thread(target=self._accept_connections, daemon=True).start()

    def reset_connections(self) -> None:
        """Breaks all connections, as a network does to those that were frozen for long."""
        ends, self._ends = self._ends, []
        relays, self._relays = self._relays, []
        for end in ends:
            with contextlib.suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_LINGER_OPTION)
                end.shutdown(socket.SHUT_RD)
        for relay in relays:
            relay.join(1.0)  # as long as it receives the connection stays, although it is closed
        for end in ends:
            end.close()

    def close(self) -> None:
        self._listener.close()
        self.reset_connections()

    def _accept_connections(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                if self.is_broken:
                    near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_LINGER_OPTION)
                    near.close()
                    continue
                far = socket.create_connection((HOST, self._to))
                self._ends += [near, far]
                for one, other in ((near, far), (far, near)):
                    relay = threading.Thread(
                        target=self._relay_bytes, args=(one, other, one is far), daemon=True
                    )
                    self._relays.append(relay)
                    relay.start()

    def _relay_bytes(self, one: socket.socket, other: socket.socket, answers: bool) -> None:
        with contextlib.suppress(OSError):
            while some := one.recv(65536):
                if not (self.trickling and answers):
                    other.sendall(some)
                    continue
                for byte in some:
                    time.sleep(self.trickling)
                    if other not in self._ends:
                        return
                    other.sendall(bytes([byte]))
            if other in self._ends:
                other.shutdown(socket.SHUT_WR)
