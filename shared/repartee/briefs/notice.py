"""An order about briefs or reminders, as a small model understood it."""

from __future__ import annotations

from typing import Literal

import msgspec

NoticePeriod = Literal["once", "day", "week", "month", "year", "other"]
"""The periods of `domain.schedule.Period`; `other` is a rhythm that none of them tells."""

NoticeAct = Literal[
    "none",
    "brief",
    "change_brief",
    "stop_brief",
    "list_briefs",
    "remind",
    "change_reminder",
    "cancel_reminder",
    "list_reminders",
]


class BriefTopic(msgspec.Struct, frozen=True):
    """Something that a brief is to be about. `kind` is one of the topics that the sources offer."""

    name: str
    kind: str
    room: str | None = None


class ParsedNotice(msgspec.Struct, frozen=True, kw_only=True):
    """An order about briefs or reminders, as a small model understood it. `numbers` are those in the list
    that are meant. `room` is where a reminder is to be said, as the person calls it; None for where they
    write. `minutes` is from now, `shift_minutes` from when it comes so far."""

    act: NoticeAct
    numbers: tuple[int, ...] = ()
    topics: tuple[BriefTopic, ...] = ()
    text: str | None = None
    room: str | None = None
    period: NoticePeriod | None = None
    every: int | None = None
    week_of_month: int | None = None
    weekdays: tuple[int, ...] = ()
    date: str | None = None
    time: str | None = None
    minutes: float | None = None
    shift_minutes: float | None = None
    timezone: str | None = None
    email: Literal["on", "off"] | None = None


def is_notice(notice: ParsedNotice | None) -> bool:
    """Returns whether a message was understood as an order about briefs or reminders."""
    return notice is not None and notice.act != "none"
