"""The HTTP API, the queue's poller and the schedule of the local stack, in one process."""

from __future__ import annotations

import os
import socket
import threading
import time
import uuid
from typing import Any, TextIO

import uvicorn
from rich.console import Console
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from local import events, web
from local.deployment import Deployment
from local.lambdas import Context
from local.latency import Latencies
from local.stack import LocalStack

ASSISTANTS = "office,web=coach"
"""Who answers where, unless somebody says otherwise."""

SWEEP_EVERY = 60.0
"""Seconds, as the schedule in template.yaml has it."""


class Server:
    """Serves until it is told to stop. Tells on `output` what happens."""

    def __init__(self, stack: LocalStack, latencies: Latencies, output: TextIO) -> None:
        self._stack = stack
        chosen = {} if stack.environment.get("ASSISTANT") else {"ASSISTANT": ASSISTANTS}
        self._deployed = Deployment(stack, latencies, chosen)
        self._console = Console(file=output, highlight=False, soft_wrap=True)
        self._stopping = threading.Event()

    def run(self, listener: socket.socket) -> None:
        url = "http://{}:{}".format(*listener.getsockname())
        posted = Route("/{path:path}", self._receive, methods=["GET", "POST"])
        app = Starlette(routes=[*web.routes(self._deployed.parts, os.environ, url), posted])
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off"))
        works = (self._poll, self._sweep, self._deployed.teach)
        threads = [threading.Thread(target=work, daemon=True) for work in works]
        for thread in threads:
            thread.start()
        self._greet(url)
        server.run([listener])
        self._stopping.set()
        threads[0].join()

    async def _receive(self, request: Request) -> Response:
        body = await request.body()
        path, query = request.url.path, dict(request.query_params)
        posted = events.Posted(path, dict(request.headers), body, request.method, query)
        event = posted.as_lambda_event(time.time(), str(uuid.uuid4()))
        said = events.said(body)
        await run_in_threadpool(self._stack.heard, said)
        answer = await run_in_threadpool(self._deployed.webhook, event, Context("webhook"))
        self._tell_of(said, answer["statusCode"])
        await run_in_threadpool(self._stack.answered, request.url.path, answer["body"])
        return Response(answer["body"], answer["statusCode"], answer["headers"])

    def _tell_of(self, event: dict[str, Any], status: int) -> None:
        """Says what came."""
        self._say(
            f"[dim]{status}[/] {event.get('type', 'refused' if status >= 400 else 'answered')}",
            event.get("text"),
        )

    def _poll(self) -> None:
        parts, told = self._deployed.parts, 0
        while not self._stopping.is_set():
            try:
                self._deployed.poller.poll()
            except Exception as failure:  # noqa: BLE001  (a poller goes on, whatever a batch did)
                self._say(f"[red]{type(failure).__name__}[/]", str(failure))
            for turn in parts.taken[told:]:
                took = 1000 * (turn.timeline.closed - turn.timeline.received)
                self._say(f"[magenta]answered[/] after {took:,.0f} ms", turn.reply or "(silent)")
            told = len(parts.taken)

    def _sweep(self) -> None:
        while not self._stopping.wait(SWEEP_EVERY):
            self._deployed.sweep({}, Context("sweep"))

    def _say(self, what: str, text: Any) -> None:
        self._console.print(f"[dim]{time.strftime('%H:%M:%S')}[/] {what}", end="  ")
        self._console.print(text or "", markup=False)

    def _greet(self, url: str) -> None:
        self._console.print(f"\n[bold]Repartee[/] listens on [bold]{url}[/] for what platforms post. Try:\n")
        self._console.print(f"  scripts/event app_mention --post {url}")
        self._console.print(
            f'  scripts/event app_mention --say "how many desks does Lisbon need?" --post {url}'
        )
        self._console.print(f"  {web.example(url)}", markup=False)
        self._console.print(f"\nA page to talk to the coach: [bold]{url}/[/]")
        if self._stack.slack:
            self._console.print(
                f"\nThe channel as people see it: {self._stack.standins}/standin/channel/C0GENERAL"
            )
        self._console.print("[dim]Ctrl-C ends it.[/]\n")
