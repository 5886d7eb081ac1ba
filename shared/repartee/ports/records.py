"""Protocols of the records of rooms, chats and people, and of proposals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from repartee.domain.control import AnswerMode, Control
from repartee.domain.meeting import Meeting
from repartee.domain.names import KnownName
from repartee.domain.proposal import Proposal, ProposalDecision, ProposalRecord, Verdict
from repartee.domain.reply import ActiveMessage, ActiveMessages
from repartee.domain.usage import UsageTotal

SPOKEN_PROFILE_KEYS = frozenset(("language", "spoken_language", "timezone", "units"))
"""The entries of a profile that say how a person is spoken to. They count in every room."""


class Summary(msgspec.Struct, frozen=True, rename={"covers_until": "upto"}):
    """A short text of what was said in a chat until `upto` (epoch seconds)."""

    text: str = ""
    covers_until: float = 0.0


class ChatState(msgspec.Struct, frozen=True, kw_only=True):
    """The records of a chat and a person, read before a turn. `profile` is what may be told here: in a room
    where others read, what the person told in that room, and how they are spoken to (`SPOKEN_PROFILE_KEYS`).
    `private_profile` is the rest: it may decide, and is in no prompt. Both are empty for an unknown person.
    `summary` covers the messages before the newest; the usages are today's; `names`
    are those of the room's people, by the platform's ids."""

    control: Control = Control()
    profile: dict[str, str] = {}
    private_profile: dict[str, str] = {}
    summary: Summary = Summary()
    room_usage: UsageTotal = UsageTotal()
    workspace_usage: UsageTotal = UsageTotal()
    names: Mapping[str, KnownName] = {}

    @property
    def whole_profile(self) -> dict[str, str]:
        """All that is known about the person, for what decides and is not told."""
        return self.private_profile | self.profile


def split_profile(
    known: Mapping[str, str], told_here: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Returns what may be told in a room where others read, and what may not, of all that is known."""
    spoken = {name: value for name, value in known.items() if name in SPOKEN_PROFILE_KEYS}
    here = {name: value for name, value in told_here.items() if name in known} | spoken
    return here, {name: value for name, value in known.items() if name not in here}


class Records(Protocol):
    """A DynamoDB item each for rooms, chats and users. Expired items are not seen."""

    def read_chat_state(self, room: str, chat: str, sender: str, *, max_age: float = 0.0) -> ChatState:
        """Returns all that a turn needs of the records, in one round trip, consistent. What this process
        has read at most `max_age` seconds ago may be returned instead."""

    def read_control(self, room: str, chat: str) -> Control:
        """Returns the commands in force for the room and the chat together, and the workspace's active
        messages. A consistent read."""

    def mute(self, scope: str, until: float, ordered_at: float, message_id: str = "") -> None:
        """Keeps the assistant quiet in a room or chat until then; 0 ends it. Of two orders the one that was
        `ordered` later stands, in whichever order they arrive. All in seconds since the epoch. `by` is the
        message that orders it, where that is still to be confirmed."""

    def stop(self, chat: str, at: float) -> None:
        """Ends the reply to whatever was said in the chat before then. The latest stop stands."""

    def set_answers(self, room: str, mode: AnswerMode, ordered_at: float) -> None:
        """Keeps what is answered in a room. Of two orders the later one stands."""

    def set_recording(self, room: str, since: float, until: float) -> None:
        """Has the room's turns recorded from then until then (epoch seconds); until 0, no more. The latest
        order stands."""

    def note_recording_told(self, chat: str, at: float) -> None:
        """Notes that the people of the chat were told that it is recorded."""

    def read_names(self, room: str) -> Mapping[str, KnownName]:
        """The names of the room's people and user groups, by their ids."""

    def save_names(self, room: str, names: Mapping[str, KnownName]) -> None:
        """Keeps these names of the room's people, beside those that are kept. A name that was looked up
        earlier than the kept one changes nothing; of more than `names.MAX_ROOM_NAMES` the oldest are
        forgotten."""

    def save_meeting(self, room: str, meeting: Meeting) -> None:
        """Notes the room's newest meeting, or that it is over. What is older than the one that is noted, or
        would open it again, changes nothing."""

    def update_profile(self, person: str, facts: Mapping[str, str], room: str = "") -> None:
        """Keeps what is known about a person by these names; what is empty is forgotten. `room` is where they
        told it: elsewhere it is told to that person alone. What was told without one is private."""

    def save_summary(self, chat: str, summary: Summary, after: float) -> None:
        """Replaces the chat's summary that ended there (0 where there was none). If another one is there by
        now, nothing changes."""

    def add_usage(self, turn: str, room: str, usage: UsageTotal) -> None:
        """Counts what a turn took, for its room and its workspace and today. Said again at once, as when an
        answer is lost, it is counted once."""

    def publish_active(self, workspace: str, active: ActiveMessage) -> ActiveMessages:
        """Notes what is being shown in the workspace, in place of what was noted under its key, and gives
        the crowd with it. What has grown to its end and began more than a minute ago is forgotten."""

    def disable_streaming(self, workspace: str, until: float) -> None:
        """Notes that the workspace lets nothing stream; it is tried again after `until`."""

    def report_failure(self, backend: str, room: str, retry_at: float) -> None:
        """Counts a failure of the backend, for all workers that share the room's active messages: they read
        it with these. The backend asks to be left alone until `retry_at` (epoch seconds, 0 where it does
        not). Failures that are long ago are forgotten."""

    def report_success(self, backend: str, room: str) -> None:
        """Forgets the failures of the backend: it has answered."""

    def begin_probe(self, backend: str, room: str, until: float) -> bool:
        """Notes that the caller tries a backend that is down, until then at the latest. True for one caller
        alone; False, too, where the backend is not down any more."""


class ProposalStore(Protocol):
    """Stores proposals and the decisions on them. All reads are consistent."""

    def put(self, proposal: Proposal) -> None:
        """Keeps a proposal, open. If its subject is there already nothing changes."""

    def find(self, proposal_id: str) -> ProposalRecord | None:
        """Returns the proposal and what has become of it. None for an unknown one."""

    def list_open(self, person: str, now: float) -> Sequence[Proposal]:
        """Returns the proposals that wait for the person's decision at that time (epoch seconds), at most
        twenty."""

    def record_decision(self, press: ProposalDecision) -> Verdict:
        """Keeps the first decision by the right person in time; any other changes nothing. A press that comes
        again (the same id) is told the same again."""

    def begin_execution(self, proposal_id: str) -> bool:
        """Notes that what was approved is about to be done. True for one caller alone, ever."""

    def finish_execution(self, proposal_id: str, result_text: str) -> None:
        """Notes that it is over, and what was said about it."""


class ChatMoves(Protocol):
    """Groups that were given another id. What is kept stays under the first id, the room's for good."""

    def save(self, former: str, present: str) -> None:
        """Notes that a room is called otherwise by its platform now. Repeating it changes nothing."""

    def first_id(self, present: str) -> str:
        """The id under which a room is kept: its first one, or the given one where it never had another."""
