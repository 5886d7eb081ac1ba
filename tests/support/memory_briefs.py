"""Subscriptions, runs and the queue of briefs in memory, held to the real ones' contracts; builders."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import msgspec

from repartee.domain.brief import Address, BriefJob, Project, SourceRef, Subscription, shard_of
from repartee.domain.brief_run import FINAL_STATUSES, BriefRun, BriefSection, RunHeld, RunStatus
from repartee.domain.engagement import Engagement, EngagementKind
from repartee.domain.reminder import Reminder, ReminderWake
from repartee.domain.reply import VisibleState
from repartee.domain.schedule import Schedule
from repartee.errors import LeaseLost
from repartee.ports.briefs import MAX_PAGE_BRIEFS, Cursor, SubscriptionPage

ADA, BEN = "slack:T1:U1", "slack:T1:U2"
LISBON = "slack:T1:CLISBON"


def make_subscription(person: str = ADA, id: str = "s1", **changes: Any) -> Subscription:
    """A brief every day at eight in Lisbon, about one room."""
    channel = person.split(":", maxsplit=1)[0]
    room = f"{person.rpartition(':')[0]}:D{person.rpartition(':')[2]}"
    made = Subscription(
        id=id,
        person=person,
        address=Address(channel=channel, chat=room, room=room, platform={"channel": room}, language="en"),
        schedule=Schedule(at="08:00"),
        timezone="Europe/Lisbon",
        projects=(Project("Lisbon", (SourceRef("room", LISBON, "#lisbon"),)),),
        created_at=0.0,
    )
    return msgspec.structs.replace(made, **changes)


@dataclass
class MemoryBriefs:
    """`ports.BriefStore` in memory. `calls` names every call, in order."""

    kept: dict[tuple[str, str], Subscription] = field(default_factory=dict)
    engagements: dict[str, Engagement] = field(default_factory=dict)
    counted: dict[str, str] = field(default_factory=dict)
    cursor: dict[int, str] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    def put_subscription(self, subscription: Subscription) -> None:
        self.kept[subscription.person, subscription.id] = subscription

    def list_subscriptions(self, person: str) -> Sequence[Subscription]:
        found = [one for (owner, _), one in self.kept.items() if owner == person]
        return sorted(found, key=lambda one: (one.created_at, one.id))

    def find_subscription(self, person: str, id: str) -> Subscription | None:
        return self.kept.get((person, id))

    def delete_subscription(self, person: str, id: str) -> bool:
        return self.kept.pop((person, id), None) is not None

    def list_page(self, shard: int, after: str = "", limit: int = MAX_PAGE_BRIEFS) -> SubscriptionPage:
        self.calls.append("list_page")
        keys = sorted(f"{person}#{id}" for person, id in self.kept if shard_of(person) == shard)
        rest = [key for key in keys if key > after]
        by_key = {f"{person}#{id}": one for (person, id), one in self.kept.items()}
        more = rest[limit - 1] if len(rest) > limit else ""
        return SubscriptionPage(tuple(by_key[key] for key in rest[:limit]), more)

    def note_run(self, person: str, id: str, day: str, gathered_at: float) -> None:
        known = self.kept.get((person, id))
        if known and known.last_day < day:
            self.kept[person, id] = msgspec.structs.replace(known, last_day=day, last_at=gathered_at)

    def read_engagements(self, people: Sequence[str]) -> Mapping[str, Engagement]:
        self.calls.append("read_engagements")
        return {person: self.engagements[person] for person in people if person in self.engagements}

    def note_delivered(self, person: str, day: str) -> None:
        if self.counted.get(person, "") < day:
            self.counted[person] = day
            known = self.engagements.get(person, Engagement())
            self.engagements[person] = msgspec.structs.replace(known, unread=known.unread + 1)

    def note_engaged(self, person: str, kind: EngagementKind, at: float) -> None:
        known = self.engagements.get(person)
        newest = (known.wrote_at if kind == "answer" else known.engaged_at) if known else 0.0
        if known and newest < at:
            self.engagements[person] = Engagement(0, at, kind, at if kind == "answer" else known.wrote_at)

    def note_wrote(self, person: str, at: float) -> None:
        known = self.engagements.get(person, Engagement())
        wrote_at = max(at, known.wrote_at)
        self.engagements[person] = msgspec.structs.replace(known, wrote_at=wrote_at)

    def read_cursor(self) -> Cursor:
        return self.cursor

    def save_cursor(self, cursor: Cursor) -> None:
        self.cursor = dict(cursor)


@dataclass
class MemoryBriefRuns:
    """`ports.BriefRuns` in memory."""

    queued: set[str] = field(default_factory=set)
    runs: dict[str, BriefRun] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def find_queued(self, jobs: Sequence[BriefJob]) -> frozenset[str]:
        self.calls.append("find_queued")
        return frozenset(job.key for job in jobs) & self.queued

    def note_queued(self, jobs: Sequence[BriefJob]) -> None:
        self.queued |= {job.key for job in jobs}

    def claim(self, job: BriefJob, now: float, until: float) -> BriefRun | None:
        with self.lock:
            known = self.runs.get(job.key)
            if known and known.status in FINAL_STATUSES:
                return None
            if known and known.until > now:
                raise RunHeld(known.until)
            made = known or BriefRun(
                person=job.person,
                subscription_id=job.subscription_id,
                day=job.day,
                fence=0,
                until=until,
                gathered_at=now,
            )
            self.runs[job.key] = msgspec.structs.replace(made, fence=made.fence + 1, until=until)
            return self.runs[job.key]

    def save_section(self, run: BriefRun, number: int, section: BriefSection) -> None:
        self._change(run, lambda known: {"sections": known.sections | {number: section}})

    def save_visible(self, run: BriefRun, text: str, visible: VisibleState) -> None:
        self._change(run, lambda known: {"text": text, "visible": visible})

    def finish(self, run: BriefRun, status: RunStatus) -> None:
        self._change(run, lambda known: {"status": status})

    def _change(self, run: BriefRun, change: Callable[[BriefRun], dict[str, Any]]) -> None:
        key = f"{run.person}#{run.subscription_id}#{run.day}"
        with self.lock:
            known = self.runs.get(key)
            if known is None or known.fence != run.fence:
                raise LeaseLost("the run is another worker's")
            self.runs[key] = msgspec.structs.replace(known, **change(known))


@dataclass
class MemoryBriefQueue:
    """`ports.BriefQueue` in memory. `refused` gives a reason to refuse jobs, by person."""

    jobs: list[BriefJob] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    calls: list[int] = field(default_factory=list)

    def send_jobs(self, jobs: Sequence[BriefJob]) -> Mapping[str, str]:
        self.calls.append(len(jobs))
        self.jobs += [job for job in jobs if job.person not in self.refused]
        return {job.key: self.refused[job.person] for job in jobs if job.person in self.refused}


@dataclass
class MemoryOrderLog:
    """`ports.OrderLog` in memory."""

    clock: Callable[[], float] = lambda: 0.0
    kept: dict[tuple[str, str], tuple[str, float]] = field(default_factory=dict)

    def find_result(self, person: str, id: str) -> str:
        words, until = self.kept.get((person, id), ("", 0.0))
        return words if until > self.clock() else ""

    def keep_result(self, person: str, id: str, words: str) -> None:
        self.kept[person, id] = (words, self.clock() + 24 * 3600)


@dataclass
class MemoryReminders:
    """`ports.ReminderStore` in memory, and the queue of wakes, each with its delay in seconds."""

    kept: dict[tuple[str, str], Reminder] = field(default_factory=dict)
    wakes: list[tuple[ReminderWake, float]] = field(default_factory=list)

    def put_reminder(self, reminder: Reminder) -> None:
        self.kept[reminder.person, reminder.id] = reminder

    def list_reminders(self, person: str) -> Sequence[Reminder]:
        found = [one for one in self.kept.values() if one.person == person]
        return sorted(found, key=lambda one: (one.due_at, one.id))

    def find_reminder(self, person: str, id: str) -> Reminder | None:
        return self.kept.get((person, id))

    def delete_reminder(self, person: str, id: str) -> bool:
        return self.kept.pop((person, id), None) is not None

    def list_due(self, shard: int, before: float) -> Sequence[Reminder]:
        return [one for one in self.kept.values() if one.shard == shard and one.due_at <= before]

    def advance(self, reminder: Reminder, due_at: float) -> None:
        known = self.kept.get((reminder.person, reminder.id))
        if known is None or known.due_at != reminder.due_at:
            return
        if due_at:
            self.kept[known.person, known.id] = msgspec.structs.replace(known, due_at=due_at)
        else:
            del self.kept[known.person, known.id]

    def send_wakes(self, wakes: Sequence[ReminderWake], now: float) -> None:
        self.wakes += [(wake, max(0.0, wake.due_at - now)) for wake in wakes]
