"""A connection that can break: a TCP relay on 127.0.0.1 to a real server."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading

HOST = "127.0.0.1"
RESET = struct.pack("ii", 1, 0)


class Wire:
    """Relays connections to `port` of this machine. Listens on its own `port`."""

    def __init__(self, to: int) -> None:
        self._to = to
        self._listener = socket.create_server((HOST, 0))
        self.port: int = self._listener.getsockname()[1]
        self._ends: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def reset(self) -> None:
        """Breaks all connections, as a network does to those that were frozen for long."""
        ends, self._ends = self._ends, []
        for end in ends:
            with contextlib.suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                end.shutdown(socket.SHUT_RD)
                end.close()

    def close(self) -> None:
        self._listener.close()
        self.reset()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection((HOST, self._to))
                self._ends += [near, far]
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=_relay, args=(one, other), daemon=True).start()


def _relay(one: socket.socket, other: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while some := one.recv(65536):
            other.sendall(some)
        other.shutdown(socket.SHUT_WR)
