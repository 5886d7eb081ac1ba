"""The senders of a desk's events in a run of the load bench: the deployed function, in processes that die."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from benches.load_test.function_workers import Disturber, FunctionFigures, FunctionWorker
from benches.load_test.load_run import FAR_FUTURE_SECONDS, POLL_SECONDS, POLLING
from benches.load_test.load_stack import LoadStack
from benches.load_test.scenario import LoadScenario
from benches.support.restored_function import FunctionSnapshot
from local.sample_events import samples
from local.stack import EVENTS_SECRET_NAME
from repartee.domain.desk import DeskWebhook
from repartee.stores.dynamodb.outbox import DynamoOutbox

SENDERS_NUMBER = 3
KILLS_SHARE = 0.1
"""Kills of senders, for each kill of a worker."""

FUNCTION_FOLDER = Path(__file__).with_name("event_sender")
EVENTS_QUEUE, DEAD_EVENTS_QUEUE = "DESK_EVENTS_QUEUE_URL", "DESK_EVENT_DEAD_LETTERS_QUEUE_URL"


def make_webhook(stack: LoadStack) -> DeskWebhook:
    """Returns the receiver: the local stack's, which is told the words too."""
    return DeskWebhook(url=stack.stack.event_receiver_url, secret=EVENTS_SECRET_NAME, texts=True)


@dataclass(frozen=True)
class ToldEvent:
    """An event that the receiver has taken."""

    kind: str
    conversation: str
    text: str = ""
    sent_by: str = ""


class EventSenders:
    """Sends the events that turns leave in the outbox, until the run is over."""

    def __init__(self, stack: LoadStack, scenario: LoadScenario, root: Path, log: Path) -> None:
        self._stack, self._scenario = stack, scenario
        self._snapshot = FunctionSnapshot(FUNCTION_FOLDER, (root / "shared",), stack.settings, log)
        self.workers = [FunctionWorker(self._snapshot) for _ in range(SENDERS_NUMBER)]
        self.disturber = Disturber(self.workers, scenario.seed, stack.read_left_turn)
        self.figures = FunctionFigures()
        self._sqs: Any = boto3.client("sqs", config=POLLING)

    def list_loops(self, is_over: threading.Event) -> Sequence[Callable[[], None]]:
        """Returns what is to run in threads: polling as Lambda does, and what kills senders."""
        polls = [lambda worker=worker: self._poll(worker, is_over) for worker in self.workers]
        return [*polls, lambda: self._kill_senders(is_over)]

    def is_idle(self) -> bool:
        """Returns whether nothing waits to be sent."""
        return not self._stack.count_waiting_wakes(EVENTS_QUEUE) and not self.list_open_lanes()

    def list_open_lanes(self) -> list[str]:
        """Returns the conversations of which something is still to be sent."""
        table = self._stack.settings["RECORDS_TABLE"]
        outbox = DynamoOutbox(self._stack.aws.get_client("dynamodb"), table, time.time)
        return sorted(lane.chat for lane in outbox.list_idle_lanes(time.time() + FAR_FUTURE_SECONDS))

    def count_dead(self) -> int:
        """Returns how many events were given up."""
        return self._stack.count_waiting_wakes(DEAD_EVENTS_QUEUE)

    def read_told(self) -> list[ToldEvent]:
        """Returns what the receiver has taken, in its order; what it took again is not in it."""
        return [
            ToldEvent(
                one["type"],
                one["data"]["conversation"],
                one["data"].get("text", ""),
                one["data"].get("sent_by", ""),
            )
            for one in self._stack.stack.call_standins("webhooks")
        ]

    def close(self) -> None:
        """Ends the snapshot. Its copies end with their workers."""
        self._snapshot.close()

    def _poll(self, worker: FunctionWorker, is_over: threading.Event) -> None:
        url = self._stack.settings[EVENTS_QUEUE]
        while not is_over.is_set():
            answer = self._sqs.receive_message(
                QueueUrl=url, WaitTimeSeconds=POLL_SECONDS, AttributeNames=["All"], MaxNumberOfMessages=1
            )
            for message in answer.get("Messages", ()):
                lane = json.loads(message["Body"])
                event = samples.wrap_wakes([message], url)
                call = worker.invoke(event, lane["chat"], self.figures)
                if call and not call.answer["batchItemFailures"]:
                    self._sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])

    def _kill_senders(self, is_over: threading.Event) -> None:
        killed, wanted = 0, round(self._scenario.kills * KILLS_SHARE)
        is_over.wait(self._scenario.kills_began)
        while killed < wanted and not is_over.is_set():
            killed += self.disturber.kill_worker()
            is_over.wait(self._scenario.kill_every / KILLS_SHARE)
