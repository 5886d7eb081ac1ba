"""Carries out people's orders about briefs and reminders, and says in words for the model what was done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Literal, Protocol

import msgspec

from repartee.domain.brief import (
    MAX_NAME_CHARS,
    MAX_PROJECTS,
    MAX_SUBSCRIPTIONS_PER_PERSON,
    Address,
    Project,
    SourceRef,
    Subscription,
)
from repartee.domain.message import Message, is_shared_room
from repartee.domain.schedule import ALL_WEEKDAYS, Period, Schedule, find_next_moment
from repartee.domain.timezones import find_timezone
from repartee.errors import BackendError
from repartee.ports.briefs import BriefStore

DEFAULT_BRIEF_TIME = "08:00"

NOT_POSSIBLE_TIME = "The time that they named makes no sense. Nothing was done: ask them which they mean."
UNKNOWN_NUMBER = (
    "It is not clear which one they mean. Nothing was done: show them the list, and ask. {listed}"
)

TopicKind = Literal["room", "tasks", "leads", "invoices", "training", "proposals"]

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
    """Something that a brief is to be about."""

    name: str
    kind: TopicKind
    room: str | None = None


class ParsedNotice(msgspec.Struct, frozen=True, kw_only=True):
    """An order about briefs or reminders, as a small model understood it."""

    act: NoticeAct
    number: int | None = None
    topics: tuple[BriefTopic, ...] = ()
    text: str | None = None
    period: Period | None = None
    weekdays: tuple[int, ...] = ()
    date: str | None = None
    time: str | None = None
    minutes: float | None = None
    timezone: str | None = None


def is_notice(notice: ParsedNotice | None) -> bool:
    """Returns whether a message was understood as an order about briefs or reminders."""
    return notice is not None and notice.act != "none"


class FindRoom(Protocol):
    """Finds a room that a person names."""

    def __call__(self, person: str, here: str, name: str) -> str:
        """Returns the id of the room of that name that the person is in, empty where there is none."""


class NoticeBook:
    """The briefs and reminders of people, as they order them in a chat."""

    def __init__(
        self,
        open_briefs: Callable[[], BriefStore],
        find_room: FindRoom,
        clock: Callable[[], float],
        new_id: Callable[[], str],
    ) -> None:
        self._open_briefs, self._find_room, self._clock, self._new_id = open_briefs, find_room, clock, new_id

    @property
    def _briefs(self) -> BriefStore:
        """The store, which is connected when there is the first order."""
        return self._open_briefs()

    def describe_for_model(self, person: str) -> str:
        """Returns what the person has ordered, numbered; empty where that is nothing."""
        briefs = [
            f"{number}. {describe_subscription(one, self._clock())}"
            for number, one in enumerate(self._briefs.list_subscriptions(person), 1)
        ]
        return "\n".join(["Their briefs:", *briefs]) if briefs else ""

    def carry_out(self, notice: ParsedNotice, message: Message, profile: Mapping[str, str]) -> str:
        """Does what is ordered, and returns the words that tell the model."""
        if notice.act == "brief":
            return self._subscribe(notice, message, profile)
        if notice.act == "change_brief":
            return self._change_subscription(notice, message)
        if notice.act == "stop_brief":
            return self._stop_subscription(notice, message)
        if notice.act == "list_briefs":
            return self._list(message.sender)
        return ""

    def _list(self, person: str) -> str:
        listed = self.describe_for_model(person)
        return f"Tell them their briefs: {listed}" if listed else "They have no brief. Tell them so."

    def _subscribe(self, notice: ParsedNotice, message: Message, profile: Mapping[str, str]) -> str:
        if is_shared_room(message.room):
            return (
                "They ask for a brief here, where others read. A brief is said to one person alone: ask "
                "them to order it in a direct conversation with you. Nothing was done."
            )
        if len(self._briefs.list_subscriptions(message.sender)) >= MAX_SUBSCRIPTIONS_PER_PERSON:
            return f"They have {MAX_SUBSCRIPTIONS_PER_PERSON} briefs already, the most there can be. Say so."
        projects, unknown = self._make_projects(notice, message)
        zone_name, is_assumed = _choose_zone(notice, profile)
        schedule = _make_schedule(notice, Schedule(at=DEFAULT_BRIEF_TIME), self._now_in(zone_name))
        if schedule is None or schedule.period == "once":
            return NOT_POSSIBLE_TIME
        if not projects:
            named = (
                f"you do not know {', '.join(unknown)}, or they are not in it" if unknown else "none is named"
            )
            return f"They want a brief, but about what is not clear: {named}. Ask. Nothing was done."
        made = Subscription(
            id=self._new_id(),
            person=message.sender,
            address=make_address(message),
            schedule=schedule,
            timezone=zone_name,
            projects=projects,
            created_at=message.sent,
        )
        self._briefs.put_subscription(made)
        return _confirm("A brief is ordered", made, self._clock(), unknown, is_assumed)

    def _change_subscription(self, notice: ParsedNotice, message: Message) -> str:
        known = self._find(notice, message.sender)
        if known is None:
            return UNKNOWN_NUMBER.format(listed=self.describe_for_model(message.sender))
        zone_name = notice.timezone if notice.timezone and find_timezone(notice.timezone) else known.timezone
        schedule = _make_schedule(notice, known.schedule, self._now_in(zone_name))
        projects, unknown = self._make_projects(notice, message)
        if schedule is None or schedule.period == "once":
            return NOT_POSSIBLE_TIME
        changed = msgspec.structs.replace(
            known, schedule=schedule, timezone=zone_name, projects=projects or known.projects
        )
        self._briefs.put_subscription(changed)
        return _confirm("The brief is changed", changed, self._clock(), unknown, is_zone_assumed=False)

    def _stop_subscription(self, notice: ParsedNotice, message: Message) -> str:
        known = self._find(notice, message.sender)
        if known is None:
            return UNKNOWN_NUMBER.format(listed=self.describe_for_model(message.sender))
        self._briefs.delete_subscription(message.sender, known.id)
        return (
            f"Their brief is stopped, as they asked: {describe_subscription(known, self._clock())}. Say so."
        )

    def _find(self, notice: ParsedNotice, person: str) -> Subscription | None:
        """The brief that is meant: the one with that number, or the only one."""
        listed = self._briefs.list_subscriptions(person)
        if notice.number is None:
            return listed[0] if len(listed) == 1 else None
        return listed[notice.number - 1] if 0 < notice.number <= len(listed) else None

    def _make_projects(
        self, notice: ParsedNotice, message: Message
    ) -> tuple[tuple[Project, ...], tuple[str, ...]]:
        """Returns the projects of the topics, and the rooms that are not known."""
        projects, unknown = [], []
        for topic in notice.topics[:MAX_PROJECTS]:
            ref = self._make_ref(topic, message)
            name = topic.name.strip()[:MAX_NAME_CHARS] or topic.kind
            if ref is None:
                unknown.append(topic.room or topic.name)
            else:
                projects.append(Project(name, (ref,)))
        return tuple(projects), tuple(unknown)

    def _make_ref(self, topic: BriefTopic, message: Message) -> SourceRef | None:
        if topic.kind in ("tasks", "leads", "invoices"):
            return SourceRef("erp", topic.kind, topic.name[:MAX_NAME_CHARS])
        if topic.kind == "training":
            return SourceRef("workouts", "", topic.name[:MAX_NAME_CHARS])
        if topic.kind == "proposals":
            return SourceRef("proposals", "", topic.name[:MAX_NAME_CHARS])
        try:
            room = self._find_room(message.sender, message.room, topic.room or topic.name)
        except BackendError:
            return None
        return SourceRef("room", room, (topic.room or topic.name)[:MAX_NAME_CHARS]) if room else None

    def _now_in(self, zone_name: str) -> datetime:
        return datetime.fromtimestamp(self._clock(), find_timezone(zone_name) or UTC)


def make_address(message: Message) -> Address:
    """Returns where the person of a message is told something later: where they wrote it."""
    kept = {
        name: value
        for name, value in message.platform.items()
        if name not in ("callback", "pressed", "album")
    }
    return Address(
        channel=message.channel,
        chat=message.chat,
        room=message.room,
        platform=kept,
        language=message.language,
    )


def describe_subscription(subscription: Subscription, now: float) -> str:
    """Returns the brief in words: about what, when, and when the next one comes."""
    about = ", ".join(project.name for project in subscription.projects)
    zone = find_timezone(subscription.timezone) or UTC
    return (
        f"about {about}; {describe_schedule(subscription.schedule, subscription.timezone)}"
        + _describe_next(subscription.schedule, zone, now, subscription.last_day)
    )


def describe_schedule(schedule: Schedule, zone_name: str) -> str:
    """Returns when something comes, in words."""
    days = (
        "every day"
        if schedule.weekdays == ALL_WEEKDAYS
        else "on " + ", ".join(f"{date(2024, 1, 1 + number):%A}" for number in sorted(schedule.weekdays))
    )
    when = {
        "once": f"once, on {schedule.day}",
        "month": f"each month on day {schedule.day[8:]}",
        "year": f"each year on {schedule.day[5:]}",
    }.get(schedule.period, days)
    return f"{when} at {schedule.at} ({zone_name})"


def _describe_next(schedule: Schedule, zone: tzinfo, now: float, last_day: str) -> str:
    coming = find_next_moment(schedule, zone, datetime.fromtimestamp(now, UTC), last_day=last_day)
    return f"; next {coming[1].astimezone(zone):%A, %d %B %Y, %H:%M}" if coming else ""


def _confirm(
    said: str, subscription: Subscription, now: float, unknown: tuple[str, ...], is_zone_assumed: bool
) -> str:
    told = [f"{said}, as they asked: {describe_subscription(subscription, now)}. Confirm it with the time."]
    if is_zone_assumed:
        told.append("Their time zone is not known, so it is UTC: say so, and ask where they are.")
    if unknown:
        told.append(
            f"Left out, because you do not know it or they are not in it: {', '.join(unknown)}. Say so."
        )
    return " ".join(told)


def _choose_zone(notice: ParsedNotice, profile: Mapping[str, str]) -> tuple[str, bool]:
    """Returns the time zone, and whether it is only assumed."""
    for name in (notice.timezone or "", profile.get("timezone", "")):
        if name and find_timezone(name):
            return name, False
    return "UTC", True


def _make_schedule(notice: ParsedNotice, before: Schedule, now: datetime) -> Schedule | None:
    """Returns the schedule that is ordered, with what is not said as it was before. None where it makes no
    sense."""
    if notice.minutes and notice.minutes > 0:
        at = now + timedelta(minutes=notice.minutes)
        return Schedule(period="once", at=f"{at:%H:%M}", day=f"{at:%Y-%m-%d}")
    weekdays = frozenset(notice.weekdays) or (before.weekdays if notice.period is None else ALL_WEEKDAYS)
    try:
        at_time = f"{time.fromisoformat(notice.time):%H:%M}" if notice.time else before.at
        period = notice.period or before.period
        day = notice.date or before.day or (f"{now:%Y-%m-%d}" if period in ("once", "month", "year") else "")
        return Schedule(period=period, at=at_time, weekdays=weekdays, day=day)
    except ValueError:
        return None
