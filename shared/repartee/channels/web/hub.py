"""The bridge between the threads that write replies and the event loop that serves connections."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Lock

from repartee.ports import Event, EventKind

STALE_AFTER = 3600 * 1_000_000
"""Microseconds after which a log that nobody has ended is forgotten."""


class Bell:
    """Rings in the event loop it was made in, from whatever thread."""

    def __init__(self) -> None:
        self._loop, self._rung = asyncio.get_running_loop(), asyncio.Event()

    def ring(self) -> None:
        with suppress(RuntimeError):  # the loop is closed, and nobody listens any more
            self._loop.call_soon_threadsafe(self._rung.set)

    async def rings(self, within: float) -> bool:
        """Waits until it rings, or so many seconds, and says whether it rang. What rang before counts."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._rung.wait(), within)
        rung = self._rung.is_set()
        self._rung.clear()
        return rung


class Hub:
    """The logs that are being written in this process, and who waits for more of them."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._live: dict[str, list[Event]] = {}
        self._left: set[str] = set()
        self._bells: dict[str, set[Bell]] = {}
        self._lock = Lock()
        self._newest = 0

    def publish(self, log: str, kind: EventKind, text: str) -> Event:
        """Hands an event to all that listen, at once."""
        with self._lock:
            event = self._made(kind, text)
            if log not in self._live:
                self._forget_before(int(event.id) - STALE_AFTER)
            self._left.discard(log)
            self._live.setdefault(log, []).append(event)
        self._ring(log)
        return event

    def made(self, kind: EventKind, text: str) -> Event:
        """An event that nobody is told of."""
        with self._lock:
            return self._made(kind, text)

    def live(self, log: str, after: str) -> list[Event] | None:
        """The events after this one, while the log is being written here; otherwise None."""
        with self._lock:
            events = self._live.get(log)
            return None if events is None or log in self._left else _after(events, after)

    def end(self, log: str) -> None:
        """The log is not being written here any more: all of it that counts is in the store."""
        with self._lock:
            self._live.pop(log, None)
            self._left.discard(log)
        self._ring(log)

    def leave(self, chat: str) -> None:
        """Somebody else goes on with the chat's replies; what is written here counts again if that is us."""
        with self._lock:
            logs = [log for log in self._live if log.startswith(log_of(chat, ""))]
            self._left.update(logs)
        for log in logs:
            self._ring(log)

    def met(self, log: str, id: str) -> None:
        """An event was found in the store. If it is later than all of ours, somebody else has gone on."""
        with self._lock:
            if log in self._live and self._live[log][-1].id < id:
                self._left.add(log)

    @contextmanager
    def listening(self) -> Iterator[Listener]:
        """Somebody who hears of the logs that they ask for."""
        listener = Listener(self._bells, self._lock)
        try:
            yield listener
        finally:
            listener.leave()

    def _ring(self, log: str) -> None:
        with self._lock:
            bells = list(self._bells.get(log, ()))
        for bell in bells:
            bell.ring()

    def _made(self, kind: EventKind, text: str) -> Event:
        """An event. Its id is the time, so that ids grow from one worker of a turn to the next."""
        self._newest = max(int(self._clock() * 1_000_000), self._newest + 1)
        return Event(f"{self._newest:016d}", kind, text)

    def _forget_before(self, then: int) -> None:
        for log in [log for log, events in self._live.items() if int(events[-1].id) < then]:
            del self._live[log]
            self._left.discard(log)


class Listener:
    """One connection, which hears whenever there is more in a log."""

    def __init__(self, bells: dict[str, set[Bell]], lock: Lock) -> None:
        self._bells, self._lock = bells, lock
        self._bell, self._log = Bell(), ""

    def hear(self, log: str) -> None:
        """Listens to this log from now on, instead of another."""
        if log != self._log:
            self.leave()
            with self._lock:
                self._bells.setdefault(log, set()).add(self._bell)
                self._log = log

    def leave(self) -> None:
        with self._lock:
            bells = self._bells.get(self._log, set())
            bells.discard(self._bell)
            if not bells:
                self._bells.pop(self._log, None)

    async def wait(self, seconds: float) -> bool:
        """Waits until there may be more, or so many seconds. Says whether there may be."""
        return await self._bell.rings(seconds)


def log_of(chat: str, id: str) -> str:
    """The log of the reply to a message, or to several of which this is the last."""
    return f"{chat}#{id}"


def _after(events: list[Event], id: str) -> list[Event]:
    """Its events after that one, looking from the end: whoever asks has mostly seen all but the last."""
    at = len(events)
    while at and events[at - 1].id > id:
        at -= 1
    return events[at:]
