"""Stands in for Lambda's asynchronous invocation: takes an event, and has the turn's process answer it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from threading import Thread
from typing import Any

from benches.support.hosted_function import HostedCall

FUNCTION = "arn:aws:lambda:eu-central-1:123456789012:function:turn:live"


class InvocationStandIn:
    """Has events handled, and keeps the answers in their order. Lambda accepts an event before that."""

    def __init__(self, invoke: Callable[[Any], HostedCall]) -> None:
        self._invoke = invoke
        self._answers: Queue[HostedCall | BaseException] = Queue()
        self.expected = 0

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Returns the address that the AWS client is given for Lambda."""
        server = ThreadingHTTPServer(("127.0.0.1", 0), self._make_handler())
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def take_answer(self) -> HostedCall:
        """Waits for the answer of the event that was invoked first."""
        self.expected -= 1
        answer = self._answers.get()
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def _accept(self, event: Any) -> None:
        self.expected += 1
        Thread(target=self._answer, args=(event,), daemon=True).start()

    def _answer(self, event: Any) -> None:
        try:
            self._answers.put(self._invoke(event))
        except BaseException as failure:  # noqa: BLE001 - who waits for the answer is told
            self._answers.put(failure)

    def _make_handler(self) -> type[BaseHTTPRequestHandler]:
        accept = self._accept

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                assert self.headers["X-Amz-Invocation-Type"] == "Event"
                accept(json.loads(body))
                self.send_response(202)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Says nothing of each request."""

        return Handler
