"""A chat's first wake has a successor, which replaces a worker that dies before it has done anything."""

from __future__ import annotations

import pytest

from repartee.errors import Unavailable
from repartee.intake import guarded_wakes
from repartee.intake.guarded_wakes import GuardedWakes
from repartee.ports.inbox import LEASE_SECONDS, WAKE_MARGIN_SECONDS
from tests.support.crashing_world import CHANNEL_ID, CrashingWorld
from tests.support.memory_stores import MemoryWakes

THREAD = "1788999999.000001"
SUCCESSOR_SECONDS = LEASE_SECONDS + WAKE_MARGIN_SECONDS


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def world() -> CrashingWorld:
    world = CrashingWorld()
    world.slack.add_person_message(CHANNEL_ID, "U0ADA", "the thread's first message", ts=THREAD)
    return world


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def queue(clock: Clock) -> MemoryWakes:
    return MemoryWakes(clock)


def never_joined(chat: str, now: float) -> bool:
    return False


def delays(queue: MemoryWakes) -> list[float]:
    return [letter.visible_at - 1_000.0 for letter in queue.queued.values()]


def test_messages_of_one_chat_share_a_successor(queue: MemoryWakes, clock: Clock) -> None:
    """As long as it is due; then the next message brings another."""
    wakes = GuardedWakes(queue, clock, never_joined)
    for _ in range(3):
        wakes.send("a")
    assert delays(queue) == [0.0, SUCCESSOR_SECONDS, 0.0, 0.0]
    assert {letter.successor_due for letter in queue.queued.values()} == {0.0, 1_000.0 + SUCCESSOR_SECONDS}

    clock.now += SUCCESSOR_SECONDS
    wakes.send("a")

    assert len(queue.queued) == 6


def test_a_wake_that_is_delayed_has_a_later_successor(queue: MemoryWakes, clock: Clock) -> None:
    """A worker that dies when the delay is over is replaced like any other."""
    GuardedWakes(queue, clock, never_joined).send("a", 3.0)

    assert delays(queue) == [3.0, 3.0 + SUCCESSOR_SECONDS]


def test_what_a_process_remembers_is_bounded(
    queue: MemoryWakes, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A chat that was forgotten has another successor."""
    monkeypatch.setattr(guarded_wakes, "MAX_REMEMBERED_CHATS", 2)
    wakes = GuardedWakes(queue, clock, never_joined)
    for chat in ("a", "b", "c", "c", "a"):
        wakes.send(chat)

    assert len(queue.queued) == 5 + 4


def test_a_worker_whose_wake_has_a_successor_sends_none() -> None:
    """In the whole turn, so that its first text waits for one call less."""
    world = CrashingWorld()
    world.slack.add_person_message(CHANNEL_ID, "U0ADA", "the thread's first message", ts=THREAD)
    world.ask_question("where?", THREAD)

    life = world.run_worker()

    assert world.visible_texts() == ["Re: <where?> "]
    assert not [point for point in life.passed if "wakes" in point or "schedule_wake" in point]


def test_a_reply_of_minutes_always_has_a_wake_in_reserve() -> None:
    """The successor finds the chat held, and leaves another for when the lease would end, again and again."""
    world = CrashingWorld()
    world.slack.add_person_message(CHANNEL_ID, "U0ADA", "the thread's first message", ts=THREAD)
    queued: list[int] = []

    def think_for_minutes() -> None:
        watches = list(world.watches)
        for _ in range(100):
            world.pass_time(1.0)
            waiting = world.wakes.visible_receipts()
            if waiting:
                world.watches[:] = []
                world.run_worker()
                world.watches[:] = watches
            queued.append(len(world.wakes.queued))

    world.between_pieces = think_for_minutes
    world.ask_question("where?", THREAD)

    world.run_worker()

    assert world.visible_texts() == ["Re: <where?> "]
    assert min(queued) >= 2  # its own, which is hidden, and the one in reserve
    assert max(queued) <= 3


def test_the_messages_of_a_burst_share_a_wake() -> None:
    """Two processes take in five messages before a worker comes: each sends its first wake and successor, and
    the first message that it knows to be another's finds that a wake waits, or sends one."""
    world = CrashingWorld()
    processes = [GuardedWakes(world.wakes, world.clock, world.inbox.join_wake) for _ in range(2)]
    for number in range(8):
        world.now += 0.1
        processes[number % 2].send("a")

    assert len(world.wakes.queued) == 2 * 2 + 1


def test_what_joins_a_wake_is_answered(world: CrashingWorld) -> None:
    """By the worker that comes, or by the one that holds the chat when it has answered."""
    lives: list[int] = []

    def ask_again() -> None:
        world.between_pieces = lambda: None
        before = len(world.wakes.queued)
        world.ask_question("four", THREAD)
        lives.append(len(world.wakes.queued) - before)

    world.between_pieces = ask_again
    for text in ("one", "two", "three"):
        world.ask_question(text, THREAD)

    assert len(world.wakes.queued) == 3
    world.run_worker()

    assert lives == [0]
    assert world.visible_texts() == ["Re: <one> <two> <three> ", "Re: <four> "]
    assert not world.inbox.open


def test_after_an_answer_the_next_message_is_woken_for(world: CrashingWorld) -> None:
    """What joined a turn that is over holds nothing back."""

    def ask_again() -> None:
        world.between_pieces = lambda: None
        world.ask_question("two", THREAD)

    world.between_pieces = ask_again
    world.ask_question("one", THREAD)
    world.run_worker()
    world.ask_question("three", THREAD)

    world.run_worker()

    assert world.visible_texts() == ["Re: <one> ", "Re: <two> ", "Re: <three> "]


def test_a_worker_that_dies_with_joined_messages_is_replaced(world: CrashingWorld) -> None:
    """At any point: by the successor of the first wake."""
    for text in ("one", "two"):
        world.ask_question(text, THREAD)
    world.run_worker({1: None})
    world.ask_question("three", THREAD)

    for _ in range(30):
        world.pass_time(1.0)
        world.run_worker()

    assert not world.inbox.open
    assert "".join(world.visible_texts()).replace("Re: ", "") == "<one> <two> <three> "


def test_while_the_store_is_down_a_wake_is_sent(queue: MemoryWakes, clock: Clock) -> None:
    """What cannot be asked costs a wake, never an answer."""

    def fail(chat: str, now: float) -> bool:
        raise Unavailable("dynamodb", "down")

    wakes = GuardedWakes(queue, clock, fail)
    wakes.send("a")
    wakes.send("a")

    assert delays(queue) == [0.0, SUCCESSOR_SECONDS, 0.0]
