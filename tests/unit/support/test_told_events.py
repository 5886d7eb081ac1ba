"""The load bench of a desk finds which events its receiver was not told, was told twice, or out of order."""

from __future__ import annotations

import pytest

from benches.load_test.answer_text import write_answer
from benches.load_test.desk_events import ToldEvent
from benches.load_test.desk_plan import DeskMessage, plan_desk_messages
from benches.load_test.scenario import calm_scenario
from benches.load_test.seen_answers import Acceptance
from benches.load_test.told_events import EVENT_FAULTS, find_event_faults

PLANNED = plan_desk_messages(calm_scenario(200))
ACCEPTED = {one.token: Acceptance(number, number + 0.5) for number, one in enumerate(PLANNED)}
CHAT = next(one.chat for one in PLANNED if one.is_escalated and one.number == 1)


def told_of(chat: int) -> list[ToldEvent]:
    """Returns what the receiver is told of a chat in which nothing goes wrong."""
    asked = sorted((one for one in PLANNED if one.chat == chat), key=lambda one: one.number)
    place, is_escalated = f"chat-{chat}", asked[0].is_escalated
    received = [ToldEvent("message.received", place, one.text) for one in asked]
    called = [ToldEvent("escalated", place), ToldEvent("taken", place)] if is_escalated else []
    return [*received, *called, *(_reply_to(one, place) for one in asked)]


def _reply_to(message: DeskMessage, place: str) -> ToldEvent:
    return ToldEvent("reply.sent", place, write_answer(message.text)[:4000], "assistant")


def look(changed: list[ToldEvent]) -> dict[str, list[str]]:
    """Returns the faults where one chat was told of so, and all others as they should be."""
    others = [one for chat in {one.chat for one in PLANNED} - {CHAT} for one in told_of(chat)]
    found = find_event_faults([*others, *changed], PLANNED, ACCEPTED)
    return {name: faults for name, faults in found.items() if faults}


def test_what_is_told_once_and_in_order_has_no_fault() -> None:
    """Of all chats, those with a person too."""
    assert look(told_of(CHAT)) == {}


@pytest.mark.parametrize("place", range(len(told_of(CHAT))))
def test_each_event_that_is_missing_is_found(place: int) -> None:
    """A message, a reply, and that a person was called or came."""
    told = told_of(CHAT)
    del told[place]

    assert set(look(told)) == {"events_lost"}


@pytest.mark.parametrize("place", range(len(told_of(CHAT))))
def test_each_event_that_is_told_twice_is_found(place: int) -> None:
    """With an id of its own: one that is sent again has the same, and the receiver knows it."""
    told = told_of(CHAT)

    assert set(look([*told[:place], told[place], *told[place:]])) == {"events_twice"}


def test_disorder_is_found() -> None:
    """A later message before an earlier one, a reply before its message, and who came before they were
    called."""
    told = told_of(CHAT)

    assert set(look([told[1], told[0], *told[2:]])) == {"events_out_of_order"}
    assert set(look([told[-1], *told[:-1]])) == {"events_out_of_order"}
    escalated = next(place for place, one in enumerate(told) if one.kind == "escalated")
    swapped = [*told[:escalated], told[escalated + 1], told[escalated], *told[escalated + 2 :]]
    assert set(look(swapped)) == {"events_out_of_order"}


def test_nothing_at_all_is_a_fault() -> None:
    """A receiver that was told nothing of a chat misses all of it."""
    assert set(look([])) == {"events_lost"}
    assert set(EVENT_FAULTS) >= set(look([]))
