"""A chat's first wake has a successor, which replaces a worker that dies before it has done anything."""

from __future__ import annotations

import pytest

from repartee.errors import Unavailable
from repartee.intake import guarded_wakes
from repartee.intake.guarded_wakes import GuardedWakes
from repartee.ports import JoinedWake
from repartee.ports.inbox import LEASE_SECONDS, WAKE_MARGIN_SECONDS
from tests.support.crashing_world import CHANNEL_ID, CrashingWorld
from tests.support.memory_stores import MemoryInbox, MemoryWakes, UnnotedWakes

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


def delays(queue: MemoryWakes) -> list[float]:
    return [letter.visible_at - 1_000.0 for letter in queue.queued.values()]


def test_messages_of_one_chat_share_a_successor(queue: MemoryWakes, clock: Clock) -> None:
    """As long as it is due; then the next message brings another."""
    wakes = GuardedWakes(queue, clock, UnnotedWakes())
    for _ in range(3):
        wakes.send("a")
    assert delays(queue) == [0.0, SUCCESSOR_SECONDS, 0.0, 0.0]
    assert {letter.successor_due for letter in queue.queued.values()} == {0.0, 1_000.0 + SUCCESSOR_SECONDS}

    clock.now += SUCCESSOR_SECONDS
    wakes.send("a")

    assert len(queue.queued) == 6


def test_a_wake_that_is_delayed_has_a_later_successor(queue: MemoryWakes, clock: Clock) -> None:
    """A worker that dies when the delay is over is replaced like any other."""
    GuardedWakes(queue, clock, UnnotedWakes()).send("a", 3.0)

    assert delays(queue) == [3.0, 3.0 + SUCCESSOR_SECONDS]


def test_what_a_process_remembers_is_bounded(
    queue: MemoryWakes, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A chat that was forgotten has another successor."""
    monkeypatch.setattr(guarded_wakes, "MAX_REMEMBERED_CHATS", 2)
    wakes = GuardedWakes(queue, clock, UnnotedWakes())
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


def test_a_wake_in_reserve_that_meets_a_chat_with_a_younger_one_leaves_none() -> None:
    """The wake of the message that is being answered has its own, due just after the lease would end."""
    world = CrashingWorld()
    message = world.ask_question("where?", THREAD)
    world.wakes.queued.clear()
    due = world.now + SUCCESSOR_SECONDS
    lease_end = world.now + LEASE_SECONDS
    world.inbox.acquire_lease(message.chat, "another", world.now, lease_end, successor_due=due)
    world.wakes.send(message.chat, is_safety_net=True)

    world.run_worker()

    assert not world.wakes.queued


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


def test_the_messages_of_a_burst_share_a_wake(world: CrashingWorld) -> None:
    """Two processes take in eight messages before a worker comes: one sends the wake and its successor. The
    other finds that a wake waits; whether it was sent it cannot know, and it leaves one in reserve."""
    processes = [GuardedWakes(world.wakes, world.clock, world.inbox) for _ in range(2)]
    began = world.now
    for number in range(8):
        processes[number % 2].send("a")
        world.now += 0.1

    due = [round(letter.visible_at - began, 1) for letter in world.wakes.queued.values()]
    assert due == [0.0, SUCCESSOR_SECONDS, 0.1 + SUCCESSOR_SECONDS]


def test_messages_that_many_processes_take_in_share_a_successor(world: CrashingWorld) -> None:
    """The record has it once a worker has had the first wake; then each answered message needs its own
    wake alone, whichever process takes it in, until the successor is over."""
    sent: list[int] = []
    for text in ("one", "two", "three", "four"):
        world.intake_wakes = GuardedWakes(world.wakes, world.clock, world.inbox)
        before = world.wakes.sent
        world.ask_question(text, THREAD)
        sent.append(world.wakes.sent - before)
        world.run_worker()
        world.pass_time(8.0)

    assert sent == [2, 1, 1, 2]
    assert world.visible_texts() == ["Re: <one> ", "Re: <two> ", "Re: <three> ", "Re: <four> "]


def test_a_message_that_relies_on_another_process_outlives_its_worker(world: CrashingWorld) -> None:
    """Wherever the worker dies: the successor that the first process sent comes within 22 s."""
    world.ask_question("one", THREAD)
    world.run_worker()
    world.pass_time(10.0)
    world.intake_wakes = GuardedWakes(world.wakes, world.clock, world.inbox)
    world.ask_question("two", THREAD)
    asked_at = world.now
    world.run_worker({1: None})
    while world.inbox.open:
        assert world.now - asked_at <= 22.0
        world.pass_time(1.0)
        world.run_worker()

    assert world.visible_texts() == ["Re: <one> ", "Re: <two> "]


def test_a_wake_that_was_noted_and_never_sent_holds_no_message_back(world: CrashingWorld) -> None:
    """Its process died in between. The next message, which another process takes in, has one in reserve."""
    world.inbox.join_wake(f"{CHANNEL_ID}:{THREAD}", world.now)
    world.ask_question("one", THREAD)
    asked_at = world.now
    while world.inbox.open:
        assert world.now - asked_at <= 22.0
        world.pass_time(1.0)
        world.run_worker()

    assert world.visible_texts() == ["Re: <one> "]


def test_a_wake_that_could_not_be_sent_is_sent_with_the_next_delivery(world: CrashingWorld) -> None:
    """At once, whichever process the platform delivers to: the note of it is taken back."""

    class BrokenWakes(MemoryWakes):
        def send_with_successor(self, *arguments: object, **named: object) -> None:
            raise Unavailable("sqs", "down")

    broken = GuardedWakes(BrokenWakes(world.clock), world.clock, world.inbox)
    with pytest.raises(Unavailable):
        broken.send("a")
    GuardedWakes(world.wakes, world.clock, world.inbox).send("a")

    assert [letter.visible_at - world.now for letter in world.wakes.queued.values()] == [
        0.0,
        SUCCESSOR_SECONDS,
    ]


class CountingInbox(MemoryInbox):
    """Counts the questions for wakes; `guard_due` is what it tells of every chat."""

    asked = 0
    guard_due = 0.0

    def join_wake(self, chat: str, now: float, *, is_kept: bool = True) -> JoinedWake:
        self.asked += 1
        return JoinedWake(guard_due=self.guard_due)


def test_a_process_that_takes_in_all_messages_hardly_asks(queue: MemoryWakes, clock: Clock) -> None:
    """Nobody else sends wakes: the first messages of chats cost one call in eight. It asks again for all of
    them when others begin to."""
    inbox = CountingInbox()
    wakes = GuardedWakes(queue, clock, inbox)
    for number in range(800):
        wakes.send(f"chat {number}")
    assert inbox.asked <= 800 / 8 + 40

    inbox.guard_due = clock.now + SUCCESSOR_SECONDS
    for number in range(200, 240):
        wakes.send(f"chat {number}")
    inbox.asked, sent = 0, queue.sent
    for number in range(300, 400):
        wakes.send(f"chat {number}")

    assert inbox.asked == 100
    assert queue.sent - sent == 100


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

    assert len(world.wakes.queued) == 2  # a wake and its successor
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

    class BrokenInbox(MemoryInbox):
        def join_wake(self, chat: str, now: float, *, is_kept: bool = True) -> JoinedWake:
            raise Unavailable("dynamodb", "down")

    wakes = GuardedWakes(queue, clock, BrokenInbox())
    wakes.send("a")
    wakes.send("a")

    assert delays(queue) == [0.0, SUCCESSOR_SECONDS, 0.0]
