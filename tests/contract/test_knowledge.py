"""The contract of `ports.Knowledge`, on every store."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from repartee.errors import DeadlineExceeded
from repartee.plan import deadline
from repartee.ports import Knowledge, Passage
from tests.support.message_builders import make_vector

Settle = Callable[[], None]


def passage(text: str, *, id: str = "", topic: str = "", document: str = "guide.md") -> Passage:
    return Passage(id=id or text, document=document, text=text, heading="Squats: Depth", topic=topic)


def texts(found: object) -> list[str]:
    return [one.text for one in found]  # type: ignore[attr-defined]


def test_an_empty_library_knows_nothing(knowledge: Knowledge) -> None:
    """An empty library has no passages about anything."""
    assert list(knowledge.search(make_vector(1), 5)) == []
    assert list(knowledge.list_ids()) == []


def test_what_is_read_is_what_was_written(knowledge: Knowledge, settle: Settle) -> None:
    """A passage is read as it was written."""
    one = passage("Knie über die Zehen 🏋️\n\nist erlaubt", id="1", topic="strength")

    knowledge.put([(one, make_vector(1))])
    settle()

    assert list(knowledge.search(make_vector(1), 1)) == [one]


def test_the_best_come_first_and_the_far_not_at_all(knowledge: Knowledge, settle: Settle) -> None:
    """Passages come best first, no more than asked for, and none that is about something else."""
    knowledge.put(
        [
            (passage("some", id="a"), make_vector(1, 0.6)),
            (passage("most", id="b"), make_vector(1, 0.9)),
            (passage("none", id="c"), make_vector(2)),
        ]
    )
    settle()

    assert texts(knowledge.search(make_vector(1), 5)) == ["most", "some"]
    assert texts(knowledge.search(make_vector(1), 1)) == ["most"]


def test_topics_narrow_the_library(knowledge: Knowledge, settle: Settle) -> None:
    """Where topics are named only their passages count."""
    knowledge.put(
        [
            (passage("squat", topic="strength"), make_vector(1)),
            (passage("oats", topic="food"), make_vector(1)),
            (passage("nap", topic="rest"), make_vector(1)),
        ]
    )
    settle()

    assert set(texts(knowledge.search(make_vector(1), 5, ["strength", "food"]))) == {"squat", "oats"}
    assert texts(knowledge.search(make_vector(1), 5, ["none"])) == []


def test_a_passage_is_replaced(knowledge: Knowledge, settle: Settle) -> None:
    """A passage written again under its id has the later text alone."""
    knowledge.put([(passage("old", id="1"), make_vector(1))])
    knowledge.put([(passage("new", id="1"), make_vector(2))])
    settle()

    assert texts(knowledge.search(make_vector(2), 5)) == ["new"]
    assert texts(knowledge.search(make_vector(1), 5)) == []
    assert list(knowledge.list_ids()) == ["1"]


def test_ids_are_all_there(knowledge: Knowledge, settle: Settle) -> None:
    """Every id is listed, however many there are, and removed ones are not."""
    knowledge.put([(passage(f"{n:04}"), make_vector(n)) for n in range(1234)])
    settle()

    assert sorted(knowledge.list_ids()) == [f"{n:04}" for n in range(1234)]
    knowledge.remove(f"{n:04}" for n in range(1, 1234))
    settle()
    assert list(knowledge.list_ids()) == ["0000"]


def test_removing_what_is_not_there_is_nothing(knowledge: Knowledge) -> None:
    """To remove again, or from an empty library, is no error."""
    knowledge.remove(["nothing"])
    knowledge.remove([])


def test_no_call_is_made_when_no_time_is_left(knowledge: Knowledge) -> None:
    """At and past the deadline every call is late at once."""
    with deadline.limited_to(0):
        with pytest.raises(DeadlineExceeded):
            knowledge.search(make_vector(1), 1)
        with pytest.raises(DeadlineExceeded):
            knowledge.put([(passage("late"), make_vector(1))])
