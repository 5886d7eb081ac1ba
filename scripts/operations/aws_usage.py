"""Counts the AWS usage of one turn on the local stack: calls, seconds of functions, bytes of logs."""

from __future__ import annotations

import contextlib
import io
import json
import os
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from local import brief_seeds, desk_seeds, lambda_handlers
from local.latency import SEED_LATENCIES_SECONDS, InjectedLatencies
from local.local_wiring import LocalWiring
from local.queue_poller import QueuePoller
from local.sample_events import samples
from local.stack import EVENTS_SECRET_NAME, SIGNING_SECRET, LocalStack, StackFailed
from repartee import wiring
from repartee.aws.calls import AwsClients
from repartee.domain.brief import BriefJob
from repartee.domain.reminder import ReminderWake
from repartee.wiring import brief_stores, briefs, process, stores
from standins.openai.server import Pace

INDEX_KEYS = ("open", "newest", "signed")
"""Sort keys of the local indexes."""

EMAIL_SETTINGS = {
    "EMAIL_FROM": "briefs@example.com",
    "EMAIL_LINKS_URL": "https://links.example",
    "EMAIL_LINKS_KEY": "for-the-local-stack-only-links-key",
}

WRITE_OPERATIONS = {"PutItem", "UpdateItem", "DeleteItem"}


@dataclass
class AwsUsage:
    """AWS usage: calls, and write and read units of DynamoDB; seconds by function; bytes of logs and the
    number of metrics in them."""

    calls: Counter[str] = field(default_factory=Counter)
    seconds: dict[str, float] = field(default_factory=dict)
    logged: int = 0
    metrics: int = 0


class CountedClients(AwsClients):
    """Clients whose calls are counted."""

    usage: AwsUsage

    def make_client(self, service: str) -> Any:
        client = super().make_client(service)
        client.meta.events.register_first("before-parameter-build", self._count_call)
        return client

    def _count_call(self, params: Mapping[str, Any], model: Any, **_: Any) -> None:
        service = model.service_model.service_name
        if service == "dynamodb":
            self.usage.calls.update(capacity_units(model.name, params))
        else:
            self.usage.calls[f"{service}:{model.name}"] += 1


def capacity_units(operation: str, params: Mapping[str, Any]) -> Iterator[str]:
    """Yields the units that a call takes, by the size of what is sent; what is read is taken to be below 4
    kB.

    A write is also one to the index, where its item is or was open; a transaction takes twice.
    """
    if operation == "TransactWriteItems":
        for item in params["TransactItems"]:
            yield from ["dynamodb_write"] * (2 * _item_kilobytes(item))
    elif operation in WRITE_OPERATIONS:
        yield from ["dynamodb_write"] * (_item_kilobytes(params) * _count_copies(params.get("Item", {})))
    elif "RequestItems" in params:
        for wanted in params["RequestItems"].values():
            if isinstance(wanted, list):  # a batch of writes
                for one in wanted:
                    copies = _count_copies(one.get("PutRequest", {}).get("Item", {}))
                    yield from ["dynamodb_write"] * (_item_kilobytes(one) * copies)
            else:
                yield from ["dynamodb_read"] * len(wanted["Keys"])
    else:
        yield "dynamodb_read"


def _count_copies(item: Mapping[str, Any]) -> int:
    """Returns how often an item is written: in the table, and in each index that has it."""
    return 1 + sum(name in item for name in INDEX_KEYS)


def _item_kilobytes(value: Any) -> int:
    return -(-len(json.dumps(value, default=str)) // 1024)


class CountedWiring(LocalWiring):
    """Parts whose calls of AWS are counted on an account."""

    def __init__(self, environment: Mapping[str, str], latencies: InjectedLatencies) -> None:
        super().__init__(environment, latencies)
        self.account = AwsUsage()
        self.clients = CountedClients(self.get(process.settings).max_threads)
        self.clients.usage = self.account
        self.put(process.aws_clients, self.clients)


def measure_one_turn(settings: Mapping[str, str] | None = None) -> AwsUsage:
    """Answers a mention on the local stack, with stores as far away as they once were; not the first one.
    `settings` are more settings of the functions."""
    return measure_usage(settings or {}, _run_turn)


def measure_desk_turn(*, has_receiver: bool) -> AwsUsage:
    """Answers a customer of a desk in the same way; with a receiver its events are sent, too."""

    def configure(stack: LocalStack, parts: CountedWiring) -> None:
        receiver = stack.event_receiver_url if has_receiver else ""
        for config in desk_seeds.sample_configs(receiver, EVENTS_SECRET_NAME):
            parts.get(stores.desk_records).save_config(msgspec.structs.replace(config, knowledge=""))

    def run(stack: LocalStack, parts: CountedWiring) -> None:
        _run_turn(stack, parts)
        if has_receiver:
            send = lambda_handlers.load_handler("desk_event_send")
            poller = QueuePoller(parts.clients.get_client("sqs"), os.environ["DESK_EVENTS_QUEUE_URL"], send)
            time_call(parts, "deskeventsend", poller.poll_queue)

    return measure_usage({"ASSISTANT": "desk"}, run, configure)


def measure_brief(*, by_email: bool) -> AwsUsage:
    """Writes a brief of five projects from its job and says it; by e-mail too, the mail is sent besides."""
    ids = iter(("first", "second"))

    def configure(stack: LocalStack, parts: CountedWiring) -> None:
        if by_email:
            parts.clients.get_client("sesv2").create_email_identity(
                EmailIdentity=EMAIL_SETTINGS["EMAIL_FROM"]
            )
        for id in ("first", "second"):
            brief_seeds.subscribe(parts, time.time(), id)
            if by_email:
                contacts = parts.get(brief_stores.email_contacts)
                contacts.trust(brief_seeds.ADA, id, "ada@example.com", "n1", "en")

    def run(stack: LocalStack, parts: CountedWiring) -> None:
        day = time.strftime("%Y-%m-%d", time.gmtime())
        if refused := parts.get(briefs.brief_queue).send_jobs([BriefJob(brief_seeds.ADA, next(ids), day)]):
            raise StackFailed(f"the job was not queued: {refused}")
        _work_off(parts, "briefwrite", "brief_write", "BRIEFS_QUEUE_URL")
        if by_email:
            _work_off(parts, "briefemail", "brief_email", "BRIEF_EMAILS_QUEUE_URL")

    return measure_usage(EMAIL_SETTINGS if by_email else {}, run, configure)


def measure_reminder() -> AwsUsage:
    """Says a reminder from its wake, which the schedule has sent."""
    ids = iter(("first", "second"))

    def run(stack: LocalStack, parts: CountedWiring) -> None:
        now = time.time()
        reminder = brief_seeds.make_reminder(next(ids), now)
        parts.get(brief_stores.reminders).put_reminder(reminder)
        wake = ReminderWake(reminder.person, reminder.id, reminder.due_at)
        parts.get(briefs.reminder_queue).send_wakes([wake], now)
        _work_off(parts, "remind", "remind", "REMINDERS_QUEUE_URL")

    return measure_usage({}, run)


def measure_schedule() -> AwsUsage:
    """Runs the schedule of briefs while none is due."""

    def run(stack: LocalStack, parts: CountedWiring) -> None:
        schedule = lambda_handlers.load_handler("brief_schedule")
        time_call(
            parts, "briefschedule", lambda: schedule({}, lambda_handlers.LambdaContext("brief_schedule"))
        )

    return measure_usage({}, run)


def _work_off(parts: CountedWiring, name: str, function: str, queue_setting: str) -> None:
    """Hands the job that waits to its function. Raises `StackFailed` where it is not done with."""
    handler = lambda_handlers.load_handler(function)
    poller = QueuePoller(parts.clients.get_client("sqs"), os.environ[queue_setting], handler)
    done: list[int] = []
    time_call(parts, name, lambda: done.append(poller.poll_queue()))
    if done != [1]:
        raise StackFailed(f"{function} did not do its job")


def measure_usage(
    settings: Mapping[str, str],
    run: Callable[[LocalStack, CountedWiring], None],
    prepare: Callable[[LocalStack, CountedWiring], None] = lambda stack, parts: None,
) -> AwsUsage:
    """Returns the usage of what is run on a local stack, the second time."""
    before, installed = dict(os.environ), wiring._current_wiring[:]  # noqa: SLF001
    output = io.StringIO()
    try:
        with LocalStack({}, Pace(0.35, 90)) as stack, contextlib.redirect_stdout(output):
            os.environ.update({**stack.settings, **settings})
            stack.wait_until_ready()
            parts = CountedWiring(os.environ, InjectedLatencies(SEED_LATENCIES_SECONDS))
            wiring.set_wiring(parts)
            stack.create_resources(
                parts.get(process.dynamodb_client),
                parts.clients.get_client("sqs"),
                parts.clients.get_client("secretsmanager"),
            )
            os.environ.update(stack.settings)
            prepare(stack, parts)
            run(stack, parts)
            parts.account = parts.clients.usage = AwsUsage()
            begin = output.tell()
            run(stack, parts)
            return _count_logged_bytes(parts.account, output.getvalue()[begin:])
    finally:
        os.environ.clear()
        os.environ.update(before)
        wiring._current_wiring[:] = installed  # noqa: SLF001


def _count_logged_bytes(taken: AwsUsage, output: str) -> AwsUsage:
    taken.logged = len(output)
    for line in map(json.loads, output.splitlines()):
        for directive in line.get("_aws", {}).get("CloudWatchMetrics", ()):
            taken.metrics += len(directive["Metrics"]) * len(directive["Dimensions"])
    return taken


def _run_turn(stack: LocalStack, parts: CountedWiring) -> None:
    webhook, turn = lambda_handlers.load_handler("webhook"), lambda_handlers.load_handler("turn")
    now = time.time()
    posted = samples.build_request(
        samples.find_event("app_mention"), now, SIGNING_SECRET, lambda: uuid.uuid4().hex
    )
    stack.show_person_message(samples.extract_said(posted.body))
    time_call(
        parts,
        "webhook",
        lambda: webhook(posted.as_lambda_event(now, "1"), lambda_handlers.LambdaContext("webhook")),
    )
    poller = QueuePoller(parts.clients.get_client("sqs"), os.environ["WAKES_QUEUE_URL"], turn)
    time_call(parts, "turn", poller.poll_queue)


def time_call(parts: CountedWiring, name: str, call: Any) -> None:
    """Calls the function, and adds its seconds to the account."""
    began = time.perf_counter()
    call()
    parts.account.seconds[name] = parts.account.seconds.get(name, 0.0) + time.perf_counter() - began
