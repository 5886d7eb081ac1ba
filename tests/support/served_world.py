"""The whole Repartee of `crashing_world` on DynamoDB Local and ElasticMQ, with threads, in real time."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import msgspec

from repartee.aws.queue import SqsWakes, Wake
from repartee.intake.guarded_wakes import GuardedWakes
from repartee.stores.dynamodb.inbox import DynamoInbox
from repartee.stores.dynamodb.records import DynamoRecords
from repartee.turn.heartbeat import Heartbeat
from repartee.turn.received_wake import ReceivedWake
from repartee.turn.worker import ChatWorker
from standins.slack.server import SlackStandIn
from tests.support import aws
from tests.support.crashing_world import CrashingWorld, WorkerLife
from tests.support.executors import pool_without_threads

WORKERS = 3
PIECE_SECONDS = 0.01


class LockedSlack(SlackStandIn):
    """The stand-in for several workers at once."""

    def __init__(self, clock: Any) -> None:
        super().__init__(clock)
        self._calling = threading.Lock()

    def handle_call(self, method: str, token: str, arguments: Mapping[str, Any]) -> Any:
        with self._calling:
            return super().handle_call(method, token, dict(arguments))


class ServedWorld(CrashingWorld):
    """Workers that poll a real queue, each with records of its own as in a process of its own."""

    def __init__(self, dynamodb: Any, sqs: Any) -> None:
        super().__init__()
        self._dynamodb, self._sqs, self._table = dynamodb, sqs, aws.make_table(dynamodb)
        self.queue, self.dead_letters = aws.make_wakes(sqs)
        self.slack = LockedSlack(self.clock)
        real: Any = self
        real.inbox = DynamoInbox(dynamodb, self._table)
        real.wakes = SqsWakes(sqs, self.queue, self.dead_letters)
        self.intake_wakes = GuardedWakes(self.wakes, self.clock, self.inbox)

    @property
    def now(self) -> float:
        return time.time()

    @now.setter
    def now(self, value: float) -> None:
        """Time passes by itself."""

    def clock(self) -> float:
        return time.time()

    def pass_time(self, seconds: float) -> None:
        time.sleep(min(seconds, PIECE_SECONDS))

    @contextmanager
    def run_workers(self) -> Iterator[None]:
        """Workers take wakes for as long as the block lasts."""
        ended = threading.Event()
        threads = [
            threading.Thread(target=self._poll, args=(self._make_process(), ended)) for _ in range(WORKERS)
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            ended.set()
            for thread in threads:
                thread.join()

    def count_open_items(self) -> int:
        """How many messages and exchanges wait for anything."""
        return int(self._dynamodb.scan(TableName=self._table, IndexName="open")["Count"])

    def count_dead_letters(self) -> int:
        name = "ApproximateNumberOfMessages"
        found = self._sqs.get_queue_attributes(QueueUrl=self.dead_letters, AttributeNames=[name])
        return int(found["Attributes"][name])

    def _make_process(self) -> ChatWorker:
        own: Any = self
        own.pool = pool_without_threads()
        own.records = DynamoRecords(self._dynamodb, self._table, self.clock)
        return self._make_worker(WorkerLife({}))

    def _poll(self, worker: ChatWorker, ended: threading.Event) -> None:
        while not ended.is_set():
            answer = self._sqs.receive_message(QueueUrl=self.queue, WaitTimeSeconds=1)
            for message in answer.get("Messages", []):
                wake, receipt = msgspec.json.decode(message["Body"], type=Wake), message["ReceiptHandle"]
                order = ReceivedWake(
                    wake.chat, receipt, time.time() + 270, wake.correlation_id, wake.successor_due
                )
                if not worker.answer_all([order]):
                    self._sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=receipt)

    def _run_heartbeats(self, *arguments: Any, **named: Any) -> Heartbeat:
        return Heartbeat(*arguments, **named)
