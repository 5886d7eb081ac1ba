"""Carries out people's orders about briefs and reminders, and says in words for the model what was done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Protocol

import msgspec

from repartee.briefs.email_orders import EmailOrders
from repartee.briefs.notice import ParsedNotice
from repartee.briefs.order_choice import RHYTHM_NOT_POSSIBLE, choose_ordered, make_order_id
from repartee.briefs.ordered_schedules import make_schedule
from repartee.briefs.reminder_orders import ReminderOrders
from repartee.briefs.schedule_words import choose_zone, describe_next, describe_schedule
from repartee.briefs.topics import TopicCatalogue
from repartee.domain.brief import (
    MAX_NAME_CHARS,
    MAX_PROJECTS,
    MAX_SUBSCRIPTIONS_PER_PERSON,
    Address,
    Project,
    Subscription,
)
from repartee.domain.message import Message, is_shared_room
from repartee.domain.schedule import Schedule
from repartee.domain.timezones import find_timezone
from repartee.ports.briefs import BriefStore, OrderLog

DEFAULT_BRIEF_TIME = "08:00"

NOT_POSSIBLE_TIME = "The time that they named makes no sense. Nothing was done: ask them which they mean."
NOT_IN_SHARED_ROOM = (
    "They speak of briefs here, where others read. A brief is said to one person alone: ask them to order "
    "it, or to change it, in a direct conversation with you. Nothing was done."
)
UNKNOWN_NUMBER = (
    "It is not clear which one they mean. Nothing was done: show them the list, and ask. {listed}"
)


class FindRoom(Protocol):
    """Finds a room that a person names."""

    def __call__(self, person: str, here: str, name: str) -> str:
        """Returns the id of the room of that name that the person is in, empty where there is none."""


class NoticeBook:
    """The briefs and reminders of people, as they order them in a chat."""

    def __init__(
        self,
        open_briefs: Callable[[], BriefStore],
        reminders: ReminderOrders,
        topics: TopicCatalogue,
        emails: EmailOrders,
        find_room: FindRoom,
        clock: Callable[[], float],
        open_log: Callable[[], OrderLog],
    ) -> None:
        self._open_log = open_log
        self._reminders, self.topics, self._emails = reminders, topics, emails
        self._open_briefs, self._find_room, self._clock = open_briefs, find_room, clock

    @property
    def _briefs(self) -> BriefStore:
        """The store, which is connected when there is the first order."""
        return self._open_briefs()

    def describe_for_model(self, message: Message) -> str:
        """Returns what the person has ordered, numbered, as far as it may be told here; empty where that is
        nothing."""
        told = (self._describe_briefs(message), self._reminders.describe(message))
        return "\n".join(one for one in told if one)

    def _describe_briefs(self, message: Message) -> str:
        if is_shared_room(message.room):
            return ""
        listed = self._briefs.list_subscriptions(message.sender)
        emailed = self._emails.find_emailed(message.sender) if listed else frozenset()
        briefs = [
            f"{number}. {describe_subscription(one, self._clock())}"
            + ("; by e-mail too" if one.id in emailed else "")
            for number, one in enumerate(listed, 1)
        ]
        return "\n".join(["Their briefs:", *briefs]) if briefs else ""

    def carry_out(self, notice: ParsedNotice, message: Message, profile: Mapping[str, str]) -> str:
        """Does what is ordered, and returns the words that tell the model: the same ones, and nothing more,
        where the message was answered before by a worker that died."""
        if notice.act in ("none", "list_briefs", "list_reminders"):
            return self._carry_out(notice, message, profile)
        log, id = self._open_log(), make_order_id(message)
        told = log.find_result(message.sender, id)
        if not told:
            told = self._carry_out(notice, message, profile)
            log.keep_result(message.sender, id, told)
        return told

    def _carry_out(self, notice: ParsedNotice, message: Message, profile: Mapping[str, str]) -> str:
        if notice.act in ("remind", "change_reminder", "cancel_reminder", "list_reminders"):
            return self._reminders.carry_out(notice, message, profile, make_address(message))
        if is_shared_room(message.room):
            return NOT_IN_SHARED_ROOM
        if notice.act == "brief":
            return self._subscribe(notice, message, profile)
        if notice.act == "change_brief":
            return self._change_subscription(notice, message)
        if notice.act == "stop_brief":
            return self._stop_subscriptions(notice, message)
        return self._list(message) if notice.act == "list_briefs" else ""

    def _list(self, message: Message) -> str:
        listed = self._describe_briefs(message)
        return f"Tell them their briefs: {listed}" if listed else "They have no brief. Tell them so."

    def _subscribe(self, notice: ParsedNotice, message: Message, profile: Mapping[str, str]) -> str:
        id = make_order_id(message)
        others = [one for one in self._briefs.list_subscriptions(message.sender) if one.id != id]
        if len(others) >= MAX_SUBSCRIPTIONS_PER_PERSON:
            return f"They have {MAX_SUBSCRIPTIONS_PER_PERSON} briefs already, the most there can be. Say so."
        projects, unknown = self._make_projects(notice, message)
        zone_name, is_assumed = choose_zone(notice, profile)
        schedule = self._make_schedule(notice, Schedule(at=DEFAULT_BRIEF_TIME), zone_name)
        if isinstance(schedule, str):
            return schedule
        if not projects:
            named = (
                f"you do not know {', '.join(unknown)}, or they are not in it" if unknown else "none is named"
            )
            return f"They want a brief, but about what is not clear: {named}. Ask. Nothing was done."
        made = Subscription(
            id=id,
            person=message.sender,
            address=make_address(message),
            schedule=schedule,
            timezone=zone_name,
            projects=projects,
            created_at=message.sent,
        )
        self._briefs.put_subscription(made)
        self._briefs.note_wrote(message.sender, message.sent)
        told = _confirm("A brief is ordered", made, self._clock(), unknown, is_assumed)
        return self._with_email(told, notice, made, message)

    def _make_schedule(self, notice: ParsedNotice, before: Schedule, zone_name: str) -> Schedule | str:
        """Returns the schedule; in words where there is none."""
        if notice.period == "other":
            return RHYTHM_NOT_POSSIBLE
        schedule = make_schedule(notice, before, self._now_in(zone_name))
        return NOT_POSSIBLE_TIME if schedule is None or schedule.period == "once" else schedule

    def _with_email(
        self, told: str, notice: ParsedNotice, subscription: Subscription, message: Message
    ) -> str:
        """Returns what is told, with what becomes of the e-mail. Without a wish for it nothing changes."""
        if not notice.email:
            return told
        return f"{told} {self._emails.carry_out(notice.email, subscription, message)}"

    def _change_subscription(self, notice: ParsedNotice, message: Message) -> str:
        listed = self._briefs.list_subscriptions(message.sender)
        if notice.email == "off" and not notice.numbers and listed:
            return " ".join({self._emails.carry_out("off", one, message) for one in listed})
        chosen = choose_ordered(notice, listed)
        if len(chosen) != 1:
            return UNKNOWN_NUMBER.format(listed=self._describe_briefs(message))
        (known,) = chosen
        zone_name = notice.timezone if notice.timezone and find_timezone(notice.timezone) else known.timezone
        schedule = self._make_schedule(notice, known.schedule, zone_name)
        if isinstance(schedule, str):
            return schedule
        projects, unknown = self._make_projects(notice, message)
        changed = msgspec.structs.replace(
            known, schedule=schedule, timezone=zone_name, projects=projects or known.projects
        )
        self._briefs.put_subscription(changed)
        told = _confirm("The brief is changed", changed, self._clock(), unknown, is_zone_assumed=False)
        return self._with_email(told, notice, changed, message)

    def _stop_subscriptions(self, notice: ParsedNotice, message: Message) -> str:
        chosen = choose_ordered(notice, self._briefs.list_subscriptions(message.sender))
        if not chosen:
            return UNKNOWN_NUMBER.format(listed=self._describe_briefs(message))
        for known in chosen:
            self._briefs.delete_subscription(message.sender, known.id)
            self._emails.remove(known)
        stopped = " And: ".join(describe_subscription(one, self._clock()) for one in chosen)
        return f"Their brief is stopped, as they asked: {stopped}. Say so."

    def _make_projects(
        self, notice: ParsedNotice, message: Message
    ) -> tuple[tuple[Project, ...], tuple[str, ...]]:
        """Returns the projects of the topics, and the rooms that are not known."""
        projects, unknown = [], []
        find_room = partial(self._find_room, message.sender, name_place(message))
        for topic in notice.topics[:MAX_PROJECTS]:
            ref = self.topics.find_source(topic, find_room)
            name = topic.name.strip()[:MAX_NAME_CHARS] or topic.kind
            if ref is None:
                unknown.append(topic.room or topic.name)
            else:
                projects.append(Project(name, (ref,)))
        return tuple(projects), tuple(unknown)

    def _now_in(self, zone_name: str) -> datetime:
        return datetime.fromtimestamp(self._clock(), find_timezone(zone_name) or UTC)


def name_place(message: Message) -> str:
    """Returns the room that the person calls "here": where they write, or typed a slash command."""
    return message.platform.get("typed_in", message.room)


def make_address(message: Message) -> Address:
    """Returns where the person of a message is told something later: where they wrote it."""
    kept = {
        name: value
        for name, value in message.platform.items()
        if name not in ("callback", "pressed", "album", "typed_in")
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
        + describe_next(subscription.schedule, zone, now, subscription.last_day)
    )


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
