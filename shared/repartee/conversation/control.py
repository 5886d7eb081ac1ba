"""What a person may order the assistant to do at once: be quiet, speak again, stop.

An order is one of a few plain commands, so that the webhook can carry it out without asking a model.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from repartee.conversation.meeting import Meeting, began_at
from repartee.conversation.message import Message
from repartee.conversation.reply import Crowd

Objection = Literal["", "muted", "stopped"]


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
    crowd: Crowd = Crowd()

    def muted(self, now: float) -> bool:
        """Whether the assistant must be quiet."""
        return now < self.muted_until

    def silences(self, asked: Iterable[Message], now: float) -> bool:
        """Whether the messages must not be answered: none is while the assistant is muted, unless one calls
        it by its name since then, or is the one that mutes it, which is confirmed."""
        return self.muted(now) and not any(
            message.said().id == self.muted_by or (message.mentioned and message.sent > self.muted_at)
            for message in asked
        )

    def objection(self, asked: Sequence[Message], now: float) -> Objection:
        """Why there must be no reply to the messages, empty if there may be one."""
        if self.silences(asked, now):
            return "muted"
        return "stopped" if self.stopped(asked) else ""

    def listens(self, room: str, now: float) -> Meeting | None:
        """The meeting under which is filed what is said now: the one that goes on, or the time of quiet."""
        if self.meeting and self.meeting.goes_on(now):
            return self.meeting
        if self.muted(now) and self.muted_at <= now:
            return Meeting.quiet(room, self.muted_at, self.muted_until)
        return None

    def stops(self, message: Message) -> bool:
        """Whether the reply to this message was stopped."""
        return message.sent <= self.stopped_at

    def stopped(self, asked: Iterable[Message]) -> bool:
        """Whether the reply to all of them was stopped. What somebody has asked since wants its answer."""
        told = [message for message in asked if not message.overheard]
        return bool(told) and all(map(self.stops, told))

    def over(self, other: Control) -> Control:
        """Both orders together: the room's and the thread's."""
        later = max(self, other, key=lambda one: (one.muted_at, one.muted_by))
        return Control(
            muted_until=max(self.muted_until, other.muted_until),
            muted_at=later.muted_at,
            muted_by=later.muted_by,
            stopped_at=max(self.stopped_at, other.stopped_at),
            meeting=max(self.meeting, other.meeting, key=began_at),
        )


class Order(msgspec.Struct, frozen=True):
    """One order. `seconds`: for how long, where it ends by itself; `subject`: what is decided on."""

    act: Literal["mute", "unmute", "stop", "approve", "decline"]
    seconds: float = 0.0
    subject: str = ""


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """An order as it was given: in which chat and about which place, by whom, and when (epoch seconds)."""

    order: Order
    place: str
    chat: str
    by: str
    at: float


UNTIL_UNMUTED = 10 * 365 * 24 * 3600.0
"""Seconds of a mute that names no time."""

SECONDS = {"m": 60, "h": 3600, "d": 24 * 3600, "w": 7 * 24 * 3600}

MUTE = re.compile(r"mute(?:\s+(?:for\s+)?(\d{1,4})\s*(m|h|d|w)(?:in(?:ute)?s?|(?:ou)?rs?|ays?|eeks?)?)?")


def given_in(message: Message) -> Given | None:
    """The order that a message is."""
    order = order_in(message.text)
    if order is None:
        return None
    return Given(order=order, place=message.place, chat=message.chat, by=message.sender, at=message.sent)


def order_in(text: str) -> Order | None:
    """The order that the text is, if it is nothing else: `mute`, `mute for 2 hours`, `unmute`, `stop`."""
    words = text.strip().rstrip(".! ").lower()
    if words in ("unmute", "stop"):
        return Order("unmute" if words == "unmute" else "stop")
    muted = MUTE.fullmatch(words)
    if not muted:
        return None
    number, unit = muted.groups()
    return Order("mute", int(number) * SECONDS[unit] if number else UNTIL_UNMUTED)
