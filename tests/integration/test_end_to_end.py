"""A message's whole way through the handlers, with the local stack up: what people see, what stays behind."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from local import events
from repartee.conversation.speech import APOLOGY
from repartee.conversation.sweep import FORGOTTEN_AFTER
from repartee.conversation.turn import Turn
from repartee.services.sqs import DeadLetter
from tests.support.handled import Handled, Said, handled

FOUND = "Yes, that came up on"
KEYS = "when does the Lisbon office open, and who has the keys?"


@pytest.fixture(scope="module")
def running() -> Iterator[Handled]:
    with handled({}) as up:
        yield up


@pytest.fixture
def stack(running: Handled) -> Iterator[Handled]:
    """The stack with nothing left to do, in which nothing goes wrong."""
    running.rest()
    yield running
    running.settle()


def outcomes(turn: Turn) -> dict[str, str]:
    """How the turn's steps ended, without the one that only tells that something goes on. What was begun
    before it was known to be wanted, and was not, counts like what was not begun."""
    kinds = {one.name: one.kind for one in turn.outcomes if one.name != "first_sign"}
    return {name: "skipped" if kind == "discarded" else kind for name, kind in kinds.items()}


def test_a_signed_event_becomes_a_reply(stack: Handled) -> None:
    """Kept, woken, answered in its thread with what was said long ago, closed, remembered."""
    thread = stack.say(KEYS)

    (turn,) = stack.work()

    (reply,) = stack.replies(thread)
    assert reply == turn.reply
    assert FOUND in reply
    assert set(outcomes(turn).values()) == {"ok", "skipped"}
    assert stack.open_items() == 0


@pytest.mark.parametrize(
    "name,chat",
    [
        ("telegram/private_message", "telegram/chat/4200042"),
        ("whatsapp/text", "whatsapp/chat/US.13491208655302741918"),
    ],
)
def test_other_platforms_are_answered_likewise(stack: Handled, name: str, chat: str) -> None:
    """What they post is verified, kept and answered where it was said."""
    now, path = time.time(), events.find(name)
    posted = events.posted(path, now, stack.stack.secret(events.platform(path)), lambda: "")
    stack.stack.heard(events.said(posted.body))

    assert stack.post(Said(posted.as_lambda_event(now, "request"), "")) == 200
    (turn,) = stack.work()

    *_, reply = [said["text"] for said in stack.stack.ask(chat)["messages"] if said["bot"]]
    assert reply.startswith("Hi")
    assert turn.reply.startswith("Hi")
    assert stack.open_items() == 0


def test_parallel_and_serial_say_the_same(stack: Handled) -> None:
    """One by one or at once: the same reply, and each step ends the same way."""
    stack.say(KEYS)
    (parallel,) = stack.work()
    stack.parts.messages.forget(parallel.asked[-1].chat)

    stack.install(PARALLEL_ENABLED="false")
    stack.say(KEYS)
    (serial,) = stack.work()
    stack.install()

    assert (parallel.parallel, serial.parallel) == (True, False)
    assert outcomes(parallel) == outcomes(serial)
    assert parallel.reply == serial.reply


def test_an_event_that_comes_three_times_is_answered_once(stack: Handled) -> None:
    """Before the turn, and again after it."""
    said = stack.event(KEYS)

    answers = [stack.post(said), stack.post(said)]
    stack.work()
    answers.append(stack.post(said))
    stack.work()

    assert answers == [200, 200, 200]
    assert len(stack.replies(said.thread)) == 1


def test_the_threads_second_message_needs_no_mention_and_knows_the_first(stack: Handled) -> None:
    """Who goes on in the thread goes on in the conversation."""
    thread = stack.say(KEYS)
    (first,) = stack.work()

    stack.say("And is there parking?", "thread_reply", thread)
    stack.work()

    assert len(stack.replies(thread)) == 2
    asked = stack.stack.ask("asked")[-1]["input"]
    told = [(item["role"], item["content"]) for item in asked if item["role"] != "developer"]
    asked_by_ada = ("user", f"U0ADA: {KEYS}")  # among what others said in the room this morning
    assert told[-3:] == [asked_by_ada, ("assistant", first.reply), ("user", "And is there parking?")]


def test_a_muted_room_is_silent_until_it_is_unmuted(stack: Handled) -> None:
    """The order is confirmed, what is asked meanwhile is filed, and afterwards there are answers again."""
    confirmed = stack.say("mute for 2 hours")
    stack.work()
    stack.say(KEYS, "thread_reply", confirmed)
    stack.work()
    assert len(stack.replies(confirmed)) == 1
    assert stack.open_items() == 0

    stack.say("unmute")
    stack.work()
    answered = stack.say(KEYS)
    stack.work()

    assert len(stack.replies(answered)) == 1


def test_a_model_that_is_back_in_time_answers(stack: Handled) -> None:
    """The first attempt fails, the wake comes back, the second answers in one visible reply."""
    stack.fault(at="model:responses", kind="cut", after=12, times=1)
    thread = stack.say(KEYS)
    wake = stack.receive()

    assert not stack.turn(wake)
    assert stack.turn(wake)
    stack.delete(wake)

    (reply,) = stack.replies(thread)
    assert FOUND in reply


def test_a_model_that_stays_down_is_apologised_for_once(stack: Handled) -> None:
    """After the last attempt there is one apology, and a dead letter that names chat and message."""
    stack.fault(at="model:responses", kind="error", status=400, times=-1)
    thread = stack.say(KEYS)
    wake = stack.receive()

    done = [stack.turn(wake) for _ in range(3)]
    stack.delete(wake)

    assert done == [False, False, True]
    assert stack.replies(thread) == [APOLOGY]
    (letter,) = stack.dead_letters()
    dead = msgspec.json.decode(letter, type=DeadLetter)
    assert dead.chat.endswith(thread)
    assert dead.messages == (thread,)
    assert stack.open_items() == 0


def test_without_embeddings_there_is_an_answer_by_words_alone(stack: Handled) -> None:
    """The step falls back, and what was said long ago is found by its words."""
    stack.fault(at="model:embeddings", kind="error", status=400, times=-1)
    thread = stack.say(KEYS)

    (turn,) = stack.work()

    (reply,) = stack.replies(thread)
    assert FOUND in reply
    assert outcomes(turn)["embedding"] == "fallback"
    stack.heal()
    with stack.later(2 * FORGOTTEN_AFTER):
        assert stack.sweep() == 1  # nothing was remembered without vectors
        stack.work()
    assert stack.open_items() == 0


def test_a_slow_slack_gets_the_whole_reply(stack: Handled) -> None:
    """Each call takes its time; nothing is lost and nothing doubled."""
    stack.fault(at="slack:chat.*", kind="slow", seconds=0.4, times=3)
    thread = stack.say(KEYS)

    (turn,) = stack.work()

    assert stack.replies(thread) == [turn.reply]


@pytest.mark.parametrize("method", ["chat.startStream", "chat.appendStream", "chat.stopStream"])
def test_an_answer_of_slack_that_is_lost_doubles_nothing(stack: Handled, method: str) -> None:
    """Slack did what it was asked, and its answer did not come."""
    stack.fault(at=f"slack:{method}", kind="lost", times=1)
    thread = stack.say(KEYS)
    wake = stack.receive()

    done = stack.turn(wake) or stack.turn(wake)
    stack.delete(wake)

    assert done
    assert stack.replies(thread) == [stack.parts.taken[-1].reply]
    assert stack.open_items() == 0


def test_slack_may_refuse_to_stream(stack: Handled) -> None:
    """Over the workspace's limit the reply is posted and updated."""
    stack.fault(at="slack:chat.startStream", kind="error", status=429, seconds=30, times=1)
    thread = stack.say(KEYS)

    (turn,) = stack.work()

    assert stack.replies(thread) == [turn.reply]


def test_a_messages_store_that_is_broken_costs_its_part(stack: Handled, tmp_path: Path) -> None:
    """There is an answer without history, and what was said is remembered when the store is back."""
    broken = tmp_path / "messages.db"
    broken.write_bytes(b"this is no database" * 1000)
    thread = stack.say(KEYS)

    stack.install(SQLITE_PATH=str(broken))
    stack.work()
    stack.install()

    assert len(stack.replies(thread)) == 1
    assert stack.open_items() == 1
    with stack.later(2 * FORGOTTEN_AFTER):
        assert stack.sweep() == 1
        stack.work()
    assert stack.open_items() == 0


def test_what_is_posted_is_heard_seen_and_remembered(stack: Handled) -> None:
    """A voice message and a picture: what is said is asked and remembered, and the picture is shown again
    when somebody speaks of it."""
    stack.say("", "voice_and_picture")
    (turn,) = stack.work()
    stack.say("what else is in the picture?", "direct_message")
    (later,) = stack.work()

    spoken = "How many desks does Lisbon need, and what is on this whiteboard?"
    assert f"I heard: “{spoken}”" in turn.reply
    assert "the picture whiteboard.png (PNG of 480 by 360)" in turn.reply
    assert [said.text for said in turn.asked] == [f"{spoken}\n[Picture: whiteboard.png]"]
    assert "the picture whiteboard.png (PNG of 480 by 360) that was shown earlier" in later.reply


def test_the_sweep_wakes_what_was_forgotten(stack: Handled) -> None:
    """A message whose wake was lost is answered a minute later."""
    thread = stack.say(KEYS)
    stack.delete(stack.receive())
    assert stack.work() == []

    with stack.later(FORGOTTEN_AFTER / 2):
        assert stack.sweep() == 0
    with stack.later(2 * FORGOTTEN_AFTER):
        assert stack.sweep() == 1
        stack.work()

    assert len(stack.replies(thread)) == 1
