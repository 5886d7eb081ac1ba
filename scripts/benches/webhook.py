"""The webhook's cost an event when warm: CPU of this process, with AWS's servers in others.

The servers are DynamoDB Local and ElasticMQ where they are installed, for they keep connections as AWS does;
otherwise moto, which makes every call connect anew. What an event waits for is not counted as CPU.
"""

from __future__ import annotations

import io
import os
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack, redirect_stdout
from typing import Any

from benches.bars import bar, bar_rows
from benches.tables import percentile
from benches.tables import table as drawn
from local import events, lambdas
from local.issuer_standin import AUDIENCE, IssuerStandIn
from local.model_standin import Pace
from local.stack import APP_SECRET, SIGNING_SECRET, WEBHOOK_SECRET, LocalStack
from repartee.conversation.webhook import Receiver
from repartee.ports import Medium
from support import servers

EVENTS = 400
WARM_UP = 50
AT_MOST_MS = 5.0
ALONE_AT_MOST_MS = 1.0
REAL = ("dynamodb", "elasticmq")

ALONE = {
    "verified and parsed: Slack's event": "slack/voice_and_picture",
    "verified and parsed: Slack's button": "slack/interactivity/approve",
    "verified and parsed: Slack's command": "slack/commands/mute_command",
    "verified and parsed: Telegram's update": "telegram/group_mention",
    "verified and parsed: WhatsApp's batch": "whatsapp/batch",
    "verified and parsed: the web's message": "web/message",
}
"""What happens to an event of each channel before anything leaves the process."""

SECRETS = {"slack": SIGNING_SECRET, "telegram": WEBHOOK_SECRET, "whatsapp": APP_SECRET}
ISSUER = IssuerStandIn(time.time)
ISSUER_NAME = "local-standin"

Event = dict[str, Any]
Call = Callable[[Event], object]


def measure() -> dict[str, Any]:
    """All figures; about half a minute."""
    with LocalStack({"SLACK_BOT_TOKEN": "unused", "OPENAI_API_KEY": "unused"}, Pace()) as stack:
        os.environ.update(stack.environment)
        with ExitStack() as up, redirect_stdout(io.StringIO()):
            used = [_used(name, up) for name in REAL]
            kinds = _measured(stack)
    return {
        "events": EVENTS,
        "servers": [name for name in used if name] or ["moto"],
        "kinds": kinds,
        "bars": [
            bar("CPU ms an event, p95", kinds["a mention, kept and woken"]["cpu_p95_ms"], AT_MOST_MS),
            *(bar(f"CPU ms {name}, p95", kinds[name]["cpu_p95_ms"], ALONE_AT_MOST_MS) for name in ALONE),
        ],
    }


def table(result: dict[str, Any]) -> str:
    """The result for a terminal."""
    columns = ("cpu_p50_ms", "cpu_p95_ms", "cpu_p99_ms", "wall_p50_ms", "wall_p95_ms")
    rows = [
        (name, *(f"{figures[column]:.2f}" for column in columns)) for name, figures in result["kinds"].items()
    ]
    return "\n\n".join(
        (
            f"{result['events']} events of each kind, ms each, on {' and '.join(result['servers'])}",
            drawn(("event", "cpu p50", "p95", "p99", "wall p50", "p95"), rows),
            drawn(("bar", "measured", "allowed", ""), bar_rows(result)),
        )
    )


def _measured(stack: LocalStack) -> dict[str, dict[str, float]]:
    handler = _deployed(stack)

    def whole(event: Event) -> object:
        return handler(event, context)

    context = lambdas.Context("webhook")
    mentions = _events("slack/app_mention", EVENTS + WARM_UP)
    return {
        **{name: _timed(_alone(), _events(sample, EVENTS + WARM_UP)) for name, sample in ALONE.items()},
        "a mention, kept and woken": _timed(whole, mentions),
        "the same mention again": _timed(whole, mentions),
        "chatter in a channel, ignored": _timed(whole, _events("slack/channel_message", EVENTS + WARM_UP)),
        "a wrong signature, refused": _timed(whole, map(_unsigned, mentions)),
    }


def _used(name: str, up: ExitStack) -> str:
    """Starts the server and leads the clients to it, if it is installed."""
    if servers.missing(name):
        return ""
    os.environ.update(up.enter_context(servers.use(name)).exports)
    return name


def _deployed(stack: LocalStack) -> lambdas.Handler:
    """The function, with the table and the queue that it needs."""
    from repartee import wiring

    parts = wiring.Wiring(os.environ)
    wiring.install(parts)
    stack.ready()
    stack.prepare(*(parts.aws.make(name) for name in ("dynamodb", "sqs", "secretsmanager")))
    os.environ.update(stack.settings)
    return lambdas.handler("webhook")


def _alone() -> Call:
    """What happens to an event before anything leaves the process."""
    from repartee.conversation.webhook import Request
    from repartee.wiring import wired

    receivers = {**wired().receivers, "/chat": _of_the_web()}

    def verified_and_parsed(event: Event) -> object:
        request = Request("POST", event["rawPath"], event["headers"], event["body"].encode(), time.time(), "")
        receiver = receivers[request.path]
        receiver.verify(request)
        return receiver.parse(request)

    return verified_and_parsed


def _of_the_web() -> Receiver:
    """The web's receiver, with an issuer whose keys are known by now, and nobody who counts."""
    import httpx2

    from repartee.channels.web.keys import Keys
    from repartee.channels.web.receive import WebMessages
    from repartee.channels.web.tokens import Tokens

    published = httpx2.MockTransport(lambda request: httpx2.Response(200, json=ISSUER.jwks()))
    keys = Keys("http://issuer/jwks.json", time.time, published)
    keys.current()
    tokens = Tokens(keys, AUDIENCE, time.time, ISSUER_NAME)
    return WebMessages(tokens, Uncounted(), 20, lambda: uuid.uuid4().hex, _kept)


class Uncounted:
    """`ports.Rates` that admits all, and leaves the process for nobody."""

    def admit(self, who: str, limit: int, seconds: float) -> float:
        return 0.0


def _kept(workspace: str, content: bytes) -> Medium:
    raise NotImplementedError("no file is posted here")


def _events(name: str, count: int) -> list[Event]:
    """Events of different messages, signed a moment ago; on the web, each somebody else's."""
    sample, now = events.find(name), time.time()
    platform = events.platform(sample)
    return [
        events.posted(
            sample,
            now - number / 1000,
            ISSUER.token(f"person-{number}") if platform == "web" else SECRETS[platform],
            lambda: uuid.uuid4().hex,
        ).as_lambda_event(now, str(uuid.uuid4()))
        for number in range(count)
    ]


def _unsigned(event: Event) -> Event:
    headers: Mapping[str, str] = event["headers"]
    return {**event, "headers": {**headers, "x-slack-signature": "v0=" + "0" * 64}}


def _timed(call: Call, given: Iterable[Event]) -> dict[str, float]:
    """Milliseconds of CPU and of wall time a call, the first ones left out."""
    cpu, wall = [], []
    for event in given:
        began, spent = time.perf_counter(), time.process_time()
        call(event)
        cpu.append(1000 * (time.process_time() - spent))
        wall.append(1000 * (time.perf_counter() - began))
    shares = {"p50": 0.50, "p95": 0.95, "p99": 0.99}
    return {f"cpu_{name}_ms": percentile(cpu[WARM_UP:], share) for name, share in shares.items()} | {
        f"wall_{name}_ms": percentile(wall[WARM_UP:], share) for name, share in shares.items()
    }
