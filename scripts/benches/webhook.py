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

from benches.support.bars import bar_rows, check_bar
from benches.support.tables import percentile
from benches.support.tables import render_table as drawn
from local import lambda_handlers
from local.sample_events import samples
from local.stack import APP_SECRET, SIGNING_SECRET, WEBHOOK_SECRET, LocalStack
from repartee.channels.slack.receiver import sign_body
from repartee.ports import StoredMedia
from repartee.ports.channels import Receiver
from standins.oidc.server import AUDIENCE, OidcStandIn
from standins.openai.server import Pace
from support import servers

EVENT_COUNT = 400
WARM_UP_EVENTS = 50
MAX_CPU_MS = 5.0
MAX_PARSE_CPU_MS = 1.0
REAL_SERVERS = ("dynamodb", "elasticmq")

PARSE_CASES = {
    "verified and parsed: Slack's event": "slack/voice_and_picture",
    "verified and parsed: Slack's button": "slack/interactivity/approve",
    "verified and parsed: Slack's command": "slack/commands/mute_command",
    "verified and parsed: Telegram's update": "telegram/group_mention",
    "verified and parsed: WhatsApp's batch": "whatsapp/batch",
    "verified and parsed: the web's message": "web/message",
}
"""Names of the cases that parse an event of each channel without leaving the process."""

SECRETS_BY_PLATFORM = {"slack": SIGNING_SECRET, "telegram": WEBHOOK_SECRET, "whatsapp": APP_SECRET}
OIDC_STANDIN = OidcStandIn(time.time)
OIDC_ISSUER = "local-standin"

Event = dict[str, Any]
Call = Callable[[Event], object]


def measure() -> dict[str, Any]:
    """Returns all figures; about half a minute."""
    with LocalStack({"SLACK_BOT_TOKEN": "unused", "OPENAI_API_KEY": "unused"}, Pace()) as stack:
        os.environ.update(stack.environment)
        with ExitStack() as up, redirect_stdout(io.StringIO()):
            used = [_use_server(name, up) for name in REAL_SERVERS]
            kinds = _measure_function(stack)
    return {
        "events": EVENT_COUNT,
        "servers": [name for name in used if name] or ["moto"],
        "kinds": kinds,
        "bars": [
            check_bar("CPU ms an event, p95", kinds["a mention, kept and woken"]["cpu_p95_ms"], MAX_CPU_MS),
            *(
                check_bar(f"CPU ms {name}, p95", kinds[name]["cpu_p95_ms"], MAX_PARSE_CPU_MS)
                for name in PARSE_CASES
            ),
        ],
    }


def table(result: dict[str, Any]) -> str:
    """Returns the result for a terminal."""
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


def _measure_function(stack: LocalStack) -> dict[str, dict[str, float]]:
    handler = _deploy_function(stack)

    def whole(event: Event) -> object:
        return handler(event, context)

    context = lambda_handlers.LambdaContext("webhook")
    mentions = _by_different_people(_build_events("slack/app_mention", EVENT_COUNT + WARM_UP_EVENTS))
    return {
        **{
            name: _time_calls(_measure_parsing(), _build_events(sample, EVENT_COUNT + WARM_UP_EVENTS))
            for name, sample in PARSE_CASES.items()
        },
        "a mention, kept and woken": _time_calls(whole, mentions),
        "the same mention again": _time_calls(whole, mentions),
        "chatter in a channel, ignored": _time_calls(
            whole, _build_events("slack/channel_message", EVENT_COUNT + WARM_UP_EVENTS)
        ),
        "a wrong signature, refused": _time_calls(whole, map(_without_signature, mentions)),
    }


def _use_server(name: str, up: ExitStack) -> str:
    """Starts the server and leads the clients to it, if it is installed."""
    if servers.why_unavailable(name):
        return ""
    os.environ.update(up.enter_context(servers.use_server(name)).exported_settings)
    return name


def _deploy_function(stack: LocalStack) -> lambda_handlers.Handler:
    """Returns the function, with the table and the queue that it needs."""
    from repartee import wiring
    from repartee.wiring import process

    parts = wiring.Wiring(os.environ)
    wiring.set_wiring(parts)
    stack.wait_until_ready()
    stack.create_resources(
        *(parts.get(process.aws_clients).get_client(name) for name in ("dynamodb", "sqs", "secretsmanager"))
    )
    os.environ.update(stack.settings)
    return lambda_handlers.load_handler("webhook")


def _measure_parsing() -> Call:
    """Measures the parsing of an event, without leaving the process."""
    from repartee.domain.http import HttpRequest
    from repartee.wiring import channels, current_wiring

    heard = current_wiring().get(channels.receivers)
    receivers = dict(heard)
    receivers["/chat"] = _make_web_receiver()

    def verified_and_parsed(event: Event) -> object:
        request = HttpRequest(
            "POST", event["rawPath"], event["headers"], event["body"].encode(), time.time(), ""
        )
        receiver = receivers[request.path]
        receiver.verify(request)
        return receiver.parse(request)

    return verified_and_parsed


def _make_web_receiver() -> Receiver:
    """Returns the web's receiver, with an issuer whose keys are known by now, and nobody who counts."""
    import httpx2

    from repartee.channels.web.bearer_tokens import BearerTokens
    from repartee.channels.web.jwks import Jwks
    from repartee.channels.web.receiver import WebReceiver
    from repartee.privacy.identifiers import IdentifierHasher

    published = httpx2.MockTransport(lambda request: httpx2.Response(200, json=OIDC_STANDIN.published_keys()))
    keys = Jwks("http://issuer/jwks.json", time.time, published)
    keys.current_keys()
    tokens = BearerTokens(keys, AUDIENCE, time.time, IdentifierHasher("a key for benches"), OIDC_ISSUER)
    return WebReceiver(tokens, UnlimitedRates(), 20, 4096, lambda: uuid.uuid4().hex, _describe_medium)


class UnlimitedRates:
    """`ports.Rates` that admits all, and leaves the process for nobody."""

    def admit(self, key: str, limit: int, window_seconds: float, amount: int = 1, event: str = "") -> float:
        return 0.0


def _describe_medium(workspace: str, content: bytes) -> StoredMedia:
    raise NotImplementedError("no file is posted here")


def _build_events(name: str, count: int) -> list[Event]:
    """Events of different messages, signed a moment ago; on the web, each somebody else's."""
    sample, now = samples.find_event(name), time.time()
    platform = samples.platform_of(sample)
    return [
        samples.build_request(
            sample,
            now - number / 1000,
            OIDC_STANDIN.issue_token(f"person-{number}")
            if platform == "web"
            else SECRETS_BY_PLATFORM[platform],
            lambda: uuid.uuid4().hex,
        ).as_lambda_event(now, str(uuid.uuid4()))
        for number in range(count)
    ]


def _by_different_people(events: list[Event]) -> list[Event]:
    """The events, each of another person, signed anew: of one person few are answered in a minute."""
    changed = []
    for number, event in enumerate(events):
        body: str = event["body"].replace("U0ADA", f"U{number:05}")
        headers: dict[str, str] = dict(event["headers"])
        stamp = headers["x-slack-request-timestamp"]
        headers["x-slack-signature"] = sign_body(SECRETS_BY_PLATFORM["slack"], stamp, body.encode())
        changed.append({**event, "body": body, "headers": headers})
    return changed


def _without_signature(event: Event) -> Event:
    headers: Mapping[str, str] = event["headers"]
    return {**event, "headers": {**headers, "x-slack-signature": "v0=" + "0" * 64}}


def _time_calls(call: Call, given: Iterable[Event]) -> dict[str, float]:
    """Milliseconds of CPU and of wall time a call, the first ones left out."""
    cpu, wall = [], []
    for event in given:
        began, spent = time.perf_counter(), time.process_time()
        call(event)
        cpu.append(1000 * (time.process_time() - spent))
        wall.append(1000 * (time.perf_counter() - began))
    shares = {"p50": 0.50, "p95": 0.95, "p99": 0.99}
    return {f"cpu_{name}_ms": percentile(cpu[WARM_UP_EVENTS:], share) for name, share in shares.items()} | {
        f"wall_{name}_ms": percentile(wall[WARM_UP_EVENTS:], share) for name, share in shares.items()
    }
