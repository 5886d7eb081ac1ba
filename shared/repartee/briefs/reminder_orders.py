"""Carries out people's orders about reminders, and says in words for the model what was done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from repartee.briefs.notice import ParsedNotice
from repartee.briefs.order_choice import RHYTHM_NOT_POSSIBLE, choose_ordered, make_order_id
from repartee.briefs.ordered_schedules import make_schedule
from repartee.briefs.schedule_words import choose_zone, describe_schedule
from repartee.domain.brief import MAX_NAME_CHARS, Address
from repartee.domain.message import Message, is_shared_room
from repartee.domain.reminder import (
    ARMED_AHEAD_SECONDS,
    MAX_REMINDER_CHARS,
    MAX_REMINDERS_PER_PERSON,
    Reminder,
    ReminderWake,
)
from repartee.domain.schedule import Schedule, find_next_moment
from repartee.domain.timezones import find_timezone
from repartee.errors import BackendError
from repartee.ports.briefs import BriefStore, RoomAccess
from repartee.ports.reminders import ReminderQueue, ReminderStore

DEFAULT_REMINDER_TIME = "09:00"

NO_TIME = (
    "They want a reminder, but the time is not clear, or over. Nothing was done: ask them when, and "
    "repeat what of."
)
UTC_ASSUMED = " Their time zone is not known, so it is UTC: say so, and ask where they are."
ROOM_UNKNOWN = (
    "They want a reminder in {room}, which you do not know, or they are not in it. Nothing was done: say so, "
    "and ask where it is to be said."
)
UNKNOWN_REMINDER = "It is not clear which reminder they mean. Nothing was done. {listed} Ask which."


class ReminderOrders:
    """The reminders of people, as they order them in a chat. In a room where others read they are those of
    this room alone."""

    def __init__(
        self,
        open_store: Callable[[], ReminderStore],
        open_queue: Callable[[], ReminderQueue],
        open_rooms: Callable[[], RoomAccess],
        open_briefs: Callable[[], BriefStore],
        clock: Callable[[], float],
    ) -> None:
        self._open_store, self._open_queue, self._open_rooms = open_store, open_queue, open_rooms
        self._open_briefs, self._clock = open_briefs, clock

    def describe(self, message: Message) -> str:
        """Returns the reminders that may be told here, numbered; empty where there is none."""
        lines = [
            f"{number}. {describe_reminder(one)}" for number, one in enumerate(self._list_here(message), 1)
        ]
        return "\n".join(["Their reminders:", *lines]) if lines else ""

    def carry_out(
        self, notice: ParsedNotice, message: Message, profile: Mapping[str, str], address: Address
    ) -> str:
        """Does what is ordered, and returns the words that tell the model."""
        if notice.act == "remind":
            return self._add(notice, message, profile, address)
        if notice.act == "list_reminders":
            listed = self.describe(message)
            return f"Tell them: {listed}" if listed else "They have no reminder here. Tell them so."
        chosen = choose_ordered(notice, self._list_here(message))
        if notice.act == "cancel_reminder" and chosen:
            return self._cancel(chosen)
        if len(chosen) != 1:
            return UNKNOWN_REMINDER.format(listed=self.describe(message))
        return self._change(chosen[0], notice, message.sent)

    def _cancel(self, chosen: Sequence[Reminder]) -> str:
        for one in chosen:
            self._open_store().delete_reminder(one.person, one.id)
        cancelled = " And: ".join(map(describe_reminder, chosen))
        return f"Their reminder is cancelled, as they asked: {cancelled}. Say so."

    def _add(
        self, notice: ParsedNotice, message: Message, profile: Mapping[str, str], address: Address
    ) -> str:
        if not (notice.text or "").strip():
            return "They want a reminder, but not of what is clear. Nothing was done: ask."
        id = make_order_id(message)
        others = [one for one in self._open_store().list_reminders(message.sender) if one.id != id]
        if len(others) >= MAX_REMINDERS_PER_PERSON:
            return f"They have {MAX_REMINDERS_PER_PERSON} reminders already, the most there can be. Say so."
        try:
            chosen = self._choose_place(notice.room or "", message, address)
        except BackendError:
            chosen = None
        if chosen is None:
            return ROOM_UNKNOWN.format(room=notice.room)
        is_elsewhere = chosen.room != message.room
        zone_name, is_assumed = choose_zone(notice, profile)
        before = Schedule(period="once", at=DEFAULT_REMINDER_TIME, day=f"{self._now_in(zone_name):%Y-%m-%d}")
        made = self._with_schedule(
            Reminder(
                id=id,
                person=message.sender,
                address=chosen,
                room_name=(notice.room or "")[:MAX_NAME_CHARS] if is_elsewhere else "",
                asked_by=(message.sender_name or profile.get("name", ""))[:MAX_NAME_CHARS]
                if is_elsewhere
                else "",
                schedule=before,
                timezone=zone_name,
                text=(notice.text or "").strip()[:MAX_REMINDER_CHARS],
                created_at=message.sent,
                due_at=0.0,
            ),
            notice,
            message.sent,
        )
        if made is None:
            return _explain_no_time(notice)
        self._open_briefs().note_wrote(message.sender, message.sent)
        self._keep(made)
        unsure = UTC_ASSUMED if is_assumed and not notice.minutes else ""
        return (
            f"A reminder is set, as they asked: {describe_reminder(made)}. Confirm it with the time.{unsure}"
        )

    def _choose_place(self, name: str, message: Message, address: Address) -> Address | None:
        """Returns where the reminder is said: where it is ordered, or in the room that the person names. None
        where they are not in that."""
        if not name:
            return address
        rooms = self._open_rooms()
        room = rooms.find_room(message.sender, message.platform.get("typed_in", message.room), name)
        return rooms.address_room(address, room) if room else None

    def _change(self, known: Reminder, notice: ParsedNotice, asked_at: float) -> str:
        named = notice.timezone if notice.timezone and find_timezone(notice.timezone) else known.timezone
        text = (notice.text or known.text).strip()[:MAX_REMINDER_CHARS]
        changed = self._with_schedule(
            msgspec.structs.replace(known, timezone=named, text=text), notice, asked_at
        )
        if changed is None:
            return _explain_no_time(notice)
        self._keep(changed)
        return (
            f"The reminder is changed, as they asked: {describe_reminder(changed)}. Confirm it with the time."
        )

    def _with_schedule(self, reminder: Reminder, notice: ParsedNotice, asked_at: float) -> Reminder | None:
        """Returns the reminder with the schedule that is ordered. None where it makes no sense, or is over.
        Minutes count from when they were said (`asked_at`), however late that is read."""
        zone = find_timezone(reminder.timezone) or UTC
        now = self._now_in(reminder.timezone)
        schedule = make_schedule(notice, reminder.schedule, now)
        if notice.minutes and notice.minutes > 0:
            due_at = max(asked_at + notice.minutes * 60, self._clock())
        else:
            coming = find_next_moment(schedule, zone, now.astimezone(UTC)) if schedule else None
            due_at = coming[1].timestamp() if coming else 0.0
        if schedule is None or not due_at:
            return None
        return msgspec.structs.replace(reminder, schedule=schedule, due_at=due_at)

    def _keep(self, reminder: Reminder) -> None:
        """Keeps the reminder; one that is due before the schedule comes has its wake sent at once."""
        self._open_store().put_reminder(reminder)
        now = self._clock()
        if reminder.due_at - now <= ARMED_AHEAD_SECONDS:
            wake = ReminderWake(reminder.person, reminder.id, reminder.due_at)
            self._open_queue().send_wakes([wake], now)

    def _list_here(self, message: Message) -> Sequence[Reminder]:
        found = self._open_store().list_reminders(message.sender)
        return [one for one in found if not is_shared_room(message.room) or one.address.room == message.room]

    def _now_in(self, zone_name: str) -> datetime:
        return datetime.fromtimestamp(self._clock(), find_timezone(zone_name) or UTC)


def _explain_no_time(notice: ParsedNotice) -> str:
    return RHYTHM_NOT_POSSIBLE if notice.period == "other" else NO_TIME


def describe_reminder(reminder: Reminder) -> str:
    """Returns the reminder in words: of what, and when."""
    zone = find_timezone(reminder.timezone) or UTC
    where = f" in {reminder.room_name}" if reminder.room_name else ""
    next_time = f"{datetime.fromtimestamp(reminder.due_at, zone):%A, %d %B %Y, %H:%M} ({reminder.timezone})"
    next_time += where
    if reminder.schedule.period == "once":
        return f'"{reminder.text}", {next_time}'
    return f'"{reminder.text}", {describe_schedule(reminder.schedule, reminder.timezone)}, next {next_time}'
