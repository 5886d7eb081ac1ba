"""What a person may order the assistant to do at once: be quiet, speak again, stop.

An order is one of a few plain commands, so that the webhook can carry it out without asking a model.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from repartee.conversation.meeting import Meeting, start_time
from repartee.conversation.message import Message
from repartee.conversation.reply import ActiveMessages

SuppressionReason = Literal["", "muted", "stopped"]


class Control(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is ordered for a place, a room or a chat. Times are seconds since the epoch, 0 is never.

    `muted_at` is when the mute was ordered, and `muted_by` in which message, where it was in words that a
    turn had to understand. `meeting` is the newest one of the room, and `crowd` what comes along for those
    who ask while they reply.
    """

    muted_until: float = 0.0
    muted_at: float = 0.0
    muted_by: str = ""
    stopped_at: float = 0.0
    meeting: Meeting | None = None
    active_messages: ActiveMessages = ActiveMessages()

    def is_muted(self, now: float) -> bool:
        """Whether the assistant must be quiet."""
        return now < self.muted_until

    def mute_suppresses(self, incoming: Iterable[Message], now: float) -> bool:
        """Whether the messages must not be answered: none is while the assistant is muted, unless one calls
        it by its name since then, or is the one that mutes it, which is confirmed."""
        return self.is_muted(now) and not any(
            message.to_stored().id == self.muted_by or (message.mentioned and message.sent > self.muted_at)
            for message in incoming
        )

    def suppression_reason(self, incoming: Sequence[Message], now: float) -> SuppressionReason:
        """Why there must be no reply to the messages, empty if there may be one."""
        if self.mute_suppresses(incoming, now):
            return "muted"
        return "stopped" if self.all_stopped(incoming) else ""

    def active_meeting(self, room: str, now: float) -> Meeting | None:
        """The meeting under which is filed what is said now: the one that goes on, or the time of quiet."""
        if self.meeting and self.meeting.is_active(now):
            return self.meeting
        if self.is_muted(now) and self.muted_at <= now:
            return Meeting.from_mute(room, self.muted_at, self.muted_until)
        return None

    def is_stopped(self, message: Message) -> bool:
        """Whether the reply to this message was stopped."""
        return message.sent <= self.stopped_at

    def all_stopped(self, incoming: Iterable[Message]) -> bool:
        """Whether the reply to all of them was stopped. What somebody has asked since wants its answer."""
        told = [message for message in incoming if not message.overheard]
        return bool(told) and all(map(self.is_stopped, told))

    def merged_with(self, other: Control) -> Control:
        """Both orders together: the room's and the thread's."""
        later = max(self, other, key=lambda one: (one.muted_at, one.muted_by))
        return Control(
            muted_until=max(self.muted_until, other.muted_until),
            muted_at=later.muted_at,
            muted_by=later.muted_by,
            stopped_at=max(self.stopped_at, other.stopped_at),
            meeting=max(self.meeting, other.meeting, key=start_time),
        )


class Command(msgspec.Struct, frozen=True):
    """One order. `seconds`: for how long, where it ends by itself; `subject`: what is decided on."""

    action: Literal["mute", "unmute", "stop", "approve", "decline"]
    duration_seconds: float = 0.0
    subject: str = ""


class IssuedCommand(msgspec.Struct, frozen=True, kw_only=True):
    """An order as it was given: in which chat and about which place, by whom, and when (epoch seconds)."""

    command: Command
    scope: str
    chat: str
    issued_by: str
    issued_at: float


UNLIMITED_MUTE_SECONDS = 10 * 365 * 24 * 3600.0
"""Seconds of a mute that names no time."""

UNIT_SECONDS = {"m": 60, "h": 3600, "d": 24 * 3600, "w": 7 * 24 * 3600}

MUTE_PATTERN = re.compile(
    r"mute(?:\s+(?:for\s+)?(\d{1,4})\s*(m|h|d|w)(?:in(?:ute)?s?|(?:ou)?rs?|ays?|eeks?)?)?"
)


def command_of(message: Message) -> IssuedCommand | None:
    """The order that a message is."""
    order = parse_command(message.text)
    if order is None:
        return None
    return IssuedCommand(
        command=order,
        scope=message.command_scope,
        chat=message.chat,
        issued_by=message.sender,
        issued_at=message.sent,
    )


def parse_command(text: str) -> Command | None:
    """The order that the text is, if it is nothing else: `mute`, `mute for 2 hours`, `unmute`, `stop`."""
    words = text.strip().rstrip(".! ").lower()
    if words in ("unmute", "stop"):
        return Command("unmute" if words == "unmute" else "stop")
    muted = MUTE_PATTERN.fullmatch(words)
    if not muted:
        return None
    number, unit = muted.groups()
    return Command("mute", int(number) * UNIT_SECONDS[unit] if number else UNLIMITED_MUTE_SECONDS)
