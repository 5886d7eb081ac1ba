"""Following a reply: from this process's hub while it is written here, otherwise from the store."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from functools import cached_property, partial

import anyio
import msgspec

from repartee.channels.web.event_hub import EventHub
from repartee.channels.web.ids import WebMessageIds, log_id
from repartee.errors import BackendError
from repartee.plan import deadline
from repartee.ports import AnswerStatus, Inbox, WebEvent, WebEventLog

MIN_POLL_SECONDS, MAX_POLL_SECONDS = 0.05, 0.5
"""Seconds between two looks into the store: shortly after something happened, and then ever longer."""

LOCAL_SILENCE_SECONDS = 5.0
"""Seconds in which this process's own log may be silent before the store is asked whether it still counts."""

HEARTBEAT_SECONDS = 10.0
"""Seconds without an event after which something is sent all the same, so that proxies do not hang up."""

MAX_CONNECTION_SECONDS = 280.0
"""Seconds after which a client has to ask again: an invocation ends at some time."""


STORE_READ_SECONDS = 5.0
"""Seconds that one look into the store may take, waiting for a thread included. Then there is another."""

MAX_CONCURRENT_READS = 40
"""Looks into the store at the same time. They have threads of their own: a hanging store blocks no route."""


class StreamHeartbeat(msgspec.Struct, frozen=True):
    """Nothing has happened for a while."""


class StreamEnded(msgspec.Struct, frozen=True):
    """Nothing more will come. `silent`: there is no reply, because the assistant had to be quiet; `failed`:
    why there is none otherwise."""

    withheld: bool
    failed: str


class EventLogRead(msgspec.Struct, frozen=True):
    """The new events of a log, and whether that is the end."""

    log: str
    events: Sequence[WebEvent] = ()
    ended: StreamEnded | None = None


class ReplyFollower:
    """Follows the replies to messages, whichever worker writes them. Its waits are bounded by real time."""

    def __init__(
        self,
        inbox: Inbox,
        events: WebEventLog,
        hub: EventHub,
        monotonic: Callable[[], float] = time.monotonic,
        read_seconds: float = STORE_READ_SECONDS,
    ) -> None:
        self._inbox, self._events, self._hub, self._clock = inbox, events, hub, monotonic
        self._read_seconds = read_seconds

    @cached_property
    def _threads(self) -> anyio.CapacityLimiter:
        return anyio.CapacityLimiter(MAX_CONCURRENT_READS)

    def message_exists(self, place: WebMessageIds) -> bool:
        """Whether there is such a message."""
        return self._inbox.read_answer_status(place.chat, place.id) is not None

    async def follow_reply(
        self, place: WebMessageIds, after: str
    ) -> AsyncIterator[WebEvent | StreamHeartbeat | StreamEnded]:
        """Yields the events after the one of this id, from the beginning if it is empty, until the end. If it
        stops without an end, there is more to follow."""
        log, rung, patience = log_id(place.chat, place.id), False, PollBackoff(self._clock)
        with self._hub.open_listener() as listener:
            while not patience.is_expired:
                listener.listen_to(log)
                live = self._hub.live_events(log, after)
                seen = EventLogRead(log, live or ())
                if not live and (live is None or not rung):
                    seen = await self._read_in_thread(place, log, after)
                    if seen.events:
                        self._hub.superseded_by(seen.log, seen.events[-1].id)
                for event in seen.events:
                    yield event
                    after = event.id
                if seen.ended:
                    yield seen.ended
                    return
                if patience.needs_heartbeat(seen):
                    yield StreamHeartbeat()
                log = seen.log
                rung = await listener.wait_for_events(
                    patience.next_pause() if live is None else LOCAL_SILENCE_SECONDS
                )

    async def _read_in_thread(self, place: WebMessageIds, log: str, after: str) -> EventLogRead:
        """Returns the new events in the store; none if it does not answer in time. Its thread is left to
        itself."""
        read = partial(self._read_store, place, log, after)
        with anyio.move_on_after(self._read_seconds):
            return await anyio.to_thread.run_sync(read, abandon_on_cancel=True, limiter=self._threads)
        return EventLogRead(log)

    def _read_store(self, place: WebMessageIds, log: str, after: str) -> EventLogRead:
        """Returns the new events in the store. How far the answer has come is read first: what was written
        before a reply was closed is then found. A store that does not answer is asked again later."""
        with suppress(BackendError), deadline.limited_to(self._read_seconds):
            progress = self._inbox.read_answer_status(place.chat, place.id)
            if progress is None:
                return EventLogRead(
                    log, ended=StreamEnded(withheld=True, failed="there is no such message any more")
                )
            if progress.message_ids:
                log = log_id(place.chat, progress.message_ids[-1])
            events = self._events.read_after(log, after)
            if progress.is_open:
                return EventLogRead(log, events)
            return EventLogRead(log, events or self._expired_reply(log, progress), _stream_end(progress))
        return EventLogRead(log)

    def _expired_reply(self, log: str, progress: AnswerStatus) -> Sequence[WebEvent]:
        """The whole reply, if its events are not kept any more."""
        if not progress.reply or self._events.read_after(log, ""):
            return ()
        return (WebEvent("", "replaced", progress.reply),)


class PollBackoff:
    """How long one connection waits for what. Owns the pauses between looks, and when it was last heard."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._pause, self._heard, self._until = MIN_POLL_SECONDS, clock(), clock() + MAX_CONNECTION_SECONDS

    @property
    def is_expired(self) -> bool:
        """Whether the connection has lasted long enough."""
        return self._clock() >= self._until

    def needs_heartbeat(self, read: EventLogRead) -> bool:
        """Whether it is time to send something, although nothing happened."""
        if read.events:
            self._pause = MIN_POLL_SECONDS
        elif self._clock() - self._heard < HEARTBEAT_SECONDS:
            return False
        self._heard = self._clock()
        return not read.events

    def next_pause(self) -> float:
        """Seconds until the next look into the store, more each time."""
        now, self._pause = self._pause, min(2 * self._pause, MAX_POLL_SECONDS)
        return now


def _stream_end(progress: AnswerStatus) -> StreamEnded:
    return StreamEnded(withheld=not progress.reply, failed=progress.failure_reason)
