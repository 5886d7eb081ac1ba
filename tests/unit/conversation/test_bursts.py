"""People who write one thing in several messages are answered once, and nobody waits who is done."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.domain.message import Attachment, Message
from repartee.intake.debounce import (
    MAX_HOLD_SECONDS,
    is_complete,
    remaining_quiet,
    wake_delay,
)
from repartee.turn.attempts import RETRY_DELAYS_SECONDS
from tests.support.crashing_whatsapp_world import QUIET_SECONDS, CrashingWhatsAppWorld
from tests.support.crashing_world import CrashingWorld
from tests.support.inbox_builders import change_arrival, make_message

SECONDS = QUIET_SECONDS["whatsapp"]


def said(text: str, received: float = 0.0, **more: Any) -> Message:
    return make_message(text, channel="whatsapp", received=received, **more)


@pytest.mark.parametrize(
    "text",
    [
        "When?",
        "Thanks.",
        "Stop it!",
        "well…",
        'He said "no."',
        "(today.)",
        "几点?",
        "何時。",
        "متى؟",
        "कब।",
        "mute 2h",
    ],
)
def test_a_sentence_with_its_end_is_complete(text: str) -> None:
    """In any script that ends sentences; so is an order."""
    assert is_complete(said(text))


@pytest.mark.parametrize("text", ["hello", "I have a question", "the one in Lisbon,", "", "1.5 km"])
def test_other_words_may_go_on(text: str) -> None:
    """Nobody knows whether that was all."""
    assert not is_complete(said(text))


def test_what_is_no_words_is_complete() -> None:
    """A recording, a picture, a file; and the press of a button."""
    assert is_complete(said("", attachments=(Attachment(kind="audio", id="a"),)))
    assert is_complete(change_arrival(make_message(""), proposal_id="proposal-1"))


def test_elsewhere_nobody_is_waited_for() -> None:
    """In Slack people write whole messages."""
    assert wake_delay(make_message("hello"), QUIET_SECONDS) == 0.0
    assert remaining_quiet([make_message("hello")], 1.0, QUIET_SECONDS) == 0.0


@given(gaps=st.lists(st.floats(0.01, 5.0), min_size=1, max_size=8))
def test_a_hold_ends(gaps: list[float]) -> None:
    """When it has been quiet for the time, and after the longest hold in any case."""
    times = list(itertools.accumulate(gaps))
    messages = [said("and", received=at) for at in times]

    end = remaining_quiet(messages, times[-1], QUIET_SECONDS) + times[-1]

    assert end <= max(times[0] + MAX_HOLD_SECONDS, times[-1]) + 1e-6
    assert end <= times[-1] + SECONDS + 1e-6
    assert remaining_quiet(messages, end + 0.001, QUIET_SECONDS) == 0.0


# On the way of a message


def test_a_lone_complete_message_is_answered_at_once() -> None:
    """Its wake is not delayed, and its turn not held."""
    world = CrashingWhatsAppWorld()
    world.ask_in_whatsapp("When do you open?")
    before = world.now

    world.run_worker()

    assert world.visible_texts() == ["Re: <When do you open?>"]
    assert world.now - before < SECONDS


def test_three_short_messages_are_answered_once() -> None:
    """When the person has fallen quiet."""
    world = CrashingWhatsAppWorld()
    for text in ("hello", "I am new here", "when do you open"):
        world.ask_in_whatsapp(text, wait=1.5)
        world.run_worker()

    assert world.visible_texts() == []
    world.run_until_quiet()

    assert world.visible_texts() == ["Re: <hello> <I am new here> <when do you open>"]


def test_a_question_at_the_end_of_a_burst_is_answered_with_the_rest() -> None:
    """The wakes of the first ones find somebody who still writes."""
    world = CrashingWhatsAppWorld()
    world.ask_in_whatsapp("hello")
    world.ask_in_whatsapp("when do you open?", wait=2.0)

    world.run_worker()
    assert world.visible_texts() == []
    world.pass_time(SECONDS)
    world.run_worker()

    assert world.visible_texts() == ["Re: <hello> <when do you open?>"]


def test_a_burst_shares_the_wake_that_waits_for_its_end() -> None:
    """Five complete sentences within three seconds: the first has a wake, with one in reserve; its worker
    leaves another that comes when the person may have fallen quiet, and the others need none."""
    world = CrashingWhatsAppWorld()
    world.ask_in_whatsapp("Good morning.")
    for text in ("I am new here.", "I live in Porto.", "I need a desk.", "When do you open?"):
        world.ask_in_whatsapp(text, wait=0.7)
        world.run_worker()
    sent_in_burst = world.wakes.sent

    world.run_until_quiet()

    assert world.visible_texts() == [
        "Re: <Good morning.> <I am new here.> <I live in Porto.> <I need a desk.> <When do you open?>"
    ]
    assert sent_in_burst <= 4


def test_nobody_is_held_for_longer_than_the_longest_hold() -> None:
    """Whoever goes on writing is answered meanwhile."""
    world = CrashingWhatsAppWorld()
    began = world.now
    while not world.visible_texts():
        world.ask_in_whatsapp("and", wait=1.0)
        world.run_worker()

    assert world.turns[0].timeline.started_at - began <= MAX_HOLD_SECONDS + 3.0


def test_a_held_chat_whose_wake_is_lost_is_found() -> None:
    """By the sweep, like any other."""
    world = CrashingWhatsAppWorld()
    world.ask_in_whatsapp("hello")
    world.wakes.queued.clear()

    world.run_until_quiet()

    assert world.visible_texts() == ["Re: <hello>"]


def test_an_unfinished_turn_is_not_held_by_what_comes_later() -> None:
    """Its person has waited enough: what they say meanwhile is answered next."""
    world = CrashingWhatsAppWorld()
    world.ask_in_whatsapp("When do you open?")
    world.model_fails = 1
    world.run_worker()
    assert world.visible_texts() == []
    world.ask_in_whatsapp("and", wait=RETRY_DELAYS_SECONDS[0])

    world.run_worker()

    assert any("<When do you open?>" in said for said in world.visible_texts())


def test_in_slack_nothing_is_held() -> None:
    """An unfinished sentence is answered at once."""
    world = CrashingWorld()
    thread = "1788999999.000001"
    world.slack.add_person_message("C0GENERAL", "U0ADA", "first", ts=thread)
    world.ask_question("hello", thread)

    world.run_worker()

    assert world.visible_texts() == ["Re: <hello> "]
