"""When the coach gathers what, on a clock of its own with the latencies of the design."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from benches.support.coach_labels import NEED_FLAGS
from benches.support.coach_plan import (
    ALL_NEEDS_TEXT,
    COACH_GRAPH,
    UNFORESEEN_TEXT,
    coach_ports,
    incoming_message,
)
from repartee.assistants.coach.analysis_input import local_date_of
from repartee.domain.prompt_budget import DEFAULT_PROMPT_TOKENS
from repartee.errors import Unavailable
from repartee.plan import Outcome
from tests.support.plan_world import outcome_kinds, outcome_of
from tests.support.virtual_time import VirtualPool, VirtualTime


class Gathering:
    """One run of the plan: when it was ready, how its steps ended, and what was told when."""

    def __init__(self, text: str, needs: Sequence[str], *, parallel: bool = True, **slower: float) -> None:
        self.time = VirtualTime()
        self.told: list[tuple[float, str]] = []
        self.signed: list[float] = []
        own = {
            "show_status": self._tell,
            "show_typing": lambda chat_state: self.signed.append(self.time.clock()),
        }
        given = coach_ports(lambda _: needs, sleep=self.time.sleep, **slower)
        self.inputs: dict[str, Any] = {
            "incoming": (incoming_message(text),),
            "unpersisted_exchanges": (),
            "find_said": lambda chat, ids: {},
            "prompt_tokens": DEFAULT_PROMPT_TOKENS,
            **own,
            **given,
        }
        self.parallel = parallel
        self.outcomes: Sequence[Outcome] = ()
        self.values: dict[str, Any] = {}

    def run(self) -> Gathering:
        pool: Any = VirtualPool(self.time)
        with COACH_GRAPH.start(
            {**self.inputs, "pool": pool}, pool=pool, clock=self.time.clock, parallel=self.parallel
        ) as run:
            list(run.until_ready())
            self.ready = self.time.clock()
            self.values = dict(run.values)
            self.outcomes = run.close()
        return self

    def _tell(self, status: str) -> None:
        self.told.append((round(self.time.clock(), 3), status))


@pytest.mark.parametrize("text, ready", [(ALL_NEEDS_TEXT, 1.142), (UNFORESEEN_TEXT, 1.742)])
def test_the_model_is_asked_as_soon_as_can_be(text: str, ready: float) -> None:
    """With all that a message can need: where its words say so, what is needed has begun before the router
    has answered; where they do not, it begins when it has."""
    assert Gathering(text, NEED_FLAGS).run().ready == pytest.approx(ready)


def test_both_modes_gather_the_same() -> None:
    """One by one it takes longer, and nothing else is different."""
    quick, slow = (
        Gathering(ALL_NEEDS_TEXT, NEED_FLAGS).run(),
        Gathering(ALL_NEEDS_TEXT, NEED_FLAGS, parallel=False).run(),
    )

    assert quick.values["prompt"] == slow.values["prompt"]
    assert slow.ready > 2.9


@pytest.mark.parametrize(
    "needs, ran",
    [
        (
            ("workout", "recall", "knowledge"),
            {"workout_extraction", "workout_log", "relevant_passages", "relevant_memories"},
        ),
        (("workout",), {"workout_extraction", "workout_log"}),
        (("remember",), {"memory_detection", "relevant_memories"}),
        ((), set()),
    ],
)
def test_only_what_is_needed_is_asked(needs: tuple[str, ...], ran: set[str]) -> None:
    """What the router does not want and the words do not suggest is not even begun."""
    found = Gathering(UNFORESEEN_TEXT, needs).run()

    asked = {
        "workout_extraction",
        "workout_log",
        "relevant_passages",
        "relevant_memories",
        "memory_detection",
    }
    assert {one.name for one in found.outcomes if one.name in asked and one.attempts} == ran


def test_a_sign_comes_as_soon_as_it_may() -> None:
    """Nothing comes between knowing that the room may hear it and the first sign."""
    assert Gathering(ALL_NEEDS_TEXT, NEED_FLAGS).run().signed == [pytest.approx(0.292)]


def test_statuses_come_while_what_they_announce_goes_on() -> None:
    """Each is told as soon as its words are there, which are asked for once the room may hear them."""
    told = Gathering(ALL_NEEDS_TEXT, NEED_FLAGS).run().told

    assert [when for when, _ in told] == [0.592, 0.592, 0.592, 0.592]
    assert all("Scripted status" in text for _, text in told)


def test_a_status_that_comes_late_is_not_told() -> None:
    """Nothing waits for it, and what it announces is over when it comes."""
    found = Gathering(ALL_NEEDS_TEXT, NEED_FLAGS, small__write=1.2).run()

    assert found.ready == pytest.approx(1.142)
    assert found.told == []
    assert outcome_kinds(found.outcomes)["workout_status"] == "discarded"


def test_what_nobody_foresaw_is_told_by_the_router() -> None:
    """Where a workout turns out only then, the router's own words say what is done."""
    told = Gathering(UNFORESEEN_TEXT, ("workout",)).run().told

    assert told[-1] == (1.142, "I look.")


def test_who_tells_it_is_whose_it_is() -> None:
    """Where two people are answered at once, only what the last one told is kept, and the model knows it."""
    gathering = Gathering(ALL_NEEDS_TEXT, NEED_FLAGS)
    other = msgspec.structs.replace(
        incoming_message("I did deadlifts, 3x5 at 180 kg"), id="0", sender="web:ben"
    )
    gathering.inputs["incoming"] = (other, incoming_message(ALL_NEEDS_TEXT))

    values = gathering.run().values

    assert [one.exercise for one in values["workout_changes"].new] == ["squat"]
    assert "ask them to tell it by themselves" in values["prompt"].context


@pytest.mark.parametrize("zone, day", [("Pacific/Auckland", 11), ("America/Los_Angeles", 10), ("Mars", 10)])
def test_today_is_where_the_person_is(zone: str, day: int) -> None:
    """In their own time zone, where it is known."""
    assert local_date_of(incoming_message(ALL_NEEDS_TEXT), {"timezone": zone}).day == day


def test_small_talk_has_no_status() -> None:
    """Somebody who says thanks is not told that it was understood."""
    assert Gathering("thanks a lot!", ()).run().told == []


def test_a_router_that_does_not_answer_is_not_waited_for() -> None:
    """After its time the words of the message decide."""
    found = Gathering(ALL_NEEDS_TEXT, (), small__MessageNeeds=30.0).run()

    assert outcome_of("router", found.outcomes).status == "fallback"
    assert found.ready == pytest.approx(0.292 + 2.5)
    assert found.values["workout_changes"].new[0].exercise == "squat"


def test_without_records_nothing_is_said() -> None:
    """Who may be heard is not known then: the turn fails, and is tried again."""
    gathering = Gathering(ALL_NEEDS_TEXT, NEED_FLAGS)

    class Down:
        def coached(self, *_: object) -> object:
            raise Unavailable("records", "down")

    gathering.inputs["coaching"] = Down()

    with pytest.raises(Exception, match="chat_state"):
        gathering.run()
