"""What people write and who they are is in no log line, metric, queue message, dead letter or key.

Words that stand nowhere else are sent through every channel, while all goes well and while something does
not. Then everything that an operator, a metric or a key shows is looked through for them.
"""

from __future__ import annotations

import base64
import io
import json
import logging
import os
import sqlite3
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, redirect_stderr, redirect_stdout, suppress
from typing import Any

import httpx2
import pytest
from aws_lambda_powertools import Logger
from starlette.applications import Starlette

from local import lambda_handlers
from local.sample_events import samples
from repartee.wiring import functions, process
from standins.oidc.server import AUDIENCE, OidcStandIn
from tests.support.example_counts import IS_THOROUGH
from tests.support.live_handlers import LiveHandlers, live_handlers
from tests.support.web_instances import serve_app

WORD = "xylocanaryword"
LINK = "https://files.example.com/xylocanarylink?token=xylocanarytoken"
NUMBER = "+49 170 555 0199"
ADDRESS = "xylo.canary@example.com"
SECRET = "sk-xylocanarysecret0123456789abcdef"
TEXT = f"{WORD}: see {LINK}, call {NUMBER}, write to {ADDRESS}, my key is {SECRET}"

SENDER_NUMBER, SENDER_ADDRESS = "16505551234", "xylo.subject@example.com"
"""Who writes: in WhatsApp, by the number alone, and on the web, by the subject of their token."""

CANARIES = (
    *(WORD, "xylocanarylink", "xylocanarytoken", "xylocanarysecret", "xylo.canary", "xylo.subject"),
    *(NUMBER, "49 170 555", "491705550199", SENDER_NUMBER),
)

EVENTS = (
    *("slack/app_mention", "slack/direct_message", "slack/message_changed", "slack/message_deleted"),
    *("telegram/private_message", "telegram/group_mention", "telegram/contact", "telegram/voice"),
    *("whatsapp/text", "whatsapp/text_without_user_id", "whatsapp/document", "whatsapp/contacts"),
    *("whatsapp/deleted_message", "whatsapp/status_failed", "whatsapp/number_changed"),
)

FIRST_EVENTS = ("slack/app_mention", "telegram/private_message", "whatsapp/text_without_user_id")
"""One of each channel, for where something goes wrong."""

PLATFORMS = ("slack", "telegram", "whatsapp")

FAULTS: dict[str, tuple[dict[str, Any], ...]] = {
    "nothing": (),
    "the model refuses": ({"at": "model:responses", "kind": "error", "status": 400, "times": -1},),
    "the model is down": ({"at": "model:*", "kind": "error", "status": 503, "times": -1},),
    "the embeddings are down": ({"at": "model:embeddings", "kind": "error", "status": 503, "times": -1},),
    "the embeddings refuse": ({"at": "model:embeddings", "kind": "error", "status": 400, "times": -1},),
    "the platforms refuse": tuple(
        {"at": f"{name}:*", "kind": "error", "status": 403, "times": -1} for name in PLATFORMS
    ),
    "the platforms are down": tuple(
        {"at": f"{name}:*", "kind": "error", "status": 503, "times": -1} for name in PLATFORMS
    ),
    "the platforms hang up": tuple({"at": f"{name}:*", "kind": "hangup", "times": -1} for name in PLATFORMS),
}

QUICK_FAULTS = ("nothing", "the model refuses")
"""Those of each run of the tests. With HYPOTHESIS_PROFILE=thorough it is all, each with all events."""


class CanaryRun:
    """The functions with all that leaves them: lines that are printed and logged, and queue messages."""

    def __init__(self, live: LiveHandlers, issuer: OidcStandIn, login: str) -> None:
        self.live, self.issuer, self.login = live, issuer, login
        self.printed, self.queued = io.StringIO(), [""]
        self.statuses: list[int] = []

    def install(self, **settings: str) -> None:
        web = {"WEB_JWKS_URL": f"{self.login}/issuer/jwks.json", "WEB_AUDIENCE": AUDIENCE}
        parts = self.live.install_settings(ASSISTANT="office,web=coach", **web, **settings)
        parts.put(process.sleep, self._pass_time)
        logger = parts.get(process.logger)
        assert isinstance(logger, Logger)
        for handler in (logger.registered_handler, *logging.getLogger("repartee").handlers):
            if isinstance(handler, logging.StreamHandler):
                handler.setStream(self.printed)
        sqs = parts.get(process.aws_clients).get_client("sqs")
        for operation in ("SendMessage", "SendMessageBatch"):
            sqs.meta.events.register(f"before-parameter-build.sqs.{operation}", self._note_queued)

    def _pass_time(self, seconds: float) -> None:
        """Whoever waits, waits on the functions' clock alone."""
        self.live.parts.shift_seconds += seconds

    def _note_queued(self, params: Mapping[str, Any], **_: Any) -> None:
        self.queued.append(json.dumps(params, default=str))

    def post(self, name: str) -> None:
        """Posts a sample with the canaries in it, as its platform does."""
        path, now = samples.find_event(name), time.time()
        secret = self.live.stack.platform_secret(samples.platform_of(path))
        posted = samples.build_request(path, now, secret, lambda: uuid.uuid4().hex, TEXT)
        with suppress(Exception):  # an edit or a status says nothing that a stand-in would show
            self.live.stack.show_person_message(samples.extract_said(posted.body))
        event = posted.as_lambda_event(now, "request", in_base64=True)
        self._handle(event)

    def post_garbage(self, name: str) -> None:
        """Posts what cannot be read, signed, with the canaries in it."""
        path, now = samples.find_event(name), time.time()
        secret = self.live.stack.platform_secret(samples.platform_of(path))
        posted = samples.build_request(path, now, secret, lambda: uuid.uuid4().hex)
        event = posted.as_lambda_event(now, "request", in_base64=True)
        event["body"] = base64.b64encode(json.dumps({"text": TEXT}).encode()).decode()
        self._handle(event)

    def _handle(self, event: dict[str, Any]) -> None:
        answer = self.live._deployment.webhook(event, lambda_handlers.LambdaContext("webhook"))
        self.statuses.append(int(answer["statusCode"]))

    def post_on_the_web(self, *, to_the_end: bool) -> None:
        """A client whose subject is an address writes. It reads the answer to its end, or leaves at once."""
        with serve_app(self.live.parts.get(functions.stream_app)) as url:
            token = self.issuer.issue_token(SENDER_ADDRESS)
            for headers in ({"Authorization": f"Bearer {token}"}, {"Authorization": f"Bearer {SECRET}"}):
                body = {"text": TEXT, "conversation": "main", "id": uuid.uuid4().hex}
                with httpx2.stream("POST", f"{url}/chat", json=body, headers=headers, timeout=30) as answer:
                    self.statuses.append(answer.status_code)
                    if to_the_end:
                        answer.read()

    def work(self) -> None:
        """Takes turns until nothing is left to try, over more than an hour."""
        for later in (0.0, 60.0, 600.0, 4000.0):
            with self.live.shift_time(later):
                self.live.answer_visible_wakes()
                self.live.run_sweep()
                self.live.answer_visible_wakes()

    def keys(self) -> str:
        """Every key and every attribute's name in the table, and every key of a file."""
        table = os.environ["RECORDS_TABLE"]
        pages = self.live.parts.get(process.dynamodb_client).get_paginator("scan").paginate(TableName=table)
        items = [item for page in pages for item in page["Items"]]
        found = [f"{item['pk']['S']} {item['sk']['S']} {' '.join(item)} {item.get('open')}" for item in items]
        with suppress(sqlite3.OperationalError), closing(_open_sqlite("-media")) as media:
            found += [key for (key,) in media.execute("SELECT key FROM media")]
        with suppress(sqlite3.OperationalError), closing(_open_sqlite("-memories")) as memories:
            found += [f"{person} {id}" for person, id in memories.execute("SELECT person, id FROM memories")]
        with suppress(sqlite3.OperationalError), closing(_open_sqlite("")) as said:
            found += [" ".join(row) for row in said.execute("SELECT id, chat, room, sender FROM said")]
        return "\n".join(found)

    def payloads(self) -> str:
        """The content of the messages' items, in which the words must be."""
        items = self.live.parts.get(process.dynamodb_client).scan(TableName=os.environ["RECORDS_TABLE"])
        return "\n".join(item["payload"].get("S", "") for item in items["Items"] if "payload" in item)


def _open_sqlite(suffix: str) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{os.environ['SQLITE_PATH']}{suffix}?mode=ro", uri=True)


@contextmanager
def captured_output(stream: io.StringIO) -> Iterator[None]:
    """Within the block all that is printed or logged, by us or a library at its usual level, is kept."""
    handler = logging.StreamHandler(stream)
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        with redirect_stdout(stream), redirect_stderr(stream):
            yield
    finally:
        root.removeHandler(handler)


@pytest.fixture
def run() -> Iterator[CanaryRun]:
    issuer = OidcStandIn(time.time)
    with serve_app(Starlette(routes=issuer.routes())) as login, live_handlers() as live:
        yield CanaryRun(live, issuer, login)


def _hits(text: str) -> list[str]:
    """The canaries in a text, each with what stands around it."""
    places = [(canary, text.find(canary)) for canary in CANARIES]
    return [f"{canary}: …{text[max(0, at - 80) : at + 40]}…" for canary, at in places if at >= 0]


@pytest.mark.parametrize("fault", FAULTS if IS_THOROUGH else QUICK_FAULTS)
def test_no_canary_is_seen_whatever_goes_wrong(run: CanaryRun, fault: str) -> None:
    """Logs, metrics, queue messages, dead letters and keys are without one."""
    run.printed, run.queued, run.statuses = io.StringIO(), [], []
    with captured_output(run.printed):
        run.install()
        for one in FAULTS[fault]:
            run.live.inject_fault(**one)
        try:
            _send_everything(run, EVENTS if fault == "nothing" or IS_THOROUGH else FIRST_EVENTS)
        finally:
            run.live.clear_faults()
            run.live.reset_rate_limits()
    letters = run.live.take_dead_letters()

    printed = run.printed.getvalue()
    assert _hits(printed) == []
    assert _hits("\n".join(run.queued + letters)) == []
    assert _hits(run.keys()) == []
    assert WORD in run.payloads()
    assert SENDER_NUMBER in run.payloads()
    assert '"chat":"whatsapp:106540352242922:h-' in printed
    assert '"message":"message_kept"' in printed
    assert "CloudWatchMetrics" in printed
    assert run.queued
    assert 200 in run.statuses


def test_no_canary_is_seen_while_the_stores_are_down(run: CanaryRun) -> None:
    """The messages store and the table do not answer: neither what failed nor what was said is told."""
    run.printed, run.queued, run.statuses = io.StringIO(), [], []
    before = dict(os.environ)
    with captured_output(run.printed):
        run.install(WEAVIATE_URL="http://127.0.0.1:9", WEAVIATE_GRPC_PORT="10")
        _send_everything(run, FIRST_EVENTS)
        run.install(AWS_ENDPOINT_URL_DYNAMODB="http://127.0.0.1:9")
        os.environ["AWS_ENDPOINT_URL_DYNAMODB"] = "http://127.0.0.1:9"
        try:
            run.install()
            for name in FIRST_EVENTS:
                with suppress(Exception):
                    run.post(name)
        finally:
            os.environ.clear()
            os.environ.update(before)
            run.install()

    assert _hits(run.printed.getvalue()) == []
    assert _hits("\n".join(run.queued + run.live.take_dead_letters())) == []
    assert _hits(run.keys()) == []
    assert 503 in run.statuses


def _send_everything(run: CanaryRun, names: tuple[str, ...]) -> None:
    for name in names:
        run.post(name)
    for name in ("slack/app_mention", "telegram/private_message", "whatsapp/text"):
        run.post_garbage(name)
    run.post_on_the_web(to_the_end=names is EVENTS)
    run.work()
