"""Following a conversation beside its replies: a look into its log, and when to look again.

A page that is open costs a look for each of its requests: on Lambda a connection that waits would hold a
whole process. Where a process serves many connections, a request may wait for news instead.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Sequence
from functools import cached_property

import anyio
import msgspec

from repartee.channels.web.event_hub import EventHub, LogListener
from repartee.channels.web.ids import live_log_id
from repartee.channels.web.reply_follower import (
    HEARTBEAT_SECONDS,
    MAX_CONCURRENT_READS,
    STORE_READ_SECONDS,
    StreamHeartbeat,
)
from repartee.domain.handover import Handover
from repartee.errors import BackendError, DeadlineExceeded
from repartee.plan import deadline
from repartee.ports import WebEvent, WebEventLog
from repartee.ports.handovers import Handovers

MIN_ACTIVE_PAUSE_SECONDS, MAX_ACTIVE_PAUSE_SECONDS = 2.0, 15.0
"""Seconds between two requests of a page while a person has the conversation or is waited for."""

MIN_IDLE_PAUSE_SECONDS, MAX_IDLE_PAUSE_SECONDS = 10.0, 60.0
"""Seconds between two requests of a page while the assistant has the conversation."""

PAUSE_RATIO = 0.1
"""The part of the time since something happened that a page waits before it asks again."""

RECONNECT_SECONDS = 1.0
"""Seconds after which a page asks again whose request has waited for news."""

MIN_LOOK_SECONDS, MAX_LOOK_SECONDS = 0.5, 2.0
"""Seconds between two looks of a request that waits: at first, and at the most."""

MAX_TYPING_SECONDS = 20.0
"""Seconds after which it is not shown any more that a member types."""

SECOND_MICROSECONDS = 1_000_000
"""Microseconds, of which ids of events are made."""


class LiveRead(msgspec.Struct, frozen=True):
    """A look into a conversation: the next events, and the seconds after which a page is to ask again."""

    events: Sequence[WebEvent] = ()
    pause_seconds: float = MAX_IDLE_PAUSE_SECONDS


class NextRequest(msgspec.Struct, frozen=True):
    """The end of an answer: the page is to ask again after so many seconds."""

    seconds: float


LiveStep = WebEvent | StreamHeartbeat | NextRequest


class LiveFollower:
    """Follows conversations. A request waits `max_wait_seconds` for news, 0 for not at all; `clock` tells
    what time it is, `monotonic` bounds the waits."""

    def __init__(
        self,
        events: WebEventLog,
        handovers: Handovers,
        hub: EventHub,
        clock: Callable[[], float],
        max_wait_seconds: float = 0.0,
        monotonic: Callable[[], float] = time.monotonic,
        read_seconds: float = STORE_READ_SECONDS,
    ) -> None:
        self._events, self._handovers, self._hub = events, handovers, hub
        self._clock, self._monotonic = clock, monotonic
        self._max_wait_seconds, self._read_seconds = max_wait_seconds, read_seconds

    @property
    def holds_connections(self) -> bool:
        """Whether a request waits for news."""
        return self._max_wait_seconds > 0

    @cached_property
    def _threads(self) -> anyio.CapacityLimiter:
        return anyio.CapacityLimiter(MAX_CONCURRENT_READS)

    async def look(self, chat: str, after: str) -> LiveRead:
        """Returns the next events after the one of this id. Raises `BackendError`, also for a store that does
        not answer in time: its thread is left to itself."""
        with anyio.move_on_after(self._read_seconds):
            return await anyio.to_thread.run_sync(
                self._read_store, chat, after, abandon_on_cancel=True, limiter=self._threads
            )
        raise DeadlineExceeded("dynamodb", "the conversation was not read in time")

    async def follow_chat(self, chat: str, after: str, read: LiveRead) -> AsyncIterator[LiveStep]:
        """Yields what a first look has found and what comes while the request may wait, and at last when to
        ask again. A store that fails meanwhile ends the answer early."""
        until, heard, look_seconds = self._monotonic() + self._max_wait_seconds, self._monotonic(), 0.0
        with self._hub.open_listener() as listener:
            listener.listen_to(live_log_id(chat))
            while True:
                for event in self._without_old_signs(read.events):
                    yield event
                if read.events:
                    after, heard, look_seconds = read.events[-1].id, self._monotonic(), 0.0
                elif self._monotonic() >= until:
                    break
                elif self._monotonic() - heard >= HEARTBEAT_SECONDS:
                    heard = self._monotonic()
                    yield StreamHeartbeat()
                if not read.events:
                    look_seconds = await self._wait(listener, look_seconds, until)
                try:
                    read = await self.look(chat, after)
                except BackendError:
                    break
        yield NextRequest(RECONNECT_SECONDS if self.holds_connections else read.pause_seconds)

    async def _wait(self, listener: LogListener, look_seconds: float, until: float) -> float:
        """Waits for the next look, longer each time, at most until then. Returns for how long."""
        pause = min(max(2 * look_seconds, MIN_LOOK_SECONDS), MAX_LOOK_SECONDS)
        is_rung = await listener.wait_for_events(min(pause, max(0.0, until - self._monotonic())))
        return 0.0 if is_rung else pause

    def _read_store(self, chat: str, after: str) -> LiveRead:
        with deadline.limited_to(self._read_seconds):
            found = self._handovers.read(chat)
            events = self._events.read_page(live_log_id(chat), after)
        newest = events[-1].id if events else after
        return LiveRead(events, pause_after(found, newest, self._clock()))

    def _without_old_signs(self, events: Sequence[WebEvent]) -> Sequence[WebEvent]:
        """Leaves out the signs of members who typed once."""
        since = (self._clock() - MAX_TYPING_SECONDS) * SECOND_MICROSECONDS
        return [event for event in events if event.kind != "status" or int(event.id) >= since]


def pause_after(handover: Handover, newest_id: str, now: float) -> float:
    """Returns the seconds after which a page is to ask again: the longer nothing has happened, the more."""
    newest_at = int(newest_id or 0) / SECOND_MICROSECONDS
    happened_at = max(newest_at, handover.opened_at, handover.taken_at, handover.ended_at)
    least, most = (
        (MIN_ACTIVE_PAUSE_SECONDS, MAX_ACTIVE_PAUSE_SECONDS)
        if handover.is_active
        else (MIN_IDLE_PAUSE_SECONDS, MAX_IDLE_PAUSE_SECONDS)
    )
    return min(max(least, (now - happened_at) * PAUSE_RATIO), most)
