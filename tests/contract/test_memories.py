"""The contract of `ports.Memories`, on every store."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from repartee.errors import DeadlineExceeded
from repartee.plan import deadline
from repartee.ports import Memory, MemoryStore
from tests.support.message_builders import make_vector

ANN, BOB = "slack:T1:U1", "slack:T1:U2"


def memory(text: str, id: str = "") -> Memory:
    return Memory(id=id or text, text=text, told_at=1766000000.25)


def texts(found: object) -> list[str]:
    return [one.text for one in found]  # type: ignore[attr-defined]


def test_nothing_is_known_about_a_stranger(memories: MemoryStore) -> None:
    """About somebody unknown nothing is known."""
    assert list(memories.search(ANN, make_vector(1), 5)) == []


def test_what_was_told_a_moment_ago_is_known(memories: MemoryStore) -> None:
    """What was kept is known to the read that follows, as it was told."""
    one = memory("has a bad knee, in Köln", "1")

    memories.put(ANN, [(one, make_vector(1))])

    assert list(memories.search(ANN, make_vector(1), 5)) == [one]


def test_people_are_apart(memories: MemoryStore) -> None:
    """What is known about one is never known about another."""
    memories.put(ANN, [(memory("runs"), make_vector(1))])

    assert list(memories.search(BOB, make_vector(1), 5)) == []


def test_the_best_come_first_and_the_far_not_at_all(memories: MemoryStore) -> None:
    """Memories come best first, no more than asked for, and none that is about something else."""
    memories.put(
        ANN,
        [
            (memory("some"), make_vector(1, 0.6)),
            (memory("most"), make_vector(1, 0.9)),
            (memory("none"), make_vector(2)),
        ],
    )

    assert texts(memories.search(ANN, make_vector(1), 5)) == ["most", "some"]
    assert texts(memories.search(ANN, make_vector(1), 1)) == ["most"]


def test_what_was_told_elsewhere_is_not_found_in_a_room(memories: MemoryStore) -> None:
    """Of a room those alone that were told there; one without a room, as versions before kept, is private."""
    here = Memory(id="1", text="here", told_at=1.0, room="slack:T1:C1")
    there = Memory(id="2", text="there", told_at=1.0, room="slack:T1:C2")
    memories.put(ANN, [(one, make_vector(1)) for one in (here, there, memory("alone", "3"))])

    assert list(memories.search(ANN, make_vector(1), 5, "slack:T1:C1")) == [here]
    assert sorted(texts(memories.search(ANN, make_vector(1), 5))) == ["alone", "here", "there"]


def test_a_memory_is_replaced(memories: MemoryStore) -> None:
    """A memory kept again under its id is one, the later; repeating it changes nothing."""
    memories.put(ANN, [(memory("weighs 80 kg", "weight"), make_vector(1))])
    for _ in range(2):
        memories.put(ANN, [(memory("weighs 78 kg", "weight"), make_vector(1))])

    assert texts(memories.search(ANN, make_vector(1), 5)) == ["weighs 78 kg"]


def test_keeping_nothing_is_nothing(memories: MemoryStore) -> None:
    """An empty write is no error."""
    memories.put(ANN, [])


def test_single_memories_are_removed(memories: MemoryStore, settle: Callable[[], None]) -> None:
    """Memories are removed one by one; what is not there is no error."""
    memories.put(ANN, [(memory("runs"), make_vector(1)), (memory("swims"), make_vector(1))])

    memories.remove(ANN, ["runs", "flies"])
    settle()

    assert texts(memories.search(ANN, make_vector(1), 5)) == ["swims"]


def test_a_person_is_forgotten(memories: MemoryStore, settle: Callable[[], None]) -> None:
    """All that is known about a person is deleted, others stay, and doing it again is no error."""
    memories.put(ANN, [(memory("runs"), make_vector(1))])
    memories.put(BOB, [(memory("swims"), make_vector(1))])

    memories.delete_all(ANN)
    memories.delete_all(ANN)
    memories.delete_all("nobody")
    settle()

    assert texts(memories.search(ANN, make_vector(1), 5)) == []
    assert texts(memories.search(BOB, make_vector(1), 5)) == ["swims"]


def test_many_threads_keep_and_read(memories: MemoryStore) -> None:
    """Many threads keep and read at once: each knows what it kept, and nothing is lost."""

    def keep_and_read(n: int) -> bool:
        memories.put(ANN, [(memory(str(n)), make_vector(n))])
        return memory(str(n)) in memories.search(ANN, make_vector(n), 32)

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(keep_and_read, range(32)))


def test_no_call_is_made_when_no_time_is_left(memories: MemoryStore) -> None:
    """At and past the deadline every call is late at once, and keeps nothing."""
    with deadline.limited_to(0):
        with pytest.raises(DeadlineExceeded):
            memories.search(ANN, make_vector(1), 1)
        with pytest.raises(DeadlineExceeded):
            memories.put(ANN, [(memory("late"), make_vector(1))])

    assert list(memories.search(ANN, make_vector(1), 1)) == []
