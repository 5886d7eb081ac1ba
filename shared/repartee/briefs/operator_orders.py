"""Briefs that an operator orders for people: checked as their own orders are, and told to them.

A person is told once of each order, and ends it like one of their own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import msgspec

from repartee.briefs.notice import BriefTopic
from repartee.briefs.saying import ChatSpeaker
from repartee.briefs.topics import TopicCatalogue
from repartee.domain.brief import (
    MAX_NAME_CHARS,
    MAX_PROJECTS,
    MAX_SOURCES_PER_PROJECT,
    MAX_SUBSCRIPTIONS_PER_PERSON,
    BriefJob,
    Project,
    SourceRef,
    Subscription,
)
from repartee.domain.schedule import ALL_WEEKDAYS, Schedule
from repartee.domain.timezones import find_timezone
from repartee.errors import BackendError, InvalidArgument
from repartee.language import texts
from repartee.language.catalogue import LANGUAGES, translate
from repartee.ports.briefs import BriefRuns, BriefStore, RoomAccess

BACKEND_NAME = "briefs"
NOTICE_SECONDS = 60.0
"""Seconds for which telling a person of an order is one worker's."""


class OrderedSource(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A source of an ordered project: one of the topics that people may order, and of which room."""

    topic: str
    room: str = ""


class OrderedProject(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A section of an ordered brief."""

    name: str
    sources: tuple[OrderedSource, ...]


class OperatorOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An operator's order of a brief for people. `name` tells it from others: ordering it again changes it.
    `weekdays` are numbers from 0 for Monday."""

    name: str
    people: tuple[str, ...]
    projects: tuple[OrderedProject, ...]
    at: str = "08:00"
    weekdays: frozenset[int] = ALL_WEEKDAYS
    timezone: str = "UTC"
    language: str = "en"
    is_short_if_empty: bool = True

    def __post_init__(self) -> None:
        Schedule(at=self.at, weekdays=self.weekdays)
        if not find_timezone(self.timezone):
            raise ValueError(f"there is no time zone {self.timezone}")
        if self.language not in LANGUAGES:
            raise ValueError(f"language is one of {', '.join(LANGUAGES)}")
        if not (self.people and self.projects and all(one.sources for one in self.projects)):
            raise ValueError("an order names people, projects, and the sources of each")
        if len(self.projects) > MAX_PROJECTS:
            raise ValueError(f"a brief has {MAX_PROJECTS} projects at the most")
        if any(len(one.sources) > MAX_SOURCES_PER_PROJECT for one in self.projects):
            raise ValueError(f"a project has {MAX_SOURCES_PER_PROJECT} sources at the most")


class OperatorOrders:
    """Orders briefs for people. `open_rooms` is asked for their rooms, with their own membership."""

    def __init__(
        self,
        store: BriefStore,
        runs: BriefRuns,
        topics: TopicCatalogue,
        open_rooms: Callable[[], RoomAccess],
        speaker: ChatSpeaker,
        clock: Callable[[], float],
    ) -> None:
        self._store, self._runs, self._topics, self._open_rooms = store, runs, topics, open_rooms
        self._speaker, self._clock = speaker, clock

    def subscribe_all(self, order: OperatorOrder) -> Mapping[str, str]:
        """Orders the brief for each person, and returns what became of it in words, by person."""
        return {person: self._try_subscribe(order, person) for person in order.people}

    def _try_subscribe(self, order: OperatorOrder, person: str) -> str:
        try:
            made = self._make_subscription(order, person)
            self._store.put_subscription(made)
        except BackendError as refusal:
            return f"not subscribed: {refusal.problem}"
        try:
            self._tell(made)
        except BackendError as failure:
            return f"subscribed, and not told yet ({type(failure).__name__}): subscribe again"
        return "subscribed"

    def _make_subscription(self, order: OperatorOrder, person: str) -> Subscription:
        address = self._open_rooms().address_person(person, order.language)
        if address is None:
            raise InvalidArgument(BACKEND_NAME, "nobody is spoken to unasked in that channel by their id")
        id = make_order_id(order.name)
        known = {one.id: one for one in self._store.list_subscriptions(person)}
        if id not in known and len(known) >= MAX_SUBSCRIPTIONS_PER_PERSON:
            raise InvalidArgument(BACKEND_NAME, f"they have {MAX_SUBSCRIPTIONS_PER_PERSON} briefs already")
        made = Subscription(
            id=id,
            person=person,
            address=address,
            schedule=Schedule(at=order.at, weekdays=order.weekdays),
            timezone=order.timezone,
            projects=tuple(self._make_project(one, person) for one in order.projects),
            created_at=self._clock(),
            is_short_if_empty=order.is_short_if_empty,
        )
        before = known.get(id, made)
        return msgspec.structs.replace(
            made, created_at=before.created_at, last_day=before.last_day, last_at=before.last_at
        )

    def _make_project(self, ordered: OrderedProject, person: str) -> Project:
        refs = tuple(self._make_ref(one, person) for one in ordered.sources)
        return Project(ordered.name[:MAX_NAME_CHARS], refs)

    def _make_ref(self, source: OrderedSource, person: str) -> SourceRef:
        rooms = self._open_rooms()
        topic = BriefTopic(source.room or source.topic, source.topic, source.room or None)
        ref = self._topics.find_source(topic, partial(rooms.find_room, person, person))
        if ref is None:
            of_room = f" of {source.room}, or the person is not in it" if source.room else ""
            raise InvalidArgument(BACKEND_NAME, f"there is no {source.topic}{of_room}")
        return ref

    def _tell(self, subscription: Subscription) -> None:
        """Tells the person of the order, once for each that says something else."""
        told = {"projects": subscription.projects, "schedule": subscription.schedule}
        version = hashlib.sha256(msgspec.json.encode(told, order="deterministic")).hexdigest()[:12]
        job = BriefJob(subscription.person, f"notice-{subscription.id}", version)
        now = self._clock()
        run = self._runs.claim(job, now, now + NOTICE_SECONDS)
        if run is not None:
            text = describe_order(subscription)
            self._speaker.say(run, text, subscription.address, job.turn_id, now)
            self._runs.finish(run, "delivered")


def make_order_id(name: str) -> str:
    """Returns the id of the subscriptions of an operator's order."""
    return f"operator-{hashlib.sha256(name.encode()).hexdigest()[:12]}"


def describe_order(subscription: Subscription) -> str:
    """Returns what the person is told: about what, when, and that they may stop it."""
    return translate(
        texts.BRIEF_ORDERED_FOR_YOU,
        subscription.address.language,
        projects=", ".join(project.name for project in subscription.projects),
        time=subscription.schedule.at,
        timezone=subscription.timezone,
    )


def find_ordered(subscriptions: Sequence[Subscription]) -> list[Subscription]:
    """Returns those that an operator ordered."""
    return [one for one in subscriptions if one.id.startswith("operator-")]
