"""A connection to a server that a test can cut, as a train in a tunnel does."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

CHUNK_BYTES = 65_536


class CutConnection:
    """Passes bytes on to a server of this machine, until it is cut and until it is mended."""

    def __init__(self, target: str) -> None:
        parts = urlsplit(target)
        self._target = (parts.hostname or "127.0.0.1", parts.port or 80)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self._lock, self._is_cut = threading.Lock(), False
        self.url = "http://{}:{}".format(*self._listener.getsockname())

    def serve(self) -> None:
        """Accepts connections until the listener is closed."""
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._pass_on(client)

    def cut(self) -> None:
        """Ends all connections, and lets none begin."""
        with self._lock:
            self._is_cut = True
            for one in self._open:
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        """Lets connections begin again."""
        with self._lock:
            self._is_cut = False

    def close(self) -> None:
        """Ends it for good."""
        self.cut()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _pass_on(self, client: socket.socket) -> None:
        with self._lock:
            if self._is_cut:
                client.close()
                return
            server = socket.create_connection(self._target)
            self._open |= {client, server}
        for source, sink in ((client, server), (server, client)):
            threading.Thread(target=self._copy, args=(source, sink), daemon=True).start()

    def _copy(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while chunk := source.recv(CHUNK_BYTES):
                sink.sendall(chunk)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_RDWR)
        source.close()
        with self._lock:
            self._open.discard(source)


@contextmanager
def connect_to(target: str) -> Iterator[CutConnection]:
    """Yields a connection to the server at that address."""
    connection = CutConnection(target)
    threading.Thread(target=connection.serve, daemon=True).start()
    try:
        yield connection
    finally:
        connection.close()
