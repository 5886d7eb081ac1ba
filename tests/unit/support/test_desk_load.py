"""The load bench of a desk finds what the team missed, and what customers must not see."""

from __future__ import annotations

from typing import Any

from benches.load_test.desk_plan import ASKS_FOR_PERSON, plan_desk_messages
from benches.load_test.desk_run import DeskPosts, find_desk_faults, list_desk_bars
from benches.load_test.desk_team import NOTE_WORDS, TeamThread
from benches.load_test.run_figures import CLEAN_FAULTS
from benches.load_test.scenario import calm_scenario

SCENARIO = calm_scenario(200)
PLANNED = plan_desk_messages(SCENARIO)
ESCALATED = sorted({one.chat for one in PLANNED if one.is_escalated})
CALLED = "I am bringing in a colleague."


class SeenRun:
    """A run whose team saw these threads, and whose customers these notices."""

    def __init__(self, threads: list[TeamThread], notices: dict[int, list[str]]) -> None:
        self.customer_messages, self.team, self.posts = PLANNED, self, object.__new__(DeskPosts)
        self._threads = threads
        self.posts.notices = notices

    def read_threads(self) -> list[TeamThread]:
        return self._threads


def clean_threads() -> list[TeamThread]:
    """Each escalated chat has a card with its first message, and the others below it."""
    found = []
    for chat in ESCALATED:
        first, *others = sorted(
            (one for one in PLANNED if one.chat == chat), key=lambda message: message.number
        )
        card = [{"text": {"text": first.text}}]
        found.append(TeamThread(str(chat), card, [f"Ada: {one.text}" for one in others]))
    return found


def look(threads: list[TeamThread], notices: dict[int, list[str]] | None = None) -> dict[str, list[str]]:
    told = {chat: [CALLED] for chat in ESCALATED}
    run: Any = SeenRun(threads, told if notices is None else {**told, **notices})
    return {name: found for name, found in find_desk_faults(run).items() if found}


def test_one_in_twenty_asks_for_a_person() -> None:
    """With the first message of their chat; no customer writes in Slack, where the team reads."""
    assert len(ESCALATED) == round(0.05 * 199)
    assert {one.platform for one in PLANNED} == {"telegram", "whatsapp"}
    first = next(one for one in PLANNED if one.is_escalated and one.number == 0)
    assert first.text == f"{first.token}: {ASKS_FOR_PERSON}"
    assert plan_desk_messages(SCENARIO) == PLANNED


def test_what_the_team_saw_once_and_in_order_has_no_fault() -> None:
    """A card for each customer who needs a person, and their other messages below it."""
    assert look(clean_threads()) == {}


def test_what_the_team_missed_or_saw_twice_is_found() -> None:
    """A card that is missing, one that is there twice, a message twice, and two in the wrong order."""
    threads = clean_threads()
    longest = max(threads, key=lambda thread: len(thread.told))

    assert look(threads[1:]).keys() == {"no_card", "lost_for_team"}
    assert look([*threads, TeamThread("again", threads[0].card)]).keys() == {"cards_twice"}
    longest.told.append(longest.told[-1])
    assert look(threads).keys() == {"twice_for_team"}
    longest.told = longest.told[:-1][::-1]
    assert look(threads).keys() == {"team_out_of_order"}


def test_what_customers_must_not_see_is_found() -> None:
    """A note of the team, the sentence twice, and a person for a customer who needs none."""
    chat, other = ESCALATED[0], next(one.chat for one in PLANNED if not one.is_escalated)

    assert look(clean_threads(), {chat: [CALLED, NOTE_WORDS]}).keys() == {"notes_at_customers"}
    assert look(clean_threads(), {chat: [CALLED, CALLED]}).keys() == {"told_twice"}
    assert look(clean_threads(), {chat: []}).keys() == {"not_told"}
    assert look(clean_threads(), {other: [CALLED]}).keys() == {"false_alarms"}


def test_one_error_in_a_hundred_messages_misses_the_bar() -> None:
    """Errors are of the desk and of the answers; a run without a desk has no such bars."""
    faults = dict.fromkeys(CLEAN_FAULTS, 0)
    desk = {"faults": {"no_card": 1}}

    missed = [
        bar
        for bar in list_desk_bars("run", {"desk": desk, "faults": faults, "messages": 100})
        if not bar["met"]
    ]
    assert len(missed) == 2
    assert list_desk_bars("run", {"faults": faults, "messages": 100}) == []
