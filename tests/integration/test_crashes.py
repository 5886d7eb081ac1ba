"""The process is killed at a named point of the way: nothing is lost, and people see one reply."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from repartee.conversation.lease import HELD_FOR
from repartee.conversation.speech import APOLOGY, BROKEN_OFF
from repartee.conversation.sweep import FORGOTTEN_AFTER
from repartee.conversation.turn import ATTEMPTS
from tests.support.handled import Handled, handled
from tests.support.mortal import Mortals, mortals

ASKED = "when does the Lisbon office open, and who has the keys?"
WHOLE = "_and a real one answers._"
"""How the model's scripted reply ends."""

AFTER_THE_LEASE = HELD_FOR + 5

WEBHOOK = ["before inbox.put", "after inbox.put", "before wakes.send", "after wakes.send"]

BEFORE_ANYTHING_IS_VISIBLE = [
    "before inbox.acquire",
    "after inbox.acquire",
    "after inbox.waiting",
    "before inbox.write",
    "after inbox.write",
    "after wakes.hide",
    "before slack.chat.startStream",
]

WHILE_IT_IS_VISIBLE = [
    "after slack.chat.startStream",
    "after model.pieces",
    "before slack.chat.appendStream",
    "after slack.chat.appendStream",
    "before slack.chat.stopStream",
    "after slack.chat.stopStream",
]

AFTER_IT_IS_SAID = [
    "before inbox.close",
    "after inbox.close",
    "before messages.put",
    "after messages.put",
    "before inbox.remembered",
    "after inbox.remembered",
]


@pytest.fixture(scope="module")
def running() -> Iterator[Handled]:
    with handled({}) as up:
        yield up


@pytest.fixture(scope="module")
def forks(running: Handled) -> Iterator[Mortals]:
    with mortals() as ready:
        yield ready


@pytest.fixture
def stack(running: Handled) -> Iterator[Handled]:
    """The stack with nothing left to do, after a minute's rest."""
    running.rest()
    yield running
    running.settle()


def one_reply(stack: Handled, thread: str) -> None:
    """What must be true in the end: one whole reply, nothing open, nothing buried."""
    (reply,) = stack.replies(thread)
    assert reply.endswith(WHOLE)
    assert reply.count(WHOLE) == 1
    assert not stack.streaming(thread)
    assert stack.open_items() == 0
    assert stack.dead_letters() == []


@pytest.mark.parametrize("point", WEBHOOK)
def test_a_webhook_that_dies_is_delivered_again(stack: Handled, forks: Mortals, point: str) -> None:
    """The platform got no answer and sends the event again: it is kept once and answered once."""
    said = stack.event(ASKED)
    assert forks.live("webhook", said.event, point) == signal.SIGKILL

    assert stack.post(said) == 200
    stack.work()

    one_reply(stack, said.thread)


@pytest.mark.parametrize("point", ["after inbox.put", "before wakes.send"])
def test_a_message_that_is_kept_is_answered_although_nobody_sends_it_again(
    stack: Handled, forks: Mortals, point: str
) -> None:
    """The sweep finds what was kept and never woken."""
    said = stack.event(ASKED)
    assert forks.live("webhook", said.event, point) == signal.SIGKILL

    with stack.later(2 * FORGOTTEN_AFTER):
        assert stack.sweep() == 1
        stack.work()

    one_reply(stack, said.thread)


@pytest.mark.parametrize("point", [*BEFORE_ANYTHING_IS_VISIBLE, *WHILE_IT_IS_VISIBLE])
def test_a_turn_that_dies_is_taken_up(stack: Handled, forks: Mortals, point: str) -> None:
    """Its wake comes back, and the next worker goes on where it was: with the same visible reply."""
    thread = stack.say(ASKED)
    wake = stack.receive()
    assert forks.live("turn", wake, point) == signal.SIGKILL

    with stack.later(AFTER_THE_LEASE):
        assert stack.turn(wake)
    stack.delete(wake)

    one_reply(stack, thread)


@pytest.mark.parametrize("point", AFTER_IT_IS_SAID)
def test_what_was_said_is_closed_and_remembered_and_never_asked_again(
    stack: Handled, forks: Mortals, point: str
) -> None:
    """Once the whole reply has been sent and noted, no worker calls the model for it; the rest is done."""
    thread = stack.say(ASKED)
    wake = stack.receive()
    assert forks.live("turn", wake, point) == signal.SIGKILL
    calls = len(stack.stack.ask("asked"))

    with stack.later(2 * FORGOTTEN_AFTER):
        stack.turn(wake)
        stack.delete(wake)

    one_reply(stack, thread)
    assert len(stack.stack.ask("asked")) == calls


def test_who_comes_too_early_goes_and_looks_again(stack: Handled, forks: Mortals) -> None:
    """As long as the dead worker's lease holds nobody answers; a new wake comes when it has ended."""
    thread = stack.say(ASKED)
    wake = stack.receive()
    assert forks.live("turn", wake, "before slack.chat.startStream") == signal.SIGKILL

    assert stack.turn(wake)
    stack.delete(wake)

    assert stack.replies(thread) == []
    assert stack.delayed_wakes() == 1


def test_what_was_asked_meanwhile_is_answered_after_it(stack: Handled, forks: Mortals) -> None:
    """The dead worker's messages first, then the others, each in a reply of its own."""
    thread = stack.say(ASKED)
    wake = stack.receive()
    assert forks.live("turn", wake, "after slack.chat.startStream") == signal.SIGKILL
    stack.say("And is there parking?", "thread_reply", thread)

    with stack.later(AFTER_THE_LEASE):
        assert stack.turn(wake)
    stack.delete(wake)
    stack.work()

    first, second = stack.replies(thread)
    assert first.endswith(WHOLE)
    assert second.endswith(WHOLE)
    assert stack.open_items() == 0


@pytest.mark.parametrize(
    "point,said",
    [("before slack.chat.startStream", APOLOGY), ("after model.pieces", BROKEN_OFF)],
)
def test_a_message_that_kills_every_worker_is_given_up(
    stack: Handled, forks: Mortals, point: str, said: str
) -> None:
    """After the last attempt there is one word of apology, in the one visible reply, and a dead letter."""
    thread = stack.say(ASKED)
    wake = stack.receive()
    for attempt in range(ATTEMPTS):
        assert forks.live("turn", wake, point, shift=attempt * AFTER_THE_LEASE) == signal.SIGKILL

    with stack.later(ATTEMPTS * AFTER_THE_LEASE):
        assert stack.turn(wake)
    stack.delete(wake)

    (reply,) = stack.replies(thread)
    assert reply.endswith(said)
    assert len(stack.dead_letters()) == 1
    assert stack.open_items() == 0
