"""What becomes of a fact about a person: a memory, a memory replaced, a question, or nothing any more.

A memory's id says what it is about (`injury:left-knee`), so that what is told later about the same comes in
its place, and what is told twice is one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import msgspec

from repartee.assistants.coach.answers import Detection, Noticed
from repartee.ports import Memory

MOST = 10
"""Facts of one message that are remembered."""


class Conflict(msgspec.Struct, frozen=True):
    """Something told that does not go with what is remembered: which one holds is asked."""

    known: Memory
    told: str


class Learning(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be remembered, what in place of what, and what forgotten. `unknown` is to be forgotten, but
    nothing of the kind is remembered."""

    new: tuple[Memory, ...] = ()
    changed: tuple[tuple[Memory, Memory], ...] = ()
    forgotten: tuple[Memory, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    unknown: tuple[str, ...] = ()
    forget_all: bool = False

    @property
    def kept(self) -> tuple[Memory, ...]:
        """What is written."""
        return (*self.new, *(now for _, now in self.changed))

    @property
    def gone(self) -> bool:
        """Whether anything is to be forgotten."""
        return bool(self.forgotten or self.forget_all)


def learn(detection: Detection, recalled: Sequence[Memory], at: float) -> Learning:
    """What follows from a message of that time, given what is remembered and may be about the same."""
    facts = [(one, _meant(one, recalled)) for one in detection.facts[:MOST]]
    forgets = [(one, known) for one, known in facts if one.act == "forget"]
    tells = [(one, known) for one, known in facts if one.act != "forget"]
    fresh = [(one, known) for one, known in tells if known is None or known.text != one.text]
    return Learning(
        new=tuple(_memory(one, identity(one), at) for one, known in fresh if known is None),
        changed=tuple(
            (known, _memory(one, known.id, at)) for one, known in fresh if known and _replaces(one)
        ),
        conflicts=tuple(Conflict(known, one.text) for one, known in fresh if known and not _replaces(one)),
        forgotten=tuple(known for _, known in forgets if known),
        unknown=tuple(one.subject for one, known in forgets if known is None),
        forget_all=detection.forget_all,
    )


def identity(fact: Noticed) -> str:
    """The id of the memory of a fact: ASCII, the same however its subject is written."""
    plain = unicodedata.normalize("NFKD", fact.subject).encode("ascii", "ignore").decode().lower()
    slug = "-".join(re.findall(r"[a-z0-9]+", plain)) or "x" + fact.subject.encode().hex()
    return f"{fact.kind}:{slug[:200]}"


def _memory(fact: Noticed, id: str, at: float) -> Memory:
    return Memory(id=id, text=fact.text, told=at)


def _meant(fact: Noticed, recalled: Sequence[Memory]) -> Memory | None:
    """What is remembered about the same: under the same name, else the first whose name shares a word."""
    id = identity(fact)
    words = set(id.partition(":")[2].split("-"))
    same_kind = [one for one in recalled if one.id.startswith(f"{fact.kind}:")]
    exact = (one for one in same_kind if one.id == id)
    related = (one for one in same_kind if words & set(one.id.partition(":")[2].split("-")) - SIDES)
    return next(exact, None) or next(related, None)


SIDES = frozenset(("left", "right", "upper", "lower", "training", "exercise", "workout", "home"))
"""Words that two subjects may share without being about the same."""


def _replaces(fact: Noticed) -> bool:
    """How an injury is now is what counts. Of all else, only what somebody says has changed is replaced."""
    return fact.act == "changed" or (fact.kind == "injury" and fact.act == "new")
