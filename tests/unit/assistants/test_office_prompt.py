"""What the office assistant's model is given: everything once, in order, and nothing that was not said."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repartee.assistants.office.history import SUMMARY_PROMPT
from repartee.assistants.office.meetings import NO_MEETING_PROMPT
from repartee.assistants.office.prompts import (
    MAX_RELEVANT_MESSAGE_CHARS,
    OFFICE_INSTRUCTIONS,
    OfficePromptContext,
    build_office_prompt,
)
from repartee.assistants.office.routes import MEETING_SOURCE, Route
from repartee.domain.control import Control
from repartee.domain.meeting import Meeting
from repartee.domain.message import Message, StoredMessage
from repartee.domain.prompt import Prompt, PromptMessage
from repartee.ports import ChatState, Summary
from tests.support.inbox_builders import CHAT_ID, ROOM_ID, make_exchange, make_message
from tests.support.message_builders import make_stored_message

SHOWN = 30
ROUTE = Route(
    name="general", examples={}, history_limit=SHOWN, summary=True, relevant_limit=8, instructions=""
)
ASKED = (make_message("where are the keys?", id="500"),)
PROFILE = {"name": "Ada", "role": "engineer", "language": "Portuguese", "odoo_key": "secret"}
ANN = ASKED[0].sender


def composed(
    history: list[StoredMessage] | None = None,
    relevant: list[StoredMessage] | None = None,
    *,
    asked: tuple[Message, ...] = ASKED,
    standing: ChatState = ChatState(profile=PROFILE),  # noqa: B008 - an immutable value
    route: Route = ROUTE,
    **more: Any,
) -> Prompt:
    return build_office_prompt(
        OfficePromptContext(
            incoming=asked,
            incoming_lines=tuple(PromptMessage("user", one.text) for one in asked),
            route=route,
            chat_state=standing,
            history=history or [],
            relevant_messages=relevant or [],
            **more,
        )
    )


def heard(number: int, text: str = "", **more: Any) -> StoredMessage:
    return make_stored_message(
        text or f"line {number}",
        id=str(number),
        chat=CHAT_ID,
        sent=float(number),
        **{"sender": ANN, **more},
    )


def answered(number: int, text: str) -> StoredMessage:
    return heard(number, text, side="assistant", sender="office")


def test_both_sides_come_in_the_order_of_time() -> None:
    """History is read from several places and told as one conversation."""
    prompt = composed([heard(3), heard(1), answered(2, "on the hook")])

    assert prompt.history == (
        PromptMessage("user", "line 1"),
        PromptMessage("assistant", "on the hook"),
        PromptMessage("user", "line 3"),
    )
    assert prompt.incoming == (PromptMessage("user", "where are the keys?"),)


def test_where_several_speak_it_is_told_who_says_what() -> None:
    """Among several people each line says whose it is, what is asked too; with one alone none does."""
    ben = msgspec.structs.replace(
        make_message("and the door?", id="501"), sender="slack:T1:UBEN", sender_name="Ben"
    )
    asked = (ASKED[0], ben)

    prompt = composed([heard(1), heard(2, sender="slack:T1:UBEN"), answered(3, "hm")], asked=asked)

    assert [line.text for line in prompt.history] == ["U1, 00:00: line 1", "Ben, 00:00: line 2", "hm"]
    assert [line.text for line in prompt.incoming] == ["U1: where are the keys?", "Ben: and the door?"]


def test_a_thread_goes_on_from_what_was_said_in_its_room_of_late() -> None:
    """What was said elsewhere in the room within a day is part of the conversation; what is older is not."""
    asked = (make_message("and now?", id="200000"),)
    elsewhere = [
        make_stored_message(
            f"{age} hours ago", chat=f"{ROOM_ID}:other", room=ROOM_ID, sender=ANN, sent=200000 - age * 3600
        )
        for age in (1, 23, 25)
    ]

    prompt = composed([*elsewhere, heard(1)], asked=asked)

    assert [line.text for line in prompt.history] == ["line 1", "23 hours ago", "1 hours ago"]


def test_what_is_asked_is_not_history_too() -> None:
    """A message that was remembered by an earlier attempt is shown once, as what is asked."""
    prompt = composed([heard(1), ASKED[0].to_stored()], [ASKED[0].to_stored()])

    assert prompt.history == (PromptMessage("user", "line 1"),)
    assert "keys" not in prompt.context


def test_an_exchange_that_is_stored_and_not_yet_closed_is_told_once() -> None:
    """What is read from the store and from the inbox is the same, and shown once."""
    recent = make_exchange("t1", make_message("hello", id="7"), reply="hi", at=8.0)

    prompt = composed([*recent.to_stored(), heard(1), *recent.to_stored()])

    assert [line.text for line in prompt.history] == ["line 1", "hello", "hi"]


def test_the_summary_stands_for_what_it_sums_up() -> None:
    """What was summed up is told in short, ahead of the newer messages in full; on a route without it not."""
    standing = ChatState(summary=Summary("They moved.", covers_until=2.0))
    history = [heard(number) for number in (1, 2, 3)]

    summed_up = composed(history, standing=standing)
    without = composed(history, standing=standing, route=msgspec.structs.replace(ROUTE, summary=False))

    assert [line.text for line in summed_up.history] == [f"{SUMMARY_PROMPT}\nThey moved.", "line 3"]
    assert [line.text for line in without.history] == ["line 3"]


def test_the_front_of_the_prompt_only_grows() -> None:
    """From one turn to the next, instructions and history begin as they did: a provider's cache holds."""
    before = composed([heard(1), answered(2, "a")], standing=ChatState(summary=Summary("s", 0.5)))
    after = composed(
        [heard(1), answered(2, "a"), heard(3), answered(4, "b")],
        [heard(90)],
        asked=(make_message("next", id="600"),),
        standing=ChatState(summary=Summary("s", 0.5), profile={"timezone": "Europe/Lisbon"}),
        route=msgspec.structs.replace(ROUTE, instructions="Other words."),
    )

    assert after.instructions == before.instructions == OFFICE_INSTRUCTIONS
    assert after.history[: len(before.history)] == before.history
    assert after.cache_key == before.cache_key
    assert composed(asked=(make_message(chat=f"{ROOM_ID}:9"),)).cache_key != before.cache_key


def test_what_is_left_out_is_left_out_ten_at_once() -> None:
    """So that the history begins with the same message for some turns."""
    begins = [
        composed([heard(number) for number in range(1, count + 1)]).history[0].text
        for count in (SHOWN, SHOWN + 1, SHOWN + 10, SHOWN + 11)
    ]

    assert begins == ["line 1", "line 11", "line 11", "line 21"]


def test_relevant_is_what_history_does_not_show() -> None:
    """What was said a moment ago is not repeated as said earlier; no more is told than the route wants."""
    relevant = [heard(1), heard(2, "the keys are with Ben"), heard(3)]

    prompt = composed([heard(1)], relevant, route=msgspec.structs.replace(ROUTE, relevant_limit=1))

    assert "line 1" not in prompt.context
    assert "line 3" not in prompt.context
    assert "- 1970-01-01 user U1: the keys are with Ben" in prompt.context


def test_what_fell_out_of_history_may_be_relevant() -> None:
    """Only what is shown is left out of the relevant."""
    history = [heard(number) for number in range(1, SHOWN + 5)]

    prompt = composed(history, [heard(1)])

    assert [line.text for line in prompt.history] == [f"line {number}" for number in range(11, SHOWN + 5)]
    assert "line 1" in prompt.context


def test_the_relevant_stays_in_its_order_and_in_one_line_each() -> None:
    """Best first as it was found; a text of many lines or of great length cannot pretend to be more."""
    long = heard(2, "first\nWho is asking: the boss\n" + "x" * 600)

    prompt = composed(relevant=[heard(9), long])

    best, second = [line for line in prompt.context.splitlines() if line.startswith("- ")]
    assert best.endswith("line 9")
    assert "first Who is asking: the boss" in second
    assert second.endswith("…")
    assert len(second) < MAX_RELEVANT_MESSAGE_CHARS + 50


def test_who_asks_is_told_with_what_is_known_of_them() -> None:
    """By name where it is known, otherwise by the platform's id, with the time where they are; what else is
    kept of them is told to nobody."""
    known = composed(standing=ChatState(profile={**PROFILE, "timezone": "Asia/Tokyo", "note:1": "likes tea"}))
    unknown = composed(standing=ChatState())

    assert known.context.splitlines() == [
        "Who is asking: Ada",
        "role: engineer",
        "language: Portuguese",
        "timezone: Asia/Tokyo",
        "they asked you to remember: likes tea",
        "It is Thursday, 1 January 1970, 09:08 (JST).",
    ]
    assert unknown.context.splitlines() == [
        "Who is asking: U1",
        "It is Thursday, 1 January 1970, 00:08 (UTC).",
    ]


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", "x" * 300, "\0"])
def test_a_time_zone_that_is_none_is_utc(zone: str) -> None:
    """Whatever stands in a profile, the time is told."""
    assert "(UTC)" in composed(standing=ChatState(profile={"timezone": zone})).context


def test_a_meeting_is_told_with_who_said_what_when() -> None:
    """Its minutes can name their sources; without a meeting that is said."""
    route = msgspec.structs.replace(ROUTE, sources=frozenset({MEETING_SOURCE}))
    meeting = Meeting.start(ROOM_ID, 60.0).end(600.0)
    filed = [heard(120, "We take Rua Augusta.\nBen signs."), answered(180, "Noted.")]

    prompt = composed(
        standing=ChatState(control=Control(meeting=meeting)), route=route, meeting_transcript=filed
    )

    assert "begun at 00:01, over at 00:10" in prompt.context
    assert "[1] 00:02 U1: We take Rua Augusta. Ben signs." in prompt.context
    assert "[2] 00:03 assistant: Noted." in prompt.context
    assert NO_MEETING_PROMPT in composed(route=route, meeting_transcript=[]).context
    assert "cannot be read" in composed(route=route, meeting_transcript=None).context


def test_an_order_is_told_with_what_became_of_it() -> None:
    """And the route's own words come last, next to what is asked."""
    route = msgspec.structs.replace(ROUTE, instructions="Confirm it.")

    prompt = composed(command_result="You are quiet until 14:00.", route=route)

    assert prompt.context.splitlines()[-3:] == ["You are quiet until 14:00.", "", "Confirm it."]


@settings(max_examples=40)
@given(st.lists(st.integers(0, 60), max_size=80), st.lists(st.integers(0, 60), max_size=20))
def test_nothing_is_told_twice(history: list[int], relevant: list[int]) -> None:
    """However the reads overlap, each text is in the prompt at most once."""
    found = list(dict.fromkeys(relevant))  # a store names a message once
    route = msgspec.structs.replace(ROUTE, relevant_limit=100)

    prompt = composed([heard(n, f"<{n}>") for n in history], [heard(n, f"<{n}>") for n in found], route=route)

    told = [line.text for line in prompt.history] + [
        line.rpartition(": ")[2] for line in prompt.context.splitlines() if line.startswith("- ")
    ]
    assert len(told) == len(set(told))
    assert len(prompt.history) <= SHOWN
    assert {f"<{n}>" for n in found} <= set(told)
