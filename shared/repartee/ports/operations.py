"""Stores that the people who run an assistant look into: sums of turns, conversations, notes about them, and
the audit log."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Protocol

import msgspec

from repartee.domain.backend_failures import BackendFailures
from repartee.domain.handover import Handover
from repartee.domain.message import Exchange, Incoming
from repartee.domain.rollup import ChatActivity, HourlyRollup, HourlySteps, WorkspaceTally
from repartee.domain.turn_record import TurnRecord
from repartee.domain.usage import UsageTotal


class TurnStatistics(Protocol):
    """The sums of turns, by the hour. One process writes them; any may read."""

    def read_watermark(self) -> float:
        """Returns up to when turns are counted (epoch seconds); 0 if none is."""

    def count_until(
        self,
        until: float,
        closed: Mapping[int, Sequence[TurnRecord]],
        read_hour: Callable[[int], Sequence[TurnRecord]],
    ) -> None:
        """Counts the turns that were `closed` since the watermark, by their hour, and moves it to `until`.
        Each is counted once: an hour that an earlier call left half counted is counted anew, from all of its
        records up to `until`, which `read_hour` gives."""

    def list_rollups(self, since: float, until: float) -> Sequence[HourlyRollup]:
        """Returns the rollups of the hours between these times, the oldest first."""

    def list_steps(self, since: float, until: float) -> Sequence[HourlySteps]:
        """Returns the sums of steps in the hours between these times."""

    def list_workspaces(self, since: float, until: float) -> Sequence[WorkspaceTally]:
        """Returns the tallies of workspaces in the hours between these times."""

    def list_chats(self, hour: int) -> Sequence[ChatActivity]:
        """Returns the chats that had turns in the hour, the latest first."""


class HeldChat(msgspec.Struct, frozen=True):
    """A chat that a worker has now. `waiting_since` is when the oldest message came that it answers."""

    chat: str
    waiting_since: float


class OpenWork(msgspec.Struct, frozen=True):
    """The chats that are answered now, and the workspaces in which something is open. `is_whole` is false
    where there is more than was read."""

    held: tuple[HeldChat, ...]
    workspaces: frozenset[str] = frozenset()
    is_whole: bool = True


class WorkspaceState(msgspec.Struct, frozen=True):
    """The state that workers share of a workspace: its failing backends, and its usage of today."""

    failing: Mapping[str, BackendFailures]
    usage: UsageTotal


class LiveState(Protocol):
    """Tells what workers do now, and what they know of backends and budgets."""

    def read_open_work(self) -> OpenWork:
        """Returns the chats whose lease is held, the one that waits longest first."""

    def read_workspaces(self, names: Collection[str]) -> Mapping[str, WorkspaceState]:
        """Returns the state of each of these workspaces."""


class Conversation(msgspec.Struct, frozen=True, kw_only=True):
    """A chat as it is kept: its exchanges, the messages that wait, and the records of its turns by their id.
    `is_whole` is false where there is more than was read."""

    chat: str
    exchanges: tuple[Exchange, ...]
    waiting: tuple[Incoming, ...]
    turns: Mapping[str, TurnRecord]
    is_whole: bool = True


class ChatCondition(msgspec.Struct, frozen=True):
    """The commands in force for a chat and its room: how long it is muted (epoch seconds), who has it."""

    muted_until: float = 0.0
    handover: Handover = Handover()


class Conversations(Protocol):
    """The words of chats, for who runs the assistant."""

    def read_conversation(self, chat: str) -> Conversation:
        """Returns the chat, the oldest exchange first. Empty for an unknown chat."""

    def read_conditions(self, chats: Sequence[str]) -> Mapping[str, ChatCondition]:
        """Returns the conditions of all these chats, in one read for fifty of them."""

    def list_open(self, limit: int) -> Sequence[str]:
        """Returns chats in which a message waits for its answer, at most `limit`, in no order."""


OPERATOR_PREFIX = "console:"


class OperatorNote(msgspec.Struct, frozen=True, kw_only=True):
    """A note of an operator about a conversation, for colleagues. `author` is the name they see; notes of
    earlier versions have no `author_id`."""

    at: float
    author: str
    text: str
    author_id: str = ""


def operator_person(operator: str) -> str:
    """Returns the person's id of an operator, whom the login service knows by this one."""
    return f"{OPERATOR_PREFIX}{operator}"


def is_operator_person(person: str) -> bool:
    """Returns whether a person's id is an operator's."""
    return person.startswith(OPERATOR_PREFIX)


class OperatorNotes(Protocol):
    """Notes about conversations. No turn reads them, and nothing sends them."""

    def append(self, chat: str, note: OperatorNote) -> None:
        """Keeps the note for as long as a message is kept."""

    def list_newest(self, chat: str, limit: int) -> Sequence[OperatorNote]:
        """Returns the newest notes about the chat, the oldest of them first."""


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that an operator did. `target` is what it was done to: a chat, a person, a setting."""

    at: float
    operator: str
    action: str
    target: str = ""
    detail: str = ""


class AuditLog(Protocol):
    """The acts of operators, and the private conversations that they opened."""

    def append(self, entry: AuditEntry) -> None:
        """Keeps the entry."""

    def list_newest(self, until: float, limit: int) -> Iterator[AuditEntry]:
        """Yields entries from before then, the newest first."""


class OperatorSession(msgspec.Struct, frozen=True, kw_only=True):
    """A session of an operator. `id` is the hash of what the browser shows; `checked_at` is when the login
    service last said which role the operator has."""

    id: str
    operator: str
    name: str
    role: int
    started_at: float
    checked_at: float
    seen_at: float


class OperatorSessions(Protocol):
    """The sessions of operators. One that is not there has ended."""

    def find(self, id: str) -> OperatorSession | None:
        """Returns the session, as it was last written."""

    def save(self, session: OperatorSession, expires_at: float) -> None:
        """Keeps the session until then at most."""

    def mark_seen(self, id: str, at: float) -> None:
        """Notes that the operator was there. Nothing happens to a session that has ended meanwhile."""

    def delete(self, id: str) -> None:
        """Ends the session."""


class FailedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A dead letter: when it was written, of which chat and how many messages, and why. `can_replay`: it
    names messages that can be answered again."""

    id: str
    at: float
    chat: str
    reason: str
    messages: int = 0
    can_replay: bool = True


class FailedAnswers(Protocol):
    """The messages that got no answer, as dead letters name them."""

    def list_failed(self) -> Sequence[FailedAnswer]:
        """Returns them, the oldest first."""

    def replay(self, id: str) -> FailedAnswer | None:
        """Has the messages of a letter answered again, and takes it out. Returns None, and changes nothing,
        if there is no such letter, or nothing in it can be answered."""
