"""Protocol of the stores that hold what belongs to people: each can hand it out, and erase it.

`wiring/personal_data.py` declares every store. A test fails while a part, a table or a collection is not.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, Protocol

import msgspec

from repartee.domain.message import workspace_of

SubjectKind = Literal["person", "room", "workspace"]


class Subject(msgspec.Struct, frozen=True):
    """Whose data it is: a person, a room with all its chats, or a workspace. `ids` are all ids under which it
    is known: a telephone number is hashed today, and was not in earlier versions."""

    kind: SubjectKind
    ids: frozenset[str]

    @property
    def people(self) -> frozenset[str]:
        """Returns the ids of the person. None for a room or a workspace."""
        return self.ids if self.kind == "person" else frozenset()


class Footprint(msgspec.Struct, frozen=True, kw_only=True):
    """Traces of a subject in the records, taken before anything is erased.

    `rooms` are direct conversations, which belong to the person as a whole; `chats` those of others in which
    they took part. `people` are those whose own data goes too: the person, or everybody of a workspace.
    `reply_ids` are the ids under which the messages store keeps what the assistant answered to the person,
    `other_reply_ids` what it answered to others. `media_keys` are files that came with their messages alone.
    """

    subject: Subject
    rooms: frozenset[str] = frozenset()
    chats: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()
    reply_ids: frozenset[str] = frozenset()
    other_reply_ids: frozenset[str] = frozenset()
    message_ids: frozenset[str] = frozenset()
    media_keys: frozenset[str] = frozenset()

    def covers(self, scope: str) -> bool:
        """Returns whether all that was said in a room or chat belongs to the subject."""
        if self.subject.kind == "workspace":
            return workspace_of(scope) in self.subject.ids
        whole = self.subject.ids if self.subject.kind == "room" else self.rooms
        return any(scope == room or scope.startswith(f"{room}:") for room in whole)


class PersonalRecord(msgspec.Struct, frozen=True):
    """Something that is kept: its kind, its id in the store, and its content; of a file its bytes."""

    kind: str
    id: str
    content: Any
    file: bytes = b""


class PersonalDataStore(Protocol):
    """One store, as far as it holds what belongs to people."""

    def export(self, footprint: Footprint) -> Iterator[PersonalRecord]:
        """Yields everything that `forget` would erase."""

    def forget(self, footprint: Footprint) -> int:
        """Erases what belongs to the subject, and returns how many records that were. What others said in a
        shared room stays. May be repeated, also after it was broken off."""
