"""Following a reply: from this process's hub while it is written here, otherwise from the store."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress

import msgspec
from starlette.concurrency import run_in_threadpool

from repartee.channels.web.hub import Hub, log_of
from repartee.channels.web.receive import Place
from repartee.errors import BackendError
from repartee.ports import Event, Events, Inbox, Progress

SOON, SELDOM = 0.05, 0.5
"""Seconds between two looks into the store: shortly after something happened, and then ever longer."""

LOOK_AFTER = 5.0
"""Seconds in which this process's own log may be silent before the store is asked whether it still counts."""

QUIET_FOR = 10.0
"""Seconds without an event after which something is sent all the same, so that proxies do not hang up."""

FOLLOWED_FOR = 280.0
"""Seconds after which a client has to ask again: an invocation ends at some time."""


class Silence(msgspec.Struct, frozen=True):
    """Nothing has happened for a while."""


class Ended(msgspec.Struct, frozen=True):
    """Nothing more will come. `silent`: there is no reply, because the assistant had to be quiet; `failed`:
    why there is none otherwise."""

    silent: bool
    failed: str


class Seen(msgspec.Struct, frozen=True):
    """What is new in which log, and whether that is the end."""

    log: str
    events: Sequence[Event] = ()
    ended: Ended | None = None


class Follower:
    """Follows the replies to messages, whoever writes them."""

    def __init__(self, inbox: Inbox, events: Events, hub: Hub, clock: Callable[[], float]) -> None:
        self._inbox, self._events, self._hub, self._clock = inbox, events, hub, clock

    def known(self, place: Place) -> bool:
        """Whether there is such a message."""
        return self._inbox.progress(place.chat, place.id) is not None

    async def follow(self, place: Place, after: str) -> AsyncIterator[Event | Silence | Ended]:
        """What happens after the event of this id, from the beginning if it is empty, until the end. If it
        stops without an end, there is more to follow."""
        log, rung, patience = log_of(place.chat, place.id), False, Patience(self._clock)
        with self._hub.listening() as listener:
            while not patience.over:
                listener.hear(log)
                live = self._hub.live(log, after)
                seen = Seen(log, live or ())
                if not live and (live is None or not rung):
                    seen = await run_in_threadpool(self._look, place, log, after)
                    if seen.events:
                        self._hub.met(seen.log, seen.events[-1].id)
                for event in seen.events:
                    yield event
                    after = event.id
                if seen.ended:
                    yield seen.ended
                    return
                if patience.tried_by(seen):
                    yield Silence()
                log = seen.log
                rung = await listener.wait(patience.pause() if live is None else LOOK_AFTER)

    def _look(self, place: Place, log: str, after: str) -> Seen:
        """What is new in the store. How far the answer has come is read first: what was written before a
        reply was closed is then found. A store that does not answer is asked again later."""
        with suppress(BackendError):
            progress = self._inbox.progress(place.chat, place.id)
            if progress is None:
                return Seen(log, ended=Ended(silent=True, failed="there is no such message any more"))
            if progress.messages:
                log = log_of(place.chat, progress.messages[-1])
            events = self._events.after(log, after)
            if progress.open:
                return Seen(log, events)
            return Seen(log, events or self._expired(log, progress), _ended(progress))
        return Seen(log)

    def _expired(self, log: str, progress: Progress) -> Sequence[Event]:
        """The whole reply, if its events are not kept any more."""
        if not progress.reply or self._events.after(log, ""):
            return ()
        return (Event("", "replaced", progress.reply),)


class Patience:
    """How long one connection waits for what. Owns the pauses between looks, and when it was last heard."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._pause, self._heard, self._until = SOON, clock(), clock() + FOLLOWED_FOR

    @property
    def over(self) -> bool:
        """Whether the connection has lasted long enough."""
        return self._clock() >= self._until

    def tried_by(self, seen: Seen) -> bool:
        """Whether it is time to send something, although nothing happened."""
        if seen.events:
            self._pause = SOON
        elif self._clock() - self._heard < QUIET_FOR:
            return False
        self._heard = self._clock()
        return not seen.events

    def pause(self) -> float:
        """Seconds until the next look into the store, more each time."""
        now, self._pause = self._pause, min(2 * self._pause, SELDOM)
        return now


def _ended(progress: Progress) -> Ended:
    return Ended(silent=not progress.reply, failed=progress.failed)
