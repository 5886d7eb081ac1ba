"""Protocols of the web channel: the log of events that clients read, and rate limits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

import msgspec

WebEventKind = Literal["status", "delta", "replaced", "picture", "proposal", "message"]

REPLY_EVENTS_SECONDS = 3600.0
"""Seconds that the events of a reply are kept."""

LIVE_EVENTS_SECONDS = 24 * 3600.0
"""Seconds that the events of a conversation are kept: who returns in the evening finds what a person
wrote."""


class WebEvent(msgspec.Struct, frozen=True, array_like=True):
    """Something that a web client is told of a reply, or beside replies. Ids are of one length, and sort as
    the events came; a text has at most 50,000 characters."""

    id: str
    kind: WebEventKind
    text: str


class WebEventLog(Protocol):
    """The events of replies and conversations for web clients, kept for a while, so that a client can resume
    anywhere."""

    def append(self, log: str, events: Sequence[WebEvent], ttl_seconds: float = REPLY_EVENTS_SECONDS) -> None:
        """Keeps events, which are later than those before. Visible to every read that begins afterwards.
        Repeating it, alone or together with later ones, changes nothing."""

    def read_after(self, log: str, id: str) -> Sequence[WebEvent]:
        """Returns the log's events after this one, in order and each once; all of them if it is empty.
        Nothing for an unknown log."""

    def read_page(self, log: str, id: str) -> Sequence[WebEvent]:
        """Returns the first of those events: so many that they are read at once, about a megabyte. None if
        there is no more."""

    def find_newest_id(self, log: str) -> str:
        """Returns the id of the log's last event, which may have run out; empty for an unknown log."""


class RateLimiter(Protocol):
    """How often who did something, counted over all processes."""

    def admit(self, key: str, limit: int, window_seconds: float, amount: int = 1, event: str = "") -> float:
        """Counts `amount` more, if there are no more than `limit` then in this stretch of so many seconds,
        and gives 0; otherwise how many seconds it is until the next stretch. An `event` that is named is
        counted once in a stretch, by whichever process, and admitted again."""


class StreamSlots(Protocol):
    """How many streams a person has open at once, counted over all processes."""

    def acquire(self, person: str, limit: int, seconds: float) -> str:
        """Takes one of the person's `limit` slots for at most so many seconds, and returns its name. Empty if
        all are taken."""

    def release(self, person: str, slot: str) -> None:
        """Gives the slot back. One that ran out and was taken by another stream stays taken."""
