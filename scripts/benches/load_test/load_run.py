"""One run of the load bench: people post, the queue is polled, workers die, and what was seen is read."""

from __future__ import annotations

import heapq
import itertools
import json
import random
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from benches.load_test.function_workers import Disturber, FunctionFigures, FunctionWorker
from benches.load_test.load_stack import LoadStack
from benches.load_test.platform_posts import PlatformPosts
from benches.load_test.scenario import LoadMessage, LoadScenario, plan_messages
from benches.load_test.seen_answers import Acceptance
from benches.support.restored_function import FunctionSnapshot
from local.sample_events import samples
from repartee.stores.dynamodb.inbox import DynamoInbox
from repartee.turn.sweep import SWEEP_CORRELATION

OTHER_PLATFORMS_REDELIVER_SECONDS = 2.0
"""Seconds until Telegram and WhatsApp post again what was not acknowledged; twice as many each time."""

POLL_SECONDS = 2
"""Seconds that a poll of the queue waits for a wake."""

POLLING = Config(read_timeout=60, max_pool_connections=128)
"""The poller's client: what it has received must reach it, however busy the machine is."""

MAX_REDELIVERY_SECONDS = 60.0
MEMORY_SAMPLE_SECONDS = 5.0
PROGRESS_SECONDS = 10.0
FAR_FUTURE_SECONDS = 1e6
SETTLE_SECONDS = 7.0
"""Seconds after everything is closed until a sign of activity that nobody renews has ended in Telegram."""

ROOT = Path(__file__).parents[3]


@dataclass
class RunRecord:
    """Keeps what a run leaves behind beside what people saw. Owned by the run, whose threads add to it."""

    accepted: dict[str, Acceptance] = field(default_factory=dict)
    webhook: FunctionFigures = field(default_factory=FunctionFigures)
    turn: FunctionFigures = field(default_factory=FunctionFigures)
    sweep: FunctionFigures = field(default_factory=FunctionFigures)
    wakes_received: int = 0
    wakes_lost: int = 0
    wakes_doubled: int = 0
    wakes_by_kind: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    """How many were received of a message, in reserve of another, and of a turn that waits."""
    woken_by_sweep: int = 0
    refused_posts: int = 0
    post_seconds: list[float] = field(default_factory=list)
    began: float = 0.0
    last_closed: float = 0.0
    open_at_end: list[str] = field(default_factory=list)
    queue: list[tuple[float, int]] = field(default_factory=list)
    """Seconds after the beginning, with how many wakes waited then."""


class LoadRun:
    """Runs one scenario with one version's functions."""

    def __init__(self, stack: LoadStack, scenario: LoadScenario, root: Path = ROOT) -> None:
        self.stack, self.scenario = stack, scenario
        self.messages = plan_messages(scenario)
        self.record = RunRecord()
        self.posts = PlatformPosts(stack.stack)
        self.log = stack.scratch / "functions.log"
        self._snapshots = {
            name: FunctionSnapshot(root / "functions" / name, (root / "shared",), stack.settings, self.log)
            for name in ("webhook", "turn", "sweep")
        }
        self.webhooks = [FunctionWorker(self._snapshots["webhook"]) for _ in range(scenario.webhook_workers)]
        self.turns = [FunctionWorker(self._snapshots["turn"]) for _ in range(scenario.turn_workers)]
        self.sweeper = FunctionWorker(self._snapshots["sweep"])
        self.disturber = Disturber(self.turns, scenario.seed, stack.read_left_turn)
        self._sqs: Any = boto3.client("sqs", config=POLLING)
        self._queue_url = stack.settings["WAKES_QUEUE_URL"]
        self._is_over, self._lock = threading.Event(), threading.Lock()
        self._to_post: list[tuple[float, int, LoadMessage, int]] = []
        self._numbers = itertools.count()
        self._posting = 0
        self._queue_is_out = False
        self._chance = random.Random(scenario.seed + 1)

    def run(self) -> RunRecord:
        """Runs until all is answered, or the time for that is over."""
        with self._running_threads():
            self._wait_until_answered()
            time.sleep(SETTLE_SECONDS)
        return self.record

    @contextmanager
    def _running_threads(self) -> Iterator[None]:
        for worker, figures in self._list_workers():
            worker.start(figures)
        self.record.began = time.time()
        for message in self.messages:
            self._schedule_post(message, message.due, 0)
            if message.is_redelivered:
                self._schedule_post(message, message.due + self._chance.uniform(0.05, 3.0), 0)
        loops: list[Callable[[], None]] = [
            *(lambda worker=worker: self._post_messages(worker) for worker in self.webhooks),
            *(lambda worker=worker: self._answer_wakes(worker) for worker in self.turns),
            self._sweep_regularly,
            self._kill_workers,
            self._freeze_workers,
            self._sample_memory,
            *(lambda outage=outage: self._run_outage(outage) for outage in self.scenario.outages),
        ]
        threads = [threading.Thread(target=loop, daemon=True) for loop in loops]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._is_over.set()
            for worker, _ in self._list_workers():
                worker.stop()
            for thread in threads:
                thread.join(5.0)
            for snapshot in self._snapshots.values():
                snapshot.close()

    def _list_workers(self) -> list[tuple[FunctionWorker, FunctionFigures]]:
        return [
            *((worker, self.record.webhook) for worker in self.webhooks),
            *((worker, self.record.turn) for worker in self.turns),
            (self.sweeper, self.record.sweep),
        ]

    def _schedule_post(self, message: LoadMessage, due: float, attempt: int) -> None:
        with self._lock:
            heapq.heappush(self._to_post, (due, next(self._numbers), message, attempt))

    def _post_messages(self, worker: FunctionWorker) -> None:
        while not self._is_over.is_set():
            with self._lock:
                is_due = self._to_post and self._to_post[0][0] <= self._seconds
                _, _, message, attempt = heapq.heappop(self._to_post) if is_due else (0.0, 0, None, 0)
                self._posting += bool(message)
            if message is None:
                time.sleep(0.02)
                continue
            self._post_message(worker, message, attempt)
            with self._lock:
                self._posting -= 1

    def _post_message(self, worker: FunctionWorker, message: LoadMessage, attempt: int) -> None:
        """Posts it as the platform does, and again later if it is not acknowledged."""
        event, began = self.posts.build_post(message, time.time()), time.time()
        call = worker.invoke(event, "", self.record.webhook)
        self.record.post_seconds.append(time.time() - began)
        if call and call.answer["statusCode"] == 200:
            self.record.accepted.setdefault(message.token, Acceptance(began, time.time()))
            with suppress(OSError):
                self.stack.stack.apply_webhook_answer(event["rawPath"], call.answer["body"])
            return
        self.record.refused_posts += 1
        if (delay := self._redelivery_seconds(message, attempt)) is not None:
            self._schedule_post(message, self._seconds + delay, attempt + 1)

    def _redelivery_seconds(self, message: LoadMessage, attempt: int) -> float | None:
        if message.platform == "slack":
            waits = self.scenario.slack_redelivers_after
            return waits[attempt] if attempt < len(waits) else None
        return float(min(MAX_REDELIVERY_SECONDS, OTHER_PLATFORMS_REDELIVER_SECONDS * 2**attempt))

    def _answer_wakes(self, worker: FunctionWorker) -> None:
        """Polls as Lambda does for one worker: one wake at a time, gone when the call says so."""
        sqs = self._sqs
        while not self._is_over.is_set():
            if self._queue_is_out:
                time.sleep(0.2)
                continue
            answer = sqs.receive_message(
                QueueUrl=self._queue_url,
                WaitTimeSeconds=POLL_SECONDS,
                AttributeNames=["All"],
                MaxNumberOfMessages=1,
            )
            for wake in answer.get("Messages", ()):
                self._hand_over(worker, wake, sqs)

    def _hand_over(self, worker: FunctionWorker, wake: dict[str, Any], sqs: Any) -> None:
        body = json.loads(wake["Body"])
        self.record.wakes_received += 1
        self.record.wakes_by_kind[_kind_of_wake(body)] += 1
        draw, is_kept = self._chance.random(), self._must_be_kept(body)
        if draw < self.scenario.lost_wakes_share and not is_kept:
            self.record.wakes_lost += 1
            sqs.delete_message(QueueUrl=self._queue_url, ReceiptHandle=wake["ReceiptHandle"])
            return
        if draw < self.scenario.lost_wakes_share + self.scenario.doubled_wakes_share:
            self.record.wakes_doubled += 1
            sqs.send_message(QueueUrl=self._queue_url, MessageBody=wake["Body"])
        event = samples.wrap_wakes([wake], self._queue_url)
        call = worker.invoke(event, body["chat"], self.record.turn)
        if call and not call.answer["batchItemFailures"]:
            sqs.delete_message(QueueUrl=self._queue_url, ReceiptHandle=wake["ReceiptHandle"])

    def _must_be_kept(self, body: dict[str, Any]) -> bool:
        return body.get("correlation") == SWEEP_CORRELATION and not self.scenario.loses_wakes_of_sweep

    def _sweep_regularly(self) -> None:
        while not self._is_over.wait(self.scenario.sweep_every):
            call = self.sweeper.invoke({}, "", self.record.sweep)
            if call:
                self.record.woken_by_sweep += call.answer["woken"]

    def _kill_workers(self) -> None:
        killed = 0
        self._is_over.wait(self.scenario.kills_began)
        while killed < self.scenario.kills and not self._is_over.is_set():
            killed += self.disturber.kill_worker()
            self._is_over.wait(self.scenario.kill_every)

    def _freeze_workers(self) -> None:
        for at in self.scenario.freezes:
            if not self._is_over.wait(max(0.0, at - self._seconds)):
                self.disturber.freeze_worker(self.scenario.freeze_seconds)

    def _run_outage(self, outage: Any) -> None:
        if self._is_over.wait(max(0.0, outage.at - self._seconds)):
            return
        self._queue_is_out |= outage.backend == "queue"
        self.stack.run_outage(outage)
        if outage.backend == "queue":
            self._queue_is_out = False

    def _sample_memory(self) -> None:
        since = 0.0
        while not self._is_over.wait(MEMORY_SAMPLE_SECONDS):
            for worker, _ in self._list_workers():
                worker.sample_memory()
            if self._seconds - since >= PROGRESS_SECONDS:
                since = self._seconds
                self._print_progress()

    def _print_progress(self) -> None:
        done = f"{len(self.record.accepted)} of {len(self.messages)} taken"
        waiting = self.stack.count_waiting_wakes("WAKES_QUEUE_URL")
        self.record.queue.append((self._seconds, waiting))
        print(f"{self._seconds:.0f} s: {done}, {waiting} wakes wait", file=sys.stderr, flush=True)

    @property
    def _seconds(self) -> float:
        return time.time() - self.record.began

    def _wait_until_answered(self) -> None:
        inbox = DynamoInbox(self.stack.aws.get_client("dynamodb"), self.stack.settings["RECORDS_TABLE"])
        limit = self.messages[-1].due + self.scenario.drain_seconds
        while self._seconds < limit:
            time.sleep(2.0)
            with self._lock:
                is_posted = not self._to_post and not self._posting
            if is_posted and not self._list_open(inbox) and not any(turn.chat for turn in self.turns):
                break
        self.record.last_closed = time.time()
        self.record.open_at_end = self._list_open(inbox)

    def _list_open(self, inbox: DynamoInbox) -> list[str]:
        """Chats with open messages, whether a worker has them or not."""
        return sorted(set(inbox._chats_open_since(time.time() + FAR_FUTURE_SECONDS)))  # noqa: SLF001


def _kind_of_wake(body: dict[str, Any]) -> str:
    if body.get("safety"):
        return "reserve"
    return "message" if body.get("successor_due") else "again"


def count_by_chat(messages: Sequence[LoadMessage]) -> dict[int, str]:
    """Returns each chat's platform."""
    return {message.chat: message.platform for message in messages}
