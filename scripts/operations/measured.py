"""What one turn takes of AWS, counted on the local stack: calls, seconds of functions, bytes of logs."""

from __future__ import annotations

import contextlib
import io
import json
import os
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from local import events, lambdas
from local.latency import SEED, Latencies
from local.model_standin import Pace
from local.parts import LocalWiring
from local.stack import SIGNING_SECRET, LocalStack
from local.worker import Poller
from repartee import wiring
from repartee.services.aws import Clients

WRITES = {"PutItem", "UpdateItem", "DeleteItem"}


@dataclass
class Taken:
    """What was taken: calls, and write and read units of DynamoDB; seconds by function; bytes of logs and how
    many metrics they make."""

    calls: Counter[str] = field(default_factory=Counter)
    seconds: dict[str, float] = field(default_factory=dict)
    logged: int = 0
    metrics: int = 0


class CountedClients(Clients):
    """Clients whose calls are counted."""

    taken: Taken

    def new(self, service: str) -> Any:
        client = super().new(service)
        client.meta.events.register_first("before-parameter-build", self._note)
        return client

    def _note(self, params: Mapping[str, Any], model: Any, **_: Any) -> None:
        service = model.service_model.service_name
        if service == "dynamodb":
            self.taken.calls.update(units(model.name, params))
        else:
            self.taken.calls[f"{service}:{model.name}"] += 1


def units(operation: str, params: Mapping[str, Any]) -> Iterator[str]:
    """The units that a call takes, by the size of what is sent; what is read is taken to be below 4 kB.

    A write is also one to the index, where its item is or was open; a transaction takes twice.
    """
    if operation == "TransactWriteItems":
        for item in params["TransactItems"]:
            yield from ["dynamodb_write"] * (2 * _kilobytes(item))
    elif operation in WRITES:
        indexed = "open" in params.get("Item", {})
        yield from ["dynamodb_write"] * (_kilobytes(params) * (2 if indexed else 1))
    elif "RequestItems" in params:
        for wanted in params["RequestItems"].values():
            if isinstance(wanted, list):  # a batch of writes
                yield from ["dynamodb_write"] * sum(map(_kilobytes, wanted))
            else:
                yield from ["dynamodb_read"] * len(wanted["Keys"])
    else:
        yield "dynamodb_read"


def _kilobytes(value: Any) -> int:
    return -(-len(json.dumps(value, default=str)) // 1024)


class CountedWiring(LocalWiring):
    """Parts whose calls of AWS are counted on an account."""

    account: Taken

    @cached_property
    def aws(self) -> CountedClients:
        made = CountedClients(self.settings.threads)
        made.taken = self.account
        return made


def one_turn() -> Taken:
    """Answers a mention on the local stack, with stores as far away as they once were; not the first one."""
    before, installed = dict(os.environ), wiring._process[:]  # noqa: SLF001
    output = io.StringIO()
    try:
        with LocalStack({}, Pace(0.35, 90)) as stack, contextlib.redirect_stdout(output):
            os.environ.update(stack.settings)
            stack.ready()
            parts = CountedWiring(os.environ, Latencies(SEED))
            parts.account = Taken()
            wiring.install(parts)
            stack.prepare(parts.dynamodb, parts.aws.make("sqs"), parts.aws.make("secretsmanager"))
            os.environ.update(stack.settings)
            _turn(stack, parts)
            parts.account = parts.aws.taken = Taken()
            begin = output.tell()
            _turn(stack, parts)
            return _logged(parts.account, output.getvalue()[begin:])
    finally:
        os.environ.clear()
        os.environ.update(before)
        wiring._process[:] = installed  # noqa: SLF001


def _logged(taken: Taken, output: str) -> Taken:
    taken.logged = len(output)
    for line in map(json.loads, output.splitlines()):
        for directive in line.get("_aws", {}).get("CloudWatchMetrics", ()):
            taken.metrics += len(directive["Metrics"]) * len(directive["Dimensions"])
    return taken


def _turn(stack: LocalStack, parts: CountedWiring) -> None:
    webhook, turn = lambdas.handler("webhook"), lambdas.handler("turn")
    now = time.time()
    posted = events.posted(events.find("app_mention"), now, SIGNING_SECRET, lambda: uuid.uuid4().hex)
    stack.heard(events.said(posted.body))
    _timed(parts, "webhook", lambda: webhook(posted.as_lambda_event(now, "1"), lambdas.Context("webhook")))
    poller = Poller(parts.aws.make("sqs"), os.environ["WAKES_QUEUE_URL"], turn)
    _timed(parts, "turn", poller.poll)


def _timed(parts: CountedWiring, name: str, call: Any) -> None:
    began = time.perf_counter()
    call()
    parts.account.seconds[name] = parts.account.seconds.get(name, 0.0) + time.perf_counter() - began
