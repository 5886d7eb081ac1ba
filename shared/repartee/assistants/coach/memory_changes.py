"""The changes that follow from a fact about a person.

It becomes a memory, a memory replaced, a question, or nothing any more.

A memory's id says what it is about (`injury:left-knee`), so that what is told later about the same comes in
its place, and what is told twice is one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import msgspec

from repartee.assistants.coach.schemas import MemoryDetection, PersonalFact
from repartee.ports import Memory

MAX_FACTS_PER_MESSAGE = 10
"""Facts of one message that are remembered."""


MAX_FACT_CHARS = 2_000
"""Characters of a fact. Pinecone takes 40 KB of metadata, and a character may have four bytes."""


class MemoryConflict(msgspec.Struct, frozen=True):
    """Something told that does not go with what is remembered: which one holds is asked."""

    memory: Memory
    reported_text: str


class MemoryChanges(msgspec.Struct, frozen=True, kw_only=True):
    """The facts to remember, the memories that they replace, and those to forget. `unmatched` is to be
    forgotten, but nothing of the kind is remembered."""

    new: tuple[Memory, ...] = ()
    replaced: tuple[tuple[Memory, Memory], ...] = ()
    forgotten: tuple[Memory, ...] = ()
    conflicts: tuple[MemoryConflict, ...] = ()
    unmatched: tuple[str, ...] = ()
    forget_all: bool = False

    @property
    def to_save(self) -> tuple[Memory, ...]:
        """Returns the memories to write."""
        return (*self.new, *(now for _, now in self.replaced))

    @property
    def forgets_any(self) -> bool:
        """Whether anything is to be forgotten."""
        return bool(self.forgotten or self.forget_all)


def plan_memory_changes(
    memory_detection: MemoryDetection, memories: Sequence[Memory], sent_at: float, room: str = ""
) -> MemoryChanges:
    """Returns the changes that follow from a message of that time, given the memories that may be about the
    same. `room` is where it was told, if others read there."""
    facts = [
        (one, _find_same_subject(one, memories)) for one in memory_detection.facts[:MAX_FACTS_PER_MESSAGE]
    ]
    forgets = [(one, known) for one, known in facts if one.act == "forget"]
    tells = [(one, known) for one, known in facts if one.act != "forget"]
    fresh = [(one, known) for one, known in tells if known is None or known.text != one.text]
    return MemoryChanges(
        new=tuple(
            _make_memory(one, memory_id_of(one), sent_at, room) for one, known in fresh if known is None
        ),
        replaced=tuple(
            (known, _make_memory(one, known.id, sent_at, room))
            for one, known in fresh
            if known and _replaces_memory(one)
        ),
        conflicts=tuple(
            MemoryConflict(known, one.text) for one, known in fresh if known and not _replaces_memory(one)
        ),
        forgotten=tuple(known for _, known in forgets if known),
        unmatched=tuple(one.subject for one, known in forgets if known is None),
        forget_all=memory_detection.forget_all,
    )


def memory_id_of(fact: PersonalFact) -> str:
    """The id of the memory of a fact: ASCII, the same however its subject is written."""
    plain = unicodedata.normalize("NFKD", fact.subject).encode("ascii", "ignore").decode().lower()
    slug = "-".join(re.findall(r"[a-z0-9]+", plain)) or "x" + fact.subject.encode().hex()
    return f"{fact.kind}:{slug[:200]}"


def _make_memory(fact: PersonalFact, id: str, sent_at: float, room: str) -> Memory:
    return Memory(id=id, text=fact.text[:MAX_FACT_CHARS], told_at=sent_at, room=room)


def _find_same_subject(fact: PersonalFact, memories: Sequence[Memory]) -> Memory | None:
    """Returns the memory about the same: under the same name, else the first whose name shares a word."""
    id = memory_id_of(fact)
    words = set(id.partition(":")[2].split("-"))
    same_kind = [one for one in memories if one.id.startswith(f"{fact.kind}:")]
    exact = (one for one in same_kind if one.id == id)
    related = (
        one for one in same_kind if words & set(one.id.partition(":")[2].split("-")) - GENERIC_SUBJECT_WORDS
    )
    return next(exact, None) or next(related, None)


GENERIC_SUBJECT_WORDS = frozenset(
    ("left", "right", "upper", "lower", "training", "exercise", "workout", "home")
)
"""Words that two subjects may share without being about the same."""


def _replaces_memory(fact: PersonalFact) -> bool:
    """How an injury is now is what counts. Of all else, only what the person says has changed is replaced."""
    return fact.act == "changed" or (fact.kind == "injury" and fact.act == "new")
