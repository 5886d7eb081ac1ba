"""The process is killed at a named point of the way: nothing is lost, and people see one reply."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from repartee.intake.message_keeper import MAX_NEW_AGE_SECONDS
from repartee.language.texts import APOLOGY, DELAYED
from repartee.ports.inbox import LEASE_SECONDS
from repartee.turn.attempts import MAX_LOST_WORKERS, PAUSES_SECONDS
from repartee.turn.sweep import STALE_AFTER_SECONDS
from tests.support.crashing_process import CrashingProcesses, crashing_processes
from tests.support.live_handlers import LiveHandlers, live_handlers

ASKED = "when does the Lisbon office open, and who has the keys?"
WHOLE = "_and a real one answers._"
"""How the model's scripted reply ends."""

AFTER_THE_LEASE = LEASE_SECONDS + 5

WEBHOOK = [
    "before inbox.put",
    "after inbox.put",
    "before wakes.send_with_successor",
    "after wakes.send_with_successor",
]

BEFORE_ANYTHING_IS_VISIBLE = [
    "before inbox.acquire_lease",
    "after inbox.acquire_lease",
    "after inbox.list_open",
    "before slack.chat.startStream",
]

WHILE_IT_IS_VISIBLE = [
    "after slack.chat.startStream",
    "after model.pieces",
    "before slack.chat.appendStream",
    "after slack.chat.appendStream",
    "before slack.chat.stopStream",
    "after slack.chat.stopStream",
    "before inbox.close_turn",
]

AFTER_IT_IS_SAID = [
    "after inbox.close_turn",
    "before messages.put",
    "after messages.put",
    "before inbox.mark_persisted",
    "after inbox.mark_persisted",
]


@pytest.fixture(scope="module")
def running() -> Iterator[LiveHandlers]:
    with live_handlers({}) as up:
        yield up


@pytest.fixture(scope="module")
def forks(running: LiveHandlers) -> Iterator[CrashingProcesses]:
    with crashing_processes() as ready:
        yield ready


@pytest.fixture
def stack(running: LiveHandlers) -> Iterator[LiveHandlers]:
    """The stack with nothing left to do, after a minute's rest."""
    running.reset_rate_limits()
    yield running
    running.clean_up()


def one_reply(stack: LiveHandlers, thread: str) -> None:
    """What must be true in the end: one whole reply, nothing open, nothing buried."""
    (reply,) = stack.replies_in_thread(thread)
    assert reply.endswith(WHOLE)
    assert reply.count(WHOLE) == 1
    assert not stack.is_streaming(thread)
    assert stack.count_open_items() == 0
    assert stack.take_dead_letters() == []


@pytest.mark.parametrize("point", WEBHOOK)
def test_a_webhook_that_dies_is_delivered_again(
    stack: LiveHandlers, forks: CrashingProcesses, point: str
) -> None:
    """The platform got no answer and sends the event again: it is kept once and answered once."""
    said = stack.build_event(ASKED)
    assert forks.run_until_crash("webhook", said.event, point) == signal.SIGKILL

    assert stack.post_event(said) == 200
    stack.answer_visible_wakes()

    one_reply(stack, said.thread)


@pytest.mark.parametrize("point", ["after inbox.put", "before wakes.send_with_successor"])
def test_a_message_that_is_kept_is_answered_although_nobody_sends_it_again(
    stack: LiveHandlers, forks: CrashingProcesses, point: str
) -> None:
    """The sweep finds what was kept and never woken: a delivery that comes late is kept first."""
    said = stack.build_event(ASKED)
    said.event["requestContext"]["timeEpoch"] += int(1000 * MAX_NEW_AGE_SECONDS) + 1000
    assert forks.run_until_crash("webhook", said.event, point) == signal.SIGKILL

    with stack.shift_time(2 * STALE_AFTER_SECONDS):
        assert stack.run_sweep() == 1
        stack.answer_visible_wakes()

    one_reply(stack, said.thread)


@pytest.mark.parametrize("point", [*BEFORE_ANYTHING_IS_VISIBLE, *WHILE_IT_IS_VISIBLE])
def test_a_turn_that_dies_is_taken_up(stack: LiveHandlers, forks: CrashingProcesses, point: str) -> None:
    """Its wake comes back, and the next worker goes on where it was: with the same visible reply."""
    thread = stack.say_in_slack(ASKED)
    wake = stack.receive_wake(thread)
    assert forks.run_until_crash("turn", wake, point) == signal.SIGKILL

    with stack.shift_time(AFTER_THE_LEASE):
        assert stack.run_turn(wake)
    stack.delete_wake(wake)

    one_reply(stack, thread)


@pytest.mark.parametrize("point", AFTER_IT_IS_SAID)
def test_what_was_said_is_closed_and_remembered_and_never_asked_again(
    stack: LiveHandlers, forks: CrashingProcesses, point: str
) -> None:
    """Once the whole reply has been sent and its turn is closed, no worker calls the model for it; the rest
    is done."""
    thread = stack.say_in_slack(ASKED)
    wake = stack.receive_wake(thread)
    assert forks.run_until_crash("turn", wake, point) == signal.SIGKILL
    calls = len(stack.stack.call_standins("asked"))

    with stack.shift_time(2 * STALE_AFTER_SECONDS):
        stack.run_turn(wake)
        stack.delete_wake(wake)

    one_reply(stack, thread)
    assert len(stack.stack.call_standins("asked")) == calls


@pytest.mark.parametrize("point", ["before inbox.acquire_lease", "after inbox.acquire_lease"])
def test_a_worker_that_dies_before_it_has_done_anything_has_a_successor(
    stack: LiveHandlers, forks: CrashingProcesses, point: str
) -> None:
    """Its own wake stays hidden for minutes; the one that the webhook sent with it is on its way."""
    thread = stack.say_in_slack(ASKED)
    on_its_way = stack.count_delayed_wakes()
    wake = stack.receive_wake(thread)

    assert forks.run_until_crash("turn", wake, point) == signal.SIGKILL

    assert 1 <= stack.count_delayed_wakes() <= on_its_way  # those of earlier messages become due meanwhile
    with stack.shift_time(AFTER_THE_LEASE):
        assert stack.run_turn(wake)
    stack.delete_wake(wake)
    one_reply(stack, thread)


def test_who_comes_too_early_goes_and_looks_again(stack: LiveHandlers, forks: CrashingProcesses) -> None:
    """As long as the dead worker's lease holds nobody answers. The wake that it has sent comes when that has
    ended, and who meets the lease sends no other."""
    thread = stack.say_in_slack(ASKED)
    wake = stack.receive_wake(thread)
    assert forks.run_until_crash("turn", wake, "before slack.chat.startStream") == signal.SIGKILL
    sent_before = stack.count_delayed_wakes()

    assert stack.run_turn(wake)
    stack.delete_wake(wake)

    assert stack.replies_in_thread(thread) == []
    assert 1 <= stack.count_delayed_wakes() <= sent_before


def test_what_was_asked_meanwhile_is_answered_after_it(stack: LiveHandlers, forks: CrashingProcesses) -> None:
    """The dead worker's messages first, then the others, each in a reply of its own."""
    thread = stack.say_in_slack(ASKED)
    wake = stack.receive_wake(thread)
    assert forks.run_until_crash("turn", wake, "after slack.chat.startStream") == signal.SIGKILL
    stack.say_in_slack("And is there parking?", "thread_reply", thread)

    with stack.shift_time(AFTER_THE_LEASE):
        assert stack.run_turn(wake)
    stack.delete_wake(wake)
    stack.answer_visible_wakes()

    first, second = stack.replies_in_thread(thread)
    assert first.endswith(WHOLE)
    assert second.endswith(WHOLE)
    assert stack.count_open_items() == 0


@pytest.mark.parametrize(
    "point,said",
    [
        ("before slack.chat.startStream", APOLOGY),
        ("after model.pieces", APOLOGY),
    ],
)
def test_a_message_that_kills_every_worker_is_given_up(
    stack: LiveHandlers, forks: CrashingProcesses, point: str, said: str
) -> None:
    """It is told once that it takes longer. When so many were lost there is one word of apology, in the one
    visible reply, and a dead letter."""
    thread = stack.say_in_slack(ASKED)
    wake = stack.receive_wake(thread)
    elapsed = 0.0
    for lost in range(MAX_LOST_WORKERS):
        if lost and (pause := PAUSES_SECONDS[lost - 1]):
            with stack.shift_time(elapsed):
                assert stack.run_turn(wake)  # it only sends a wake for then
            elapsed += pause + 1.0
        assert forks.run_until_crash("turn", wake, point, shift=elapsed) == signal.SIGKILL
        elapsed += AFTER_THE_LEASE

    with stack.shift_time(elapsed):
        assert stack.run_turn(wake)
    stack.delete_wake(wake)

    replies = stack.replies_in_thread(thread)
    assert replies.count(DELAYED) == 1
    (reply,) = [one for one in replies if one != DELAYED]
    assert reply.endswith(said)
    assert len(stack.take_dead_letters()) == 1
    assert stack.count_open_items() == 0
