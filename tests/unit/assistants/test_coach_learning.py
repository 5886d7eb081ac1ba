"""What the coach makes of facts about a person, and of the words of a message before anybody has read it."""

from __future__ import annotations

from typing import Any

import pytest

from repartee.assistants.coach.keyword_hints import KeywordHints, find_hints
from repartee.assistants.coach.memory_changes import MemoryChanges, memory_id_of, plan_memory_changes
from repartee.assistants.coach.schemas import MemoryDetection, PersonalFact
from repartee.ports import Memory

KNEE = Memory(id="injury:left-knee", text="Their left knee hurts.", told_at=1.0)
BAR = Memory(id="equipment:barbell", text="They have a barbell.", told_at=1.0)


def fact(**more: Any) -> PersonalFact:
    told = {"kind": "equipment", "subject": "barbell", "act": "new", "text": "They have no barbell."}
    return PersonalFact(**(told | more))


def learned(*facts: PersonalFact, recalled: tuple[Memory, ...] = (KNEE, BAR)) -> MemoryChanges:
    return plan_memory_changes(MemoryDetection(facts=facts, forget_all=False), recalled, 9.0)


def test_a_new_fact_is_remembered_under_its_subject() -> None:
    """Told again it is the same memory, however it is written."""
    told = fact(subject="Pull-up  BAR", text="They have a pull-up bar.")

    assert learned(told).new == (
        Memory(id="equipment:pull-up-bar", text="They have a pull-up bar.", told_at=9.0),
    )
    assert memory_id_of(told) == memory_id_of(fact(subject="pull up bar"))
    assert memory_id_of(fact(subject="Müsli")) == "equipment:musli"
    assert memory_id_of(fact(subject="膝")).isascii()


def test_what_is_known_already_is_not_written_again() -> None:
    """The same words about the same change nothing."""
    assert learned(fact(text=BAR.text)) == MemoryChanges()


def test_what_does_not_fit_is_asked() -> None:
    """Nothing is overwritten unless the person says that it has changed."""
    conflict = learned(fact()).conflicts[0]
    changed = learned(fact(act="changed")).replaced

    assert (conflict.memory, conflict.reported_text) == (BAR, "They have no barbell.")
    assert changed == ((BAR, Memory(id=BAR.id, text="They have no barbell.", told_at=9.0)),)


def test_an_injury_is_as_it_was_told_last() -> None:
    """Also under another name of the same; a side alone makes no two things one."""
    worse = fact(kind="injury", subject="knee", text="Their knee is swollen.")
    other = fact(kind="injury", subject="left shoulder", text="Their left shoulder hurts.")

    assert learned(worse).replaced[0][1].id == KNEE.id
    assert [one.id for one in learned(other).new] == ["injury:left-shoulder"]


def test_what_is_to_be_forgotten() -> None:
    """One thing, something that nobody knows, or all."""
    assert learned(fact(kind="injury", subject="knee", act="forget")).forgotten == (KNEE,)
    assert learned(fact(subject="treadmill", act="forget")).unmatched == ("treadmill",)
    assert plan_memory_changes(MemoryDetection(facts=(), forget_all=True), (), 9.0).forgets_any


@pytest.mark.parametrize(
    "text, seen",
    [
        ("5x5 at 100 kg", KeywordHints(workout=True)),
        ("Ran 3 miles. What should I eat?", KeywordHints(workout=True, asks_question=True)),
        ("how many reps at 100 kg should I do?", KeywordHints(asks_question=True)),
        ("my left knee hurts", KeywordHints(personal=True)),
        ("does running hurt the knees?", KeywordHints(asks_question=True)),
        ("how is my squat going?", KeywordHints(progress=True, asks_question=True)),
        ("Wie läuft mein Bankdrücken?", KeywordHints(progress=True, asks_question=True)),
        ("Thanks a lot!", KeywordHints(is_small_talk=True)),
        ("gracias", KeywordHints(is_small_talk=True)),
        ("👍", KeywordHints()),
        ("", KeywordHints()),
    ],
)
def test_a_first_look(text: str, seen: KeywordHints) -> None:
    """What a message may be about, by its words."""
    assert find_hints(text) == seen


def test_a_number_goes_on_with_what_was_said() -> None:
    """After a workout a few words with a number are about it; otherwise they are not."""
    assert find_hints("sorry, 80", "squats 5x5 at 800 kg").workout
    assert not find_hints("sorry, 80").workout
    assert not find_hints("is 80 enough?", "squats 5x5 at 800 kg").workout


def test_a_look_takes_no_time() -> None:
    """Also at a message that is made to be slow to search."""
    assert find_hints("1" * 50_000) == KeywordHints()
    assert find_hints("my " * 20_000 + "x") == KeywordHints()
