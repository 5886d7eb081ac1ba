"""A wake is sent beside its message: whichever comes first, the message is answered at once."""

from __future__ import annotations

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from aws_lambda_powertools import Logger
from msgspec.structs import replace

from repartee.domain.message import Incoming, Message
from repartee.errors import Unavailable
from repartee.intake.guarded_wakes import GuardedWakes
from repartee.intake.message_keeper import MAX_NEW_AGE_SECONDS, MessageKeeper, WakingBeside
from repartee.intake.person_limits import PersonLimits
from repartee.ports import JoinedWake, PutResult
from repartee.ports.inbox import EARLY_WAKE_SECONDS
from tests.support.crashing_world import CHANNEL_ID, CrashingWorld, make_question
from tests.support.inbox_builders import CHAT_ID, make_message
from tests.support.memory_stores import MemoryInbox, MemoryWakes
from tests.support.memory_web_stores import MemoryRates

THREAD = "1788999999.000001"
POINTS = range(1, 40)


@pytest.fixture
def world() -> CrashingWorld:
    world = CrashingWorld()
    world.slack.add_person_message(CHANNEL_ID, "U0ADA", "the thread's first message", ts=THREAD)
    return world


def say(world: CrashingWorld, number: int, *, opens: bool = False) -> Message:
    """Returns what a person has said, which nobody has kept yet."""
    world.now += 0.01
    said = make_question(number, world.now, THREAD)
    if opens:
        return replace(said, id=THREAD)
    world.slack.add_person_message(CHANNEL_ID, "U0ADA", said.text, ts=said.id, thread_ts=THREAD)
    return said


def answer_visible(world: CrashingWorld) -> None:
    """Answers the wakes that are visible now, and lets no time pass for others."""
    for _ in range(9):
        world.run_worker()


def answers_to(world: CrashingWorld, said: Incoming) -> int:
    assert isinstance(said, Message)
    return sum(f"<{said.text}>" in text for text in world.visible_texts())


@pytest.mark.parametrize("opens", [False, True])
@pytest.mark.parametrize("point", POINTS)
def test_a_message_that_is_kept_after_its_worker_began_is_answered(
    world: CrashingWorld, point: int, opens: bool
) -> None:
    """At whichever point of the worker's way, within the time for which it waits; no sweep and no wake in
    reserve is needed."""
    said = say(world, 1, opens=opens)
    began, kept = world.now, []
    world.wakes.send(said.chat, message_id=said.id)

    def keep() -> None:
        kept.append(world.now - began)
        world.inbox.put(said)

    world.run_worker({point: keep})
    if not kept:
        keep()
    answer_visible(world)

    assert answers_to(world, said) == 1 or kept[0] >= EARLY_WAKE_SECONDS


@pytest.mark.parametrize("point", POINTS)
def test_a_wake_that_finds_the_chat_held_tells_of_its_message_once_that_is_kept(
    world: CrashingWorld, point: int
) -> None:
    """The worker that holds the chat looks again before it goes: at what was kept before it was told."""
    first, second = say(world, 1, opens=True), say(world, 2)
    world.inbox.put(first)
    world.wakes.send(first.chat, message_id=first.id)

    woken: list[str] = []

    def keep_second() -> None:
        world.inbox.put(second)

    def wake_early() -> None:
        woken.append(second.id)
        world.wakes.send(second.chat, message_id=second.id)
        watches, world.watches = world.watches, []  # of another process
        world.run_worker({3: keep_second})
        world.watches = watches

    world.run_worker({point: wake_early})
    if not woken:
        wake_early()
    world.inbox.put(second)
    answer_visible(world)

    assert answers_to(world, first) == 1
    assert answers_to(world, second) == 1


def test_nobody_is_told_of_a_message_before_it_is_kept(world: CrashingWorld) -> None:
    """The worker that holds the chat would look, find nothing, and go."""
    said, is_known = say(world, 1), []
    world.inbox.acquire_lease(said.chat, "another turn", world.now, world.now + 20.0)
    world.wakes.send(said.chat, message_id=said.id)

    def note(point: str) -> None:
        if point == "before inbox.knock":
            is_known.append((said.chat, said.id) in world.inbox.messages)

    def keep() -> None:
        world.inbox.put(said)

    world.at_each_point = note
    world.run_worker({5: keep})

    assert is_known == [True]


@pytest.mark.parametrize("point", POINTS)
def test_a_chat_that_another_worker_has_answered_meanwhile_is_not_answered_again(
    world: CrashingWorld, point: int
) -> None:
    """Also where that happens between what this worker reads and its lease."""
    said = say(world, 1, opens=True)
    world.inbox.put(said)
    for _ in range(2):
        world.wakes.send(said.chat, message_id=said.id)

    def answer_meanwhile() -> None:
        watches, world.watches = world.watches, []  # of another process
        world.run_worker()
        world.watches = watches

    world.run_worker({point: answer_meanwhile})
    answer_visible(world)

    assert answers_to(world, said) == 1
    assert sum(world.model_calls.values()) == 1


@pytest.mark.parametrize("point", POINTS)
def test_what_is_told_later_of_a_message_is_answered_too(world: CrashingWorld, point: int) -> None:
    """A file that comes with the second of two events of one post, while the first one's worker begins: it is
    in the prompt, or a message of its own."""
    said = say(world, 1, opens=True)
    world.inbox.put(said)
    world.wakes.send(said.chat, message_id=said.id)
    revised = replace(said, id="r1", revises=said.id, text="question 9.")
    known: list[str] = []

    world.run_worker({point: lambda: known.append(world.inbox.revise(revised))})
    answer_visible(world)

    if known == ["waiting"]:
        assert [line.text for line in world.prompts[-1].incoming] == ["question 9."]


@pytest.mark.parametrize("point", POINTS)
def test_a_message_that_shares_a_wake_is_answered_by_its_worker(world: CrashingWorld, point: int) -> None:
    """Its process found that a wake waits, or that a worker has the chat, and sent none."""
    first, second = say(world, 1, opens=True), say(world, 2)
    world.inbox.put(first)
    world.intake_wakes.send(first.chat, message_id=first.id)

    def share() -> None:
        world.inbox.put(second)
        world.intake_wakes.send(second.chat, message_id=second.id)

    world.run_worker({point: share})
    if second.id not in {message.id for message in world.inbox.said_messages()}:
        share()
    answer_visible(world)

    assert (answers_to(world, first), answers_to(world, second)) == (1, 1)


class SlowInbox(MemoryInbox):
    """An inbox in which a call may be made while a message is written."""

    meanwhile: Callable[[], None] = staticmethod(lambda: None)

    def put(self, message: Incoming) -> PutResult:
        self.meanwhile()
        return super().put(message)


class Intake:
    """A process that takes messages in."""

    def __init__(self, limits: PersonLimits | None = None) -> None:
        self.now = 1_000.0
        self.inbox, self.wakes = SlowInbox(), MemoryWakes(lambda: self.now)
        self.metrics: list[str] = []
        guarded = GuardedWakes(self.wakes, lambda: self.now, self.inbox)
        self.executor = ThreadPoolExecutor(1)
        self.keeper = MessageKeeper(
            self.inbox,
            guarded,
            Logger(service="test-keeper", stream=io.StringIO()),
            self.metrics.append,
            lambda: self.now,
            beside=WakingBeside(guarded, self.executor),
        )

    def take_in(self, id: str = "m1", age: float = 0.1, *, likely: bool = True, chat: str = CHAT_ID) -> None:
        message = make_message(id=id, chat=chat, sent=self.now - age, received=self.now)
        self.keeper.take_in(message, lambda one: one, likely=likely)

    @property
    def sent(self) -> int:
        """How many wakes were sent that are due at once."""
        return len(self.wakes.visible_receipts())


def test_the_wake_is_sent_while_the_message_is_written() -> None:
    intake, is_sent = Intake(), Event()
    intake.executor.submit(lambda: None).result()
    send_pair = intake.wakes.send_with_successor

    def send(*arguments: object, **named: object) -> None:
        send_pair(*arguments, **named)  # type: ignore[arg-type]
        is_sent.set()

    intake.wakes.send_with_successor = send  # type: ignore[method-assign]

    def wait_for_wake() -> None:
        assert is_sent.wait(5.0)

    intake.inbox.meanwhile = wait_for_wake

    intake.take_in()

    assert is_sent.is_set()
    assert intake.sent == 1
    assert len(intake.inbox.open) == 1


def test_a_message_that_opens_its_chat_asks_nobody() -> None:
    """Nobody else can have woken a chat that is as new as its message: it is kept, and two wakes are sent."""
    intake, asked = Intake(), list[str]()
    join_wake = intake.inbox.join_wake

    def ask(chat: str, *arguments: Any, **named: Any) -> JoinedWake:
        asked.append(chat)
        return join_wake(chat, *arguments, **named)

    intake.inbox.join_wake = ask  # type: ignore[method-assign]

    intake.take_in("1.5", chat="slack:T:C:1.5")
    assert (asked, intake.sent, len(intake.wakes.queued)) == ([], 1, 2)

    intake.take_in("1.5", chat="slack:T:C:1.5")
    assert asked == ["slack:T:C:1.5"]  # delivered again: its wake may have come and gone


def test_an_opening_message_whose_wake_is_not_taken_is_delivered_again() -> None:
    """The platform is told that it was not kept, and its next delivery wakes the chat."""
    intake = Intake()
    send_pair = intake.wakes.send_with_successor

    def refuse(*arguments: object, **named: object) -> None:
        raise Unavailable("sqs", "down")

    intake.wakes.send_with_successor = refuse  # type: ignore[method-assign]
    with pytest.raises(Unavailable):
        intake.take_in("1.5", chat="slack:T:C:1.5")
    intake.wakes.send_with_successor = send_pair  # type: ignore[method-assign]

    intake.take_in("1.5", chat="slack:T:C:1.5")

    assert intake.sent == 1
    assert len(intake.inbox.open) == 1


def test_a_message_that_is_kept_late_is_woken_again() -> None:
    """Its worker has waited, and gone."""
    intake = Intake()

    def let_worker_wait() -> None:
        chat = make_message().chat
        lease = intake.inbox.acquire_lease(chat, "t1", intake.now, intake.now + 20, message_id="m1")
        intake.now += EARLY_WAKE_SECONDS
        intake.inbox.release_lease(replace(lease, messages=()))

    intake.inbox.meanwhile = let_worker_wait

    intake.take_in()

    assert intake.sent == 2


def test_a_message_that_was_sent_a_while_ago_is_kept_first() -> None:
    """It was mostly delivered before: where it is answered already, nobody is woken."""
    intake = Intake()
    intake.take_in()
    intake.inbox.open.clear()
    intake.now += MAX_NEW_AGE_SECONDS

    intake.take_in(age=MAX_NEW_AGE_SECONDS + 0.1)

    assert intake.sent == 1
    assert intake.metrics == ["Redeliveries"]


def test_nobody_is_woken_early_for_a_message_that_may_not_be_answered() -> None:
    """A sender who writes too much costs a call for each message, and no worker."""
    limits = PersonLimits(MemoryRates(lambda: 1_000.0), 20, 1000, lambda: 1_000.0)
    assert limits.is_likely_within(make_message().sender)
    for number in range(10):
        limits.judge(make_message(id=str(number)))

    assert not limits.is_likely_within(make_message().sender)


def test_a_message_that_cannot_be_kept_leaves_a_needless_wake_alone() -> None:
    """The platform is told, and delivers it again."""
    intake = Intake()

    def fail() -> None:
        raise Unavailable("dynamodb", "down")

    intake.inbox.meanwhile = fail

    with pytest.raises(Unavailable):
        intake.take_in()

    assert not intake.inbox.open
    assert intake.sent == 1


def test_a_message_whose_wake_cannot_be_sent_is_delivered_again() -> None:
    """It is kept; the platform's next delivery of it sends the wake."""
    intake = Intake()

    def fail(*arguments: object, **named: object) -> None:
        raise Unavailable("sqs", "down")

    whole, intake.wakes.send_with_successor = intake.wakes.send_with_successor, fail  # type: ignore[method-assign]
    with pytest.raises(Unavailable):
        intake.take_in()
    intake.wakes.send_with_successor = whole  # type: ignore[method-assign]

    intake.take_in(age=60.0)

    assert len(intake.inbox.open) == 1
    assert intake.sent == 1
