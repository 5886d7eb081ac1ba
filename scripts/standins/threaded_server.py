"""A stand-in behind a small HTTP server of its own, with a thread for each connection."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from local.server_processes import LOOPBACK


class StandInHandler(BaseHTTPRequestHandler):
    """Answers for the server's `standin`, over connections that are kept."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    @property
    def standin(self) -> Any:
        assert isinstance(self.server, _ThreadedServer)
        return self.server.standin


class _ThreadedServer(ThreadingHTTPServer):
    daemon_threads = True
    standin: Any = None

    def handle_error(self, *args: Any) -> None:
        """A client that goes away is no error."""


@contextmanager
def serve_standin(standin: Any, handler: type[StandInHandler], port: int = 0) -> Iterator[str]:
    """Serves it on this machine alone, and says where."""
    server = _ThreadedServer((LOOPBACK, port), handler)
    server.standin = standin
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://{LOOPBACK}:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
