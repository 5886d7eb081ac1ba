"""A message's whole way through the handlers, with the local stack up: what people see, what stays behind."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from local.sample_events import samples
from repartee.aws.queue import DeadLetter
from repartee.language.texts import APOLOGY
from repartee.turn.failures import FIRST_WAIT_SECONDS
from repartee.turn.sweep import STALE_AFTER_SECONDS
from repartee.turn.turn import Turn
from repartee.wiring import stores
from tests.support.inbox_builders import label_of
from tests.support.live_handlers import LiveHandlers, SaidEvent, live_handlers

FOUND = "Yes, that came up on"
KEYS = "when does the Lisbon office open, and who has the keys?"


@pytest.fixture(scope="module")
def running() -> Iterator[LiveHandlers]:
    with live_handlers({}) as up:
        yield up


@pytest.fixture
def stack(running: LiveHandlers) -> Iterator[LiveHandlers]:
    """The stack with nothing left to do, in which nothing goes wrong."""
    running.reset_rate_limits()
    yield running
    running.clean_up()


def outcomes(turn: Turn) -> dict[str, str]:
    """How the turn's steps ended, without the one that only tells that something goes on. What was begun
    before it was known to be wanted, and was not, counts like what was not begun."""
    kinds = {one.name: one.status for one in turn.outcomes if one.name != "typing_indicator"}
    return {name: "skipped" if kind == "discarded" else kind for name, kind in kinds.items()}


def test_a_signed_event_becomes_a_reply(stack: LiveHandlers) -> None:
    """Kept, woken, answered in its thread with what was said long ago, closed, remembered."""
    thread = stack.say_in_slack(KEYS)

    (turn,) = stack.answer_visible_wakes()

    (reply,) = stack.replies_in_thread(thread)
    assert reply == turn.reply
    assert FOUND in reply
    assert set(outcomes(turn).values()) == {"ok", "skipped"}
    assert stack.count_open_items() == 0


@pytest.mark.parametrize(
    "name,chat",
    [
        ("telegram/private_message", "telegram/chat/4200042"),
        ("whatsapp/text", "whatsapp/chat/US.13491208655302741918"),
    ],
)
def test_other_platforms_are_answered_likewise(stack: LiveHandlers, name: str, chat: str) -> None:
    """What they post is verified, kept and answered where it was said."""
    now, path = time.time(), samples.find_event(name)
    posted = samples.build_request(
        path, now, stack.stack.platform_secret(samples.platform_of(path)), lambda: ""
    )
    stack.stack.show_person_message(samples.extract_said(posted.body))

    assert stack.post_event(SaidEvent(posted.as_lambda_event(now, "request"), "")) == 200
    (turn,) = stack.answer_visible_wakes()

    *_, reply = [said["text"] for said in stack.stack.call_standins(chat)["messages"] if said["bot"]]
    assert reply.startswith("Hi")
    assert turn.reply.startswith("Hi")
    assert stack.count_open_items() == 0


def test_parallel_and_serial_say_the_same(stack: LiveHandlers) -> None:
    """One by one or at once: the same reply, and each step ends the same way."""
    stack.say_in_slack(KEYS)
    (parallel,) = stack.answer_visible_wakes()
    stack.parts.get(stores.messages).delete_all(parallel.incoming[-1].chat)

    stack.install_settings(PARALLEL_ENABLED="false")
    stack.say_in_slack(KEYS)
    (serial,) = stack.answer_visible_wakes()
    stack.install_settings()

    assert (parallel.parallel, serial.parallel) == (True, False)
    assert outcomes(parallel) == outcomes(serial)
    assert parallel.reply == serial.reply


def test_an_event_that_comes_three_times_is_answered_once(stack: LiveHandlers) -> None:
    """Before the turn, and again after it."""
    said = stack.build_event(KEYS)

    answers = [stack.post_event(said), stack.post_event(said)]
    stack.answer_visible_wakes()
    answers.append(stack.post_event(said))
    stack.answer_visible_wakes()

    assert answers == [200, 200, 200]
    assert len(stack.replies_in_thread(said.thread)) == 1


def test_the_threads_second_message_needs_no_mention_and_knows_the_first(stack: LiveHandlers) -> None:
    """Who goes on in the thread goes on in the conversation."""
    thread = stack.say_in_slack(KEYS)
    (first,) = stack.answer_visible_wakes()

    stack.say_in_slack("And is there parking?", "thread_reply", thread)
    stack.answer_visible_wakes()

    assert len(stack.replies_in_thread(thread)) == 2
    asked = stack.stack.call_standins("asked")[-1]["input"]
    told = [(item["role"], item["content"]) for item in asked if item["role"] != "developer"]
    (side, asked_by_ada), *since = told[-3:]
    assert side == "user"
    assert re.fullmatch(rf"Ada, \d\d:\d\d: {re.escape(KEYS)}", asked_by_ada)  # among what others said today
    assert since == [("assistant", first.reply), ("user", "And is there parking?")]


def test_a_muted_room_is_silent_until_it_is_unmuted(stack: LiveHandlers) -> None:
    """The order is confirmed, what is asked meanwhile is filed, and afterwards there are answers again."""
    confirmed = stack.say_in_slack("mute for 2 hours")
    stack.answer_visible_wakes()
    stack.say_in_slack(KEYS, "thread_reply", confirmed)
    stack.answer_visible_wakes()
    assert len(stack.replies_in_thread(confirmed)) == 1
    assert stack.count_open_items() == 0

    stack.say_in_slack("unmute")
    stack.answer_visible_wakes()
    answered = stack.say_in_slack(KEYS)
    stack.answer_visible_wakes()

    assert len(stack.replies_in_thread(answered)) == 1


def test_a_model_that_is_back_in_time_answers(stack: LiveHandlers) -> None:
    """The first attempt fails, and after a wait the second answers in one visible reply."""
    stack.inject_fault(at="model:responses", kind="cut", after=12, times=1)
    thread = stack.say_in_slack(KEYS)
    wake = stack.receive_wake(thread)

    assert stack.run_turn(wake)
    with stack.shift_time(FIRST_WAIT_SECONDS):
        assert stack.run_turn(wake)
    stack.delete_wake(wake)

    (reply,) = stack.replies_in_thread(thread)
    assert FOUND in reply


def test_a_model_that_refuses_the_request_is_apologised_for_once(stack: LiveHandlers) -> None:
    """No further attempt helps: there is one apology, and a dead letter that names chat and message."""
    stack.inject_fault(at="model:responses", kind="error", status=400, times=-1)
    thread = stack.say_in_slack(KEYS)
    wake = stack.receive_wake(thread)

    done = [stack.run_turn(wake) for _ in range(3)]
    stack.delete_wake(wake)

    assert done == [True, True, True]
    assert stack.replies_in_thread(thread) == [APOLOGY]
    (letter,) = stack.take_dead_letters()
    dead = msgspec.json.decode(letter, type=DeadLetter)
    assert dead.chat.endswith(thread)
    assert dead.message_ids == (thread,)
    assert stack.count_open_items() == 0


def test_without_embeddings_there_is_an_answer_by_words_alone(stack: LiveHandlers) -> None:
    """The step falls back, and what was said long ago is found by its words."""
    stack.inject_fault(at="model:embeddings", kind="error", status=500, times=-1)
    thread = stack.say_in_slack(KEYS)

    (turn,) = stack.answer_visible_wakes()

    (reply,) = stack.replies_in_thread(thread)
    assert FOUND in reply
    assert outcomes(turn)["early_embedding"] == "fallback"
    stack.clear_faults()
    with stack.shift_time(2 * STALE_AFTER_SECONDS):
        assert stack.run_sweep() == 1  # nothing was remembered without vectors
        stack.answer_visible_wakes()
    assert stack.count_open_items() == 0


def test_a_slow_slack_gets_the_whole_reply(stack: LiveHandlers) -> None:
    """Each call takes its time; nothing is lost and nothing doubled."""
    stack.inject_fault(at="slack:chat.*", kind="slow", seconds=0.4, times=3)
    thread = stack.say_in_slack(KEYS)

    (turn,) = stack.answer_visible_wakes()

    assert stack.replies_in_thread(thread) == [turn.reply]


@pytest.mark.parametrize("method", ["chat.startStream", "chat.appendStream", "chat.stopStream"])
def test_an_answer_of_slack_that_is_lost_doubles_nothing(stack: LiveHandlers, method: str) -> None:
    """Slack did what it was asked, and its answer did not come."""
    stack.inject_fault(at=f"slack:{method}", kind="lost", times=1)
    thread = stack.say_in_slack(KEYS)
    wake = stack.receive_wake(thread)

    assert stack.run_turn(wake)
    with stack.shift_time(FIRST_WAIT_SECONDS):
        assert stack.run_turn(wake)
    stack.delete_wake(wake)

    assert stack.replies_in_thread(thread) == [stack.parts.taken[-1].reply]
    assert stack.count_open_items() == 0


def test_slack_may_refuse_to_stream(stack: LiveHandlers) -> None:
    """Over the workspace's limit the reply is posted and updated."""
    stack.inject_fault(at="slack:chat.startStream", kind="error", status=429, seconds=30, times=1)
    thread = stack.say_in_slack(KEYS)

    (turn,) = stack.answer_visible_wakes()

    assert stack.replies_in_thread(thread) == [turn.reply]


def test_a_messages_store_that_is_broken_costs_its_part(stack: LiveHandlers, tmp_path: Path) -> None:
    """There is an answer without history, and what was said is remembered when the store is back."""
    broken = tmp_path / "messages.db"
    broken.write_bytes(b"this is no database" * 1000)
    thread = stack.say_in_slack(KEYS)

    stack.install_settings(SQLITE_PATH=str(broken))
    stack.answer_visible_wakes()
    stack.install_settings()

    assert len(stack.replies_in_thread(thread)) == 1
    assert stack.count_open_items() == 1
    with stack.shift_time(2 * STALE_AFTER_SECONDS):
        assert stack.run_sweep() == 1
        stack.answer_visible_wakes()
    assert stack.count_open_items() == 0


def test_what_is_posted_is_heard_seen_and_remembered(stack: LiveHandlers) -> None:
    """A voice message and a picture: what is said is asked and remembered, and the picture is shown again
    when somebody speaks of it."""
    stack.say_in_slack("", "voice_and_picture")
    (turn,) = stack.answer_visible_wakes()
    stack.say_in_slack("what else is in the picture?", "direct_message")
    (later,) = stack.answer_visible_wakes()

    spoken = "How many desks does Lisbon need, and what is on this whiteboard?"
    assert f"I heard: “{spoken}”" in turn.reply
    assert "the picture whiteboard.png (PNG of 480 by 360)" in turn.reply
    assert [label_of(said) for said in turn.incoming] == [f"{spoken}\n[Picture: whiteboard.png]"]
    assert "the picture whiteboard.png (PNG of 480 by 360) that was shown earlier" in later.reply


def test_the_sweep_wakes_what_was_forgotten(stack: LiveHandlers) -> None:
    """A message whose wake was lost is answered a minute later."""
    thread = stack.say_in_slack(KEYS)
    stack.delete_wake(stack.receive_wake(thread))
    assert stack.answer_visible_wakes() == []

    with stack.shift_time(STALE_AFTER_SECONDS / 2):
        assert stack.run_sweep() == 0
    with stack.shift_time(2 * STALE_AFTER_SECONDS):
        assert stack.run_sweep() == 1
        stack.answer_visible_wakes()

    assert len(stack.replies_in_thread(thread)) == 1
