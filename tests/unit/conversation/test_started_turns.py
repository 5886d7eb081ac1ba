"""The webhook starts a turn beside the queue, which answers where that was lost."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from repartee.aws.invocation import REST_SECONDS, InvokedTurns
from repartee.intake.guarded_wakes import GuardedWakes
from repartee.ports.inbox import LEASE_SECONDS, WAKE_MARGIN_SECONDS
from tests.support.crashing_world import CHANNEL_ID, CrashingWorld
from tests.support.memory_stores import MemoryWakes, UnnotedWakes

SUCCESSOR_SECONDS = LEASE_SECONDS + WAKE_MARGIN_SECONDS
THREAD = "1788999999.000001"


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


class Starter:
    """Notes what it is asked to start, and says whether that works."""

    def __init__(self, works: bool = True) -> None:
        self.works, self.started = works, list[tuple[str, float, str]]()

    def start_turn(self, chat: str, correlation: str, successor_due: float, message_id: str) -> bool:
        self.started.append((chat, successor_due, message_id))
        return self.works


class LambdaClient:
    """Lambda's client, as far as it is used here."""

    def __init__(self) -> None:
        self.invoked: list[dict[str, Any]] = []
        self.failure: Exception | None = None

    def invoke(self, **arguments: Any) -> None:
        if self.failure:
            raise self.failure
        self.invoked.append(arguments)


class Logger:
    """Keeps the names of warnings."""

    def __init__(self) -> None:
        self.warnings: list[object] = []

    def set_correlation_id(self, value: str) -> None:
        pass

    def info(self, msg: object, **fields: Any) -> None:
        pass

    def warning(self, msg: object, **fields: Any) -> None:
        self.warnings.append(msg)

    def error(self, msg: object, **fields: Any) -> None:
        pass


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def queue(clock: Clock) -> MemoryWakes:
    return MemoryWakes(clock)


def delays(queue: MemoryWakes) -> list[float]:
    return [letter.visible_at - 1_000.0 for letter in queue.queued.values()]


def test_the_queue_only_looks_after_a_turn_that_was_started(queue: MemoryWakes, clock: Clock) -> None:
    """Each message starts its turn; the queue's wake is the same for all of the chat."""
    starter = Starter()
    wakes = GuardedWakes(queue, clock, UnnotedWakes(), starter)

    wakes.send("a", message_id="m1")
    wakes.send("a", message_id="m2")

    due = 1_000.0 + SUCCESSOR_SECONDS
    assert starter.started == [("a", due, "m1"), ("a", due, "m2")]
    assert delays(queue) == [SUCCESSOR_SECONDS]
    assert all(letter.is_safety_net for letter in queue.queued.values())


def test_the_queue_wakes_at_once_where_no_turn_could_be_started(queue: MemoryWakes, clock: Clock) -> None:
    """As if nothing had been tried."""
    wakes = GuardedWakes(queue, clock, UnnotedWakes(), Starter(works=False))

    wakes.send("a", message_id="m1")
    wakes.send("a", message_id="m2")

    assert delays(queue) == [0.0, SUCCESSOR_SECONDS, 0.0]


def test_a_wake_that_is_delayed_starts_nothing(queue: MemoryWakes, clock: Clock) -> None:
    """The message may be the first of several."""
    starter = Starter()

    GuardedWakes(queue, clock, UnnotedWakes(), starter).send("a", 3.0, message_id="m1")

    assert not starter.started
    assert delays(queue) == [3.0, 3.0 + SUCCESSOR_SECONDS]


def test_an_event_names_the_chat_and_holds_no_text(clock: Clock) -> None:
    """The same as a wake in the queue; it is sent through the alias, and not waited for."""
    client = LambdaClient()

    assert InvokedTurns(client, "arn:turn:live", clock, Logger()).start_turn("a", "c", 5.0, "m1")

    (sent,) = client.invoked
    assert (sent["FunctionName"], sent["InvocationType"]) == ("arn:turn:live", "Event")
    assert json.loads(sent["Payload"]) == {
        "wake": {"chat": "a", "correlation": "c", "successor_due": 5.0, "message": "m1"}
    }


def test_lambda_that_does_not_answer_is_left_alone_for_a_while(clock: Clock) -> None:
    """The platform waits three seconds for the webhook: the queue alone is faster then."""
    client, logger = LambdaClient(), Logger()
    turns = InvokedTurns(client, "arn:turn:live", clock, logger)
    client.failure = ReadTimeoutError(endpoint_url="")

    assert not turns.start_turn("a", "", 0.0, "m1")
    client.failure = None
    assert not turns.start_turn("a", "", 0.0, "m2")
    assert logger.warnings == ["turn_not_invoked"]

    clock.now += REST_SECONDS
    assert turns.start_turn("a", "", 0.0, "m3")


def test_a_started_turn_that_was_lost_is_taken_when_the_queue_wakes() -> None:
    """Lambda accepted the event, and nothing came of it."""
    world = CrashingWorld()
    world.slack.add_person_message(CHANNEL_ID, "U0ADA", "the thread's first message", ts=THREAD)
    world.intake_wakes = GuardedWakes(world.wakes, world.clock, UnnotedWakes(), Starter())
    world.ask_question("where?", THREAD)
    world.run_worker()
    assert not world.visible_texts()

    world.pass_time(SUCCESSOR_SECONDS + 1.0)
    world.run_worker()

    assert world.visible_texts() == ["Re: <where?> "]
