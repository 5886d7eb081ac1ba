"""Briefs: what a person subscribed to, one run of it, and what a run is written from."""

from __future__ import annotations

import hashlib

import msgspec

from repartee.domain.schedule import Schedule

BRIEF_SHARDS = 16
"""Partitions over which subscriptions and reminders are spread, by their person."""

MAX_SUBSCRIPTIONS_PER_PERSON = 5
MAX_PROJECTS = 15
MAX_SOURCES_PER_PROJECT = 10
MAX_NAME_CHARS = 80


class SourceRef(msgspec.Struct, frozen=True, omit_defaults=True):
    """A source that a project is told by: the kind of source (`room`, `erp`, `workouts`, `proposals`), and
    what of it: a room's id, or a kind of records."""

    kind: str
    id: str = ""
    name: str = ""


class Project(msgspec.Struct, frozen=True, omit_defaults=True):
    """A named set of sources: one section of a brief."""

    name: str
    sources: tuple[SourceRef, ...] = ()


class Address(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where something is said unasked: the channel's chat and room, and the platform's own ids to answer
    there. `language` is the person's."""

    channel: str
    chat: str
    room: str
    platform: dict[str, str] = {}
    language: str = ""


class Subscription(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A person's order for a brief. `created_at` is when it was made (epoch seconds): no run is due before.

    `last_day` is the day of the last run that came to its end, `last_at` when that was gathered: the next one
    is about what came since. `is_short_if_empty`: a day with nothing new has a short brief, otherwise none.
    """

    id: str
    person: str
    address: Address
    schedule: Schedule
    timezone: str
    projects: tuple[Project, ...]
    created_at: float
    last_day: str = ""
    last_at: float = 0.0
    is_short_if_empty: bool = True

    @property
    def shard(self) -> int:
        """Its partition."""
        return shard_of(self.person)


class BriefJob(msgspec.Struct, frozen=True, omit_defaults=True):
    """One run that is to be written: whose subscription, of which day (YYYY-MM-DD), and the person's unread
    briefs before it."""

    person: str
    subscription_id: str
    day: str
    unread: int = 0
    correlation: str = ""

    @property
    def run_id(self) -> str:
        """The name of the run, which no other has."""
        return f"{self.subscription_id}#{self.day}"

    @property
    def key(self) -> str:
        """The person and the run."""
        return f"{self.person}#{self.run_id}"

    @property
    def turn_id(self) -> str:
        """The name under which its message is looked up at the platform, as that of a turn."""
        return hashlib.sha256(self.key.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def shard_of(person: str) -> int:
    """Returns the partition of a person's subscriptions and reminders."""
    return hashlib.sha256(person.encode("utf-8", "surrogatepass")).digest()[0] % BRIEF_SHARDS
