"""Protocols of briefs: who subscribed, which runs there were, the queue of those to write, and their
sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from repartee.domain.brief import Address, BriefJob, SourceRef, Subscription
from repartee.domain.brief_links import BriefLinks
from repartee.domain.brief_run import BriefRun, BriefSection, RunStatus
from repartee.domain.engagement import Engagement, EngagementKind
from repartee.domain.message import StoredMessage
from repartee.domain.reply import VisibleState

MAX_PAGE_BRIEFS = 100
"""Subscriptions of one page, and keys of one read."""

Cursor = Mapping[int, str]
"""Where to go on, by shard: after which subscription."""


class SubscriptionPage(msgspec.Struct, frozen=True):
    """Some subscriptions of a shard. `next` is where to go on, empty at the end; `unreadable` counts those
    that could not be decoded."""

    subscriptions: tuple[Subscription, ...] = ()
    next: str = ""
    unreadable: int = 0


class BriefStore(Protocol):
    """Subscriptions to briefs, and how their people take them. All reads but those of pages are
    consistent."""

    def put_subscription(self, subscription: Subscription) -> None:
        """Keeps it in place of one with its person and id."""

    def list_subscriptions(self, person: str) -> Sequence[Subscription]:
        """Returns the person's subscriptions, the oldest first."""

    def find_subscription(self, person: str, id: str) -> Subscription | None:
        """Returns the subscription. None where there is none."""

    def delete_subscription(self, person: str, id: str) -> bool:
        """Deletes it, and returns whether it was there."""

    def list_page(self, shard: int, after: str = "", limit: int = MAX_PAGE_BRIEFS) -> SubscriptionPage:
        """Returns the shard's subscriptions after this one, at most `limit`."""

    def note_run(self, person: str, id: str, day: str, gathered_at: float) -> None:
        """Notes the subscription's last run. One that is older than the noted one changes nothing, nor does
        one of a subscription that is not there any more."""

    def read_engagements(self, people: Sequence[str]) -> Mapping[str, Engagement]:
        """Returns, in one read for 100 people, how they take their briefs. People without one are left
        out."""

    def note_delivered(self, person: str, day: str) -> None:
        """Counts a brief as unread. Of a day that was counted, or of one before, nothing changes."""

    def note_engaged(self, person: str, kind: EngagementKind, at: float) -> None:
        """Notes a sign that the person reads their briefs: none is unread any more. Nothing changes for a
        person who never had one."""

    def note_wrote(self, person: str, at: float) -> None:
        """Notes when a person wrote who is spoken to unasked later, as by a reminder: from now on their
        answers are noted. An earlier time than the noted one changes nothing."""

    def read_cursor(self) -> Cursor:
        """Returns where a schedule that ran out of time has left off; empty where the last came to its
        end."""

    def save_cursor(self, cursor: Cursor) -> None:
        """Notes where the next schedule goes on."""


class BriefRuns(Protocol):
    """Runs of briefs: which are queued, and how far those that are written have come. Each is kept for two
    weeks."""

    def find_queued(self, jobs: Sequence[BriefJob]) -> frozenset[str]:
        """Returns, in one read for 100 jobs, the keys (`BriefJob.key`) of those that were queued before."""

    def note_queued(self, jobs: Sequence[BriefJob]) -> None:
        """Notes that these are queued. Repeating it changes nothing."""

    def claim(self, job: BriefJob, now: float, until: float) -> BriefRun | None:
        """Takes the run for the caller alone, with what others have finished of it. None where it is over.
        Raises `RunHeld` while another one has it."""

    def save_section(self, run: BriefRun, number: int, section: BriefSection) -> None:
        """Keeps a finished section. Raises `LeaseLost` where the run is another one's by now."""

    def save_visible(self, run: BriefRun, text: str, visible: VisibleState) -> None:
        """Keeps the text that is about to be sent, and how far it was. Raises `LeaseLost`."""

    def finish(self, run: BriefRun, status: RunStatus) -> None:
        """Notes that the run is over. Raises `LeaseLost`."""


class OrderLog(Protocol):
    """The results of people's orders about briefs and reminders, for a day: a message that is answered again
    orders nothing again."""

    def find_result(self, person: str, id: str) -> str:
        """Returns the words that told it. Empty where the order was not carried out."""

    def keep_result(self, person: str, id: str, words: str) -> None:
        """Keeps the words of an order that was carried out."""


class BriefLinkStore(Protocol):
    """Where the links of briefs lead, by the id of those of one brief."""

    def put_links(self, id: str, person: str, addresses: Sequence[str], now: float, until: float) -> None:
        """Keeps them until then. When they were first kept stays, and so does a click on one."""

    def find_links(self, id: str) -> BriefLinks | None:
        """Returns them. None where there are none (any more)."""

    def mark_clicked(self, id: str, at: float) -> bool:
        """Notes the first click. Returns whether it was the first; of links that are gone nothing is
        noted."""


class BriefQueue(Protocol):
    """The queue of briefs that are to be written."""

    def send_jobs(self, jobs: Sequence[BriefJob]) -> Mapping[str, str]:
        """Queues at most ten jobs in one call. Returns the reasons, by `BriefJob.key`, why some were not
        taken."""


class SourceItem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something new for a brief: who said or did what, when (epoch seconds), and where it is seen. `key`
    names it: two sources that tell the same thing give it the same key."""

    key: str
    text: str
    author: str = ""
    at: float = 0.0
    link: str = ""


class SourceQuery(msgspec.Struct, frozen=True, kw_only=True):
    """A question to a source: for whom, since when until when (epoch seconds), and the language and time
    zone of the person."""

    person: str
    ref: SourceRef
    since: float
    until: float
    language: str = ""
    timezone: str = "UTC"


class BriefSource(Protocol):
    """A source of text for briefs.

    `topics` are the things that people may order of it in a chat: the name of each as a small model gives it
    (`SourceRef.id` where there are several), and in words what it tells. `is_of_room`: each is told of a room
    that the person names.
    """

    topics: Mapping[str, str] = {}
    is_of_room: bool = False

    def read_new(self, query: SourceQuery) -> Sequence[SourceItem]:
        """Returns what is new, oldest first, as far as the person may read it. Raises `PermissionDenied`
        where they may not, `BackendError` where it cannot be read now."""


class RoomAccess(Protocol):
    """Who is in a room, and where its messages are seen, asked of the platform itself."""

    def is_member(self, person: str, room: str) -> bool:
        """Returns whether the person may read the room now. Raises `BackendError` where nobody can tell."""

    def find_room(self, person: str, here: str, name: str) -> str:
        """Returns the id of the room that the person calls so (`#lisbon`, or `here` for the room `here`), if
        they are in it; empty where there is none, or rooms cannot be found by a name."""

    def address_room(self, here: Address, room: str) -> Address:
        """Returns how the person is spoken to at the top of a room that was found, instead of where they
        wrote."""

    def address_person(self, person: str, language: str) -> Address | None:
        """Returns how the person is spoken to alone. None where that cannot be known from their id."""

    def message_link(self, message: StoredMessage) -> str:
        """Returns the address at which members see the message. Empty where there is none."""
