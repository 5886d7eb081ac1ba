"""Protocols of the coach's stores: its library, and each person's records, workouts and memories."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

import msgspec

from repartee.domain.message import Exchange, StoredMessage
from repartee.ports.models import Vector
from repartee.ports.records import ChatState


class CoachState(ChatState, frozen=True, kw_only=True):
    """The state of a coached person, in addition to the chat's.

    `coach` is how the workspace wants its coach (persona, expertise, rules), `course` what was agreed with
    the person (plan, goals), which is not told where others read: as texts by name, empty where nobody set
    any. `conversation` is what was said in the chat of late, oldest first.
    """

    coach_config: dict[str, str] = msgspec.field(default_factory=dict)
    coaching_plan: dict[str, str] = msgspec.field(default_factory=dict)
    history: tuple[StoredMessage, ...] = ()


class CoachRecords(Protocol):
    """The records of the coach."""

    def read_coach_state(self, room: str, chat: str, sender: str) -> CoachState:
        """Returns all that a turn of the coach needs of the records, in one round trip, consistent."""

    def append_history(self, exchange: Exchange) -> None:
        """Keeps an exchange as one of the chat's newest; older ones than the newest twelve are dropped, and
        of long texts what goes beyond 4,000 characters. Repeating it changes nothing."""


class Workout(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename={"told_at": "told"}):
    """One exercise as a person did it on a day: equal sets of it, or one stretch.

    `id` is unique for the person, and begins with the message in which it was told. `day` is an ISO date,
    `told` is in seconds since the epoch. The load is in kilograms, the distance in metres, the duration in
    seconds, the effort is the RPE from 1 to 10: each 0 where it was not told. The units are those in which
    it was said. `room` is where it was told, empty for one that versions before kept.
    """

    id: str
    exercise: str
    day: str
    told_at: float
    sets: int = 0
    reps: int = 0
    load: float = 0.0
    distance: float = 0.0
    duration: float = 0.0
    effort: float = 0.0
    load_unit: str = "kg"
    distance_unit: str = "km"
    room: str = ""


class WorkoutStore(Protocol):
    """Stores people's workouts, each person's apart. All reads are consistent."""

    def list_since(self, person: str, since: str) -> Sequence[Workout]:
        """Returns the person's workouts of that day (ISO) and later, oldest first: at most the newest 400."""

    def put(self, person: str, workouts: Sequence[Workout], replacing: Sequence[Workout] = ()) -> None:
        """Keeps the workouts and removes those that they come `instead_of`, all or nothing: at most 50 of
        both. One whose day and id are there is replaced. Repeating it changes nothing."""

    def delete_all(self, person: str) -> None:
        """Deletes all workouts of the person. Repeating it is no error."""


class Passage(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a document in the coach's library. `heading` says where in it, `topic` what it is about.

    An `id` here and in a memory is ASCII, of at most 512 characters.
    """

    id: str
    document: str
    text: str
    heading: str = ""
    topic: str = ""


class Knowledge(Protocol):
    """The coach's library, in passages. What is written or removed is seen by readers within seconds."""

    def search(self, vector: Vector, limit: int, topics: Sequence[str] = ()) -> Sequence[Passage]:
        """Returns the passages about this, best first, of the topics where some are named. Empty if nothing
        is."""

    def put(self, passages: Sequence[tuple[Passage, Vector]]) -> None:
        """Keeps the passages. One whose id is there is replaced."""

    def list_ids(self) -> Iterator[str]:
        """Yields the id of every passage, in no order."""

    def remove(self, ids: Iterable[str]) -> None:
        """Deletes passages. Those that are not there are no error."""


class Memory(msgspec.Struct, frozen=True, kw_only=True):
    """A fact about a person, kept across chats. `told_at` is when, in seconds since the epoch, `room` where:
    elsewhere it is told to that person alone. One without a room, as versions before kept them, is private.
    """

    id: str
    text: str
    told_at: float
    room: str = ""


class MemoryStore(Protocol):
    """Stores facts about people, each person's apart."""

    def search(self, person: str, vector: Vector, limit: int, room: str = "") -> Sequence[Memory]:
        """Returns the person's memories that are closest to the vector, best first; of a `room` those alone
        that were told there. Empty for an unknown person."""

    def put(self, person: str, memories: Sequence[tuple[Memory, Vector]]) -> None:
        """Keeps the memories; one whose id is there is replaced. Visible to every read that begins
        afterwards, for which a store may have to wait: raises `DeadlineExceeded` where it cannot be sure in
        time."""

    def list_all(self, person: str) -> Iterator[Memory]:
        """Yields all memories of the person, in no order."""

    def remove(self, person: str, ids: Iterable[str]) -> None:
        """Deletes single memories. Those that are not there are no error. Seen by readers within seconds."""

    def delete_all(self, person: str) -> None:
        """Deletes all that is known about the person. Seen by readers within seconds."""
