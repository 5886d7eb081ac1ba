"""Commands that take effect at once: mute, unmute, stop, meeting.

The webhook parses and carries them out without asking a model.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from repartee.domain.handover import Handover
from repartee.domain.meeting import Meeting, start_time
from repartee.domain.message import Incoming, Message
from repartee.domain.reply import ActiveMessages
from repartee.errors import ReparteeError

SuppressionReason = Literal["", "muted", "stopped", "handed_over"]

AnswerMode = Literal["mentions", "thread", "all"]
"""The messages that are answered in a room: who mentions the assistant alone, what is said to it in a
thread where it takes part, too, or everything that is not said to another person."""


class Control(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The commands in force for a room or a chat. Times are seconds since the epoch, 0 is never.

    `muted_at` is when the mute was ordered, and `muted_by` in which message, where it was in words that a
    turn had to understand. `meeting` is the newest one of the room, and `crowd` what comes along for those
    who ask while they reply. `answers` says what is answered in the room beside private chats. The room's
    turns are recorded from `recorded_since` until `recorded_until`, in a chat whose people were told of it at
    `recording_told_at`. `handover` says whether a person has the chat.
    """

    muted_until: float = 0.0
    muted_at: float = 0.0
    muted_by: str = ""
    stopped_at: float = 0.0
    meeting: Meeting | None = None
    active_messages: ActiveMessages = ActiveMessages()
    answers: AnswerMode = "thread"
    recorded_since: float = 0.0
    recorded_until: float = 0.0
    recording_told_at: float = 0.0
    handover: Handover = Handover()

    def is_recorded(self, now: float) -> bool:
        """Returns whether turns of the room are to be recorded, once its people know."""
        return self.recorded_since <= now < self.recorded_until

    @property
    def is_recording_told(self) -> bool:
        """Whether the people of the chat were told since recording was turned on."""
        return self.recording_told_at >= self.recorded_since

    def is_muted(self, now: float) -> bool:
        """Returns whether the assistant must be quiet."""
        return now < self.muted_until

    def mute_suppresses(self, incoming: Iterable[Incoming], now: float) -> bool:
        """Returns whether the messages must not be answered: none is while the assistant is muted, unless one
        calls it by its name since then, or is the one that mutes it, which is confirmed."""
        return self.is_muted(now) and not any(
            message.stored_id == self.muted_by or (message.mentioned and message.sent > self.muted_at)
            for message in incoming
            if isinstance(message, Message)
        )

    def suppression_reason(self, incoming: Sequence[Incoming], now: float) -> SuppressionReason:
        """Returns why there must be no reply to the messages, empty if there may be one."""
        if self.handover.silences(incoming):
            return "handed_over"
        if self.mute_suppresses(incoming, now):
            return "muted"
        return "stopped" if self.all_stopped(incoming) else ""

    def active_meeting(self, room: str, now: float) -> Meeting | None:
        """Returns the meeting to which messages belong now: the one that goes on, or the time of
        quiet."""
        if self.meeting and self.meeting.is_active(now):
            return self.meeting
        if self.is_muted(now) and self.muted_at <= now:
            return Meeting.from_mute(room, self.muted_at, self.muted_until)
        return None

    def is_stopped(self, message: Incoming) -> bool:
        """Returns whether the reply to this message was stopped."""
        return message.sent <= self.stopped_at

    def all_stopped(self, incoming: Iterable[Incoming]) -> bool:
        """Returns whether the reply to all of them was stopped. A message after the stop wants its answer."""
        addressed = [
            message for message in incoming if not (isinstance(message, Message) and message.overheard)
        ]
        return bool(addressed) and all(map(self.is_stopped, addressed))

    def merged_with(self, other: Control) -> Control:
        """Returns the commands of the room and of the thread together."""
        later = max(self, other, key=lambda one: (one.muted_at, one.muted_by))
        return Control(
            muted_until=max(self.muted_until, other.muted_until),
            muted_at=later.muted_at,
            muted_by=later.muted_by,
            stopped_at=max(self.stopped_at, other.stopped_at),
            meeting=max(self.meeting, other.meeting, key=start_time),
            answers=self.answers if self.answers != "thread" else other.answers,
            recorded_since=max(self.recorded_since, other.recorded_since),
            recorded_until=max(self.recorded_until, other.recorded_until),
            recording_told_at=max(self.recording_told_at, other.recording_told_at),
            handover=self.handover if self.handover.id else other.handover,
        )


class ChatHandedOver(ReparteeError):
    """A person has the chat: what was to be answered is passed on to them."""


class ReplyStopped(ReparteeError):
    """A person has stopped the reply, or muted the assistant."""

    def __init__(self, reason: SuppressionReason) -> None:
        super().__init__(reason)
        self.reason = reason
