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

from local import web_routes
from local.console_mount import WebhookCalls, console_mount
from local.deployment import LocalDeployment
from local.lambda_handlers import LambdaContext
from local.latency import InjectedLatencies
from local.message_way import WebhookCall
from local.sample_events import samples
from local.sent_mails import SentMails
from local.stack import LocalStack
from repartee.turn.rollup import TurnRollup
from repartee.wiring import operations, process, stores
from support.local_settings import publish_local_settings

DEFAULT_ASSISTANTS = "office,web=coach"
"""The assistant of each channel, unless the settings name others."""

SWEEP_INTERVAL_SECONDS = 60.0
"""Seconds, as the schedule in template.yaml has it."""

COUNT_INTERVAL_SECONDS = 4.0
"""Seconds between two looks for turns that the console's lists do not have yet."""

EVENTS_INTERVAL_SECONDS = 0.5
"""Seconds between two looks at the queue of a desk's events."""

SHUTDOWN_SECONDS = 1
"""Seconds that open connections (pages that watch) have when the server stops."""


class LocalServer:
    """Serves until it is told to stop. Tells on `output` what happens."""

    def __init__(self, stack: LocalStack, latencies: InjectedLatencies, output: TextIO) -> None:
        self._stack = stack
        chosen = {} if stack.environment.get("ASSISTANT") else {"ASSISTANT": DEFAULT_ASSISTANTS}
        chosen |= stack.email_settings
        self._deployed = LocalDeployment(stack, latencies, chosen)
        self._console = Console(file=output, highlight=False, soft_wrap=True)
        self._stopping = threading.Event()
        self._webhook_calls = WebhookCalls()

    def serve(self, listener: socket.socket) -> None:
        url = "http://{}:{}".format(*listener.getsockname())
        posted = Route("/{path:path}", self._receive_webhook, methods=["GET", "HEAD", "POST"])
        issuer = web_routes.make_issuer(os.environ)
        web = web_routes.web_routes(self._deployed.parts, os.environ, url, issuer)
        console = console_mount(self._deployed, self._deliver, self._webhook_calls, url, issuer)
        mails = SentMails(self._stack.moto).routes() if self._stack.email_settings else []
        os.environ.setdefault("EMAIL_LINKS_URL", url)
        app = Starlette(routes=[*web, console, *mails, posted])
        config = uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        )
        server = uvicorn.Server(config)
        works = (
            *(self._poll_queue, self._run_sweep, self._load_coach_library),
            *(self._connect_slack, self._poll_telegram, self._count_turns, self._send_events),
        )
        threads = [threading.Thread(target=work, daemon=True) for work in works]
        for thread in threads:
            thread.start()
        self._deployed.make_scheduled_work(self._print_line).start(self._stopping)
        try:
            with publish_local_settings(self._stack.settings, listener.getsockname()[1]):
                self._print_greeting(url)
                server.run([listener])
        finally:
            self._stopping.set()
            threads[0].join()

    async def _receive_webhook(self, request: Request) -> Response:
        body = await request.body()
        path, query = request.url.path, dict(request.query_params)
        posted = samples.PostedRequest(path, dict(request.headers), body, request.method, query)
        await run_in_threadpool(self._stack.show_person_message, samples.extract_said(body))
        answer = await run_in_threadpool(self._deliver, posted)
        await run_in_threadpool(self._stack.apply_webhook_answer, request.url.path, answer["body"])
        return Response(answer["body"], answer["statusCode"], answer["headers"])

    def _deliver(self, posted: samples.PostedRequest) -> dict[str, Any]:
        """Hands a request to the webhook, says what came, and returns the answer."""
        began = time.time()
        event = posted.as_lambda_event(began, str(uuid.uuid4()))
        answer: dict[str, Any] = self._deployed.webhook(event, LambdaContext("webhook"))
        self._webhook_calls.add(WebhookCall(began, time.time()))
        self._print_event(samples.extract_said(posted.body), answer["statusCode"])
        return answer

    def _connect_slack(self) -> None:
        """Receives by Socket Mode, where an app-level token is set."""
        if not (token := self._stack.environment.get("SLACK_APP_TOKEN", "")):
            return
        from local.slack_socket import SlackSocket

        api_url = self._deployed.parts.get(process.settings).slack_api_url
        socket_mode = SlackSocket(token, api_url, self._stack.signing_secret, self._deliver)
        try:
            socket_mode.connect()
            self._print_line("[green]Slack[/] is connected by Socket Mode", "")
        except Exception as failure:  # noqa: BLE001  (slack_sdk raises many kinds)
            advice = "SLACK_APP_TOKEN must be an app-level token (xapp-…) with connections:write"
            self._print_line(
                "[red]Slack[/] does not open Socket Mode", f"{advice} ({type(failure).__name__})"
            )
        self._stopping.wait()
        socket_mode.close()

    def _poll_telegram(self) -> None:
        """Fetches updates, where a bot's token is set and no webhook."""
        if not (token := self._stack.environment.get("TELEGRAM_BOT_TOKEN", "")):
            return
        from local.telegram_polling import PollingRefused, TelegramPolling

        api_url = self._deployed.parts.get(process.settings).telegram_api_url
        secret = self._stack.platform_secret("telegram")
        try:
            TelegramPolling(api_url, token, secret, self._deliver, self._stopping).run()
        except PollingRefused as refusal:
            self._print_line("[red]Telegram[/]", str(refusal))

    def _print_event(self, event: dict[str, Any], status: int) -> None:
        """Says what came."""
        self._print_line(
            f"[dim]{status}[/] {event.get('type', 'refused' if status >= 400 else 'answered')}",
            event.get("text"),
        )

    def _poll_queue(self) -> None:
        parts, reported = self._deployed.parts, 0
        while not self._stopping.is_set():
            try:
                self._deployed.poller.poll_queue()
            except Exception as failure:  # noqa: BLE001  (a poller goes on, whatever a batch did)
                self._print_line(f"[red]{type(failure).__name__}[/]", str(failure))
            for turn in parts.taken[reported:]:
                took = 1000 * (turn.timeline.closed_at - turn.timeline.received_at)
                self._print_line(f"[magenta]answered[/] after {took:,.0f} ms", turn.reply or "(silent)")
            reported = len(parts.taken)

    def _load_coach_library(self) -> None:
        try:
            self._deployed.load_coach_library()
            self._deployed.load_desk()
        except Exception as failure:  # noqa: BLE001  (the coach answers without its library)
            if not self._stopping.is_set():
                self._print_line(f"[red]{type(failure).__name__}[/] in the coach's library", str(failure))

    def _run_sweep(self) -> None:
        while not self._stopping.wait(SWEEP_INTERVAL_SECONDS):
            self._deployed.run_sweep({}, LambdaContext("sweep"))

    def _send_events(self) -> None:
        """Sends a desk's events, and says what their receiver has taken."""
        told = 0
        while self._deployed.has_desk and not self._stopping.wait(EVENTS_INTERVAL_SECONDS):
            try:
                taken = self._deployed.send_events()
            except Exception as failure:  # noqa: BLE001  (the next round goes on)
                self._print_line(f"[red]{type(failure).__name__}[/] in the desk's events", str(failure))
                continue
            for event in taken[told:]:
                self._print_line("[magenta]event[/] taken", event["type"])
            told = len(taken)

    def _count_turns(self) -> None:
        """Counts turns sooner than the sweep does, for the person who watches."""
        get = self._deployed.parts.get
        rollup = TurnRollup(
            get(stores.turn_records),
            get(operations.turn_statistics),
            get(process.clock),
            get(process.logger),
            settle_seconds=1.0,
        )
        while not self._stopping.wait(COUNT_INTERVAL_SECONDS):
            rollup.count_new_turns()

    def _print_line(self, what: str, text: Any) -> None:
        self._console.print(f"[dim]{time.strftime('%H:%M:%S')}[/] {what}", end="  ")
        self._console.print(text or "", markup=False)

    def _print_greeting(self, url: str) -> None:
        self._console.print(f"\n[bold]Repartee[/] listens on [bold]{url}[/] for what platforms post. Try:\n")
        self._console.print(f"  scripts/event app_mention --post {url}")
        self._console.print(
            f'  scripts/event app_mention --say "how many desks does Lisbon need?" --post {url}'
        )
        self._console.print(f"  {web_routes.example_command(url)}", markup=False)
        self._console.print(f"\nTalk to it in the browser, and watch it answer: [bold]{url}/console/try[/]")
        self._console.print(f"A page to talk to the coach: {url}/")
        if self._stack.email_settings:
            self._console.print(f"Mails of briefs, which go nowhere: {url}/mails")
        if self._stack.has_slack_standin:
            self._console.print(
                f"\nThe channel as people see it: {self._stack.standins}/standin/channel/C0GENERAL"
            )
        self._console.print("[dim]Ctrl-C ends it.[/]\n")
