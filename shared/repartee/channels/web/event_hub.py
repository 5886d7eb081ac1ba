"""The bridge between the threads that write replies and the event loop that serves connections."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Lock

from repartee.channels.web.ids import live_log_id
from repartee.ports import WebEvent, WebEventKind

STALE_LOG_MICROSECONDS = 3600 * 1_000_000
"""Microseconds after which a log that nobody has ended is forgotten."""


class LoopEvent:
    """Rings in the event loop it was made in, from whatever thread."""

    def __init__(self) -> None:
        self._loop, self._rung = asyncio.get_running_loop(), asyncio.Event()

    def set(self) -> None:
        with suppress(RuntimeError):  # the loop is closed, and nobody listens any more
            self._loop.call_soon_threadsafe(self._rung.set)

    async def wait_until_set(self, timeout_seconds: float) -> bool:
        """Waits until it rings, or so many seconds, and says whether it rang. What rang before counts."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._rung.wait(), timeout_seconds)
        rung = self._rung.is_set()
        self._rung.clear()
        return rung


class EventHub:
    """The logs that are being written in this process, and who waits for more of them."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._live_logs: dict[str, list[WebEvent]] = {}
        self._handed_over: set[str] = set()
        self._listeners_by_log: dict[str, set[LoopEvent]] = {}
        self._lock = Lock()
        self._newest = 0

    def publish(self, log: str, kind: WebEventKind, text: str) -> WebEvent:
        """Hands an event to all that listen, at once."""
        with self._lock:
            event = self._make_event(kind, text)
            if log not in self._live_logs:
                self._forget_before(int(event.id) - STALE_LOG_MICROSECONDS)
            self._handed_over.discard(log)
            self._live_logs.setdefault(log, []).append(event)
        self.notify_listeners(log)
        return event

    def make_event(self, kind: WebEventKind, text: str, after: str = "") -> WebEvent:
        """An event that nobody is told of, later than the one of that id."""
        with self._lock:
            self._newest = max(self._newest, int(after or 0))
            return self._make_event(kind, text)

    def live_events(self, log: str, after: str) -> list[WebEvent] | None:
        """The events after this one, while the log is being written here; otherwise None."""
        with self._lock:
            events = self._live_logs.get(log)
            return None if events is None or log in self._handed_over else _events_after(events, after)

    def end_log(self, log: str) -> None:
        """The log is not being written here any more: all of it that counts is in the store."""
        with self._lock:
            self._live_logs.pop(log, None)
            self._handed_over.discard(log)
        self.notify_listeners(log)

    def hand_over(self, chat: str) -> None:
        """Leaves the chat's replies to another writer; what is written here counts again if that is us."""
        with self._lock:
            logs = [log for log in self._live_logs if log.startswith(live_log_id(chat))]
            self._handed_over.update(logs)
        for log in logs:
            self.notify_listeners(log)

    def superseded_by(self, log: str, event_id: str) -> None:
        """An event was found in the store. If it is later than all of ours, another worker has gone on."""
        with self._lock:
            if log in self._live_logs and self._live_logs[log][-1].id < event_id:
                self._handed_over.add(log)

    @contextmanager
    def open_listener(self) -> Iterator[LogListener]:
        """Opens a listener, which hears of the logs that it asks for."""
        listener = LogListener(self._listeners_by_log, self._lock)
        try:
            yield listener
        finally:
            listener.stop_listening()

    def notify_listeners(self, log: str) -> None:
        """Tells who listens that there may be more in the store."""
        with self._lock:
            bells = list(self._listeners_by_log.get(log, ()))
        for bell in bells:
            bell.set()

    def _make_event(self, kind: WebEventKind, text: str) -> WebEvent:
        """An event. Its id is the time, so that ids grow from one worker of a turn to the next."""
        self._newest = max(int(self._clock() * 1_000_000), self._newest + 1)
        return WebEvent(f"{self._newest:016d}", kind, text)

    def _forget_before(self, then: int) -> None:
        for log in [log for log, events in self._live_logs.items() if int(events[-1].id) < then]:
            del self._live_logs[log]
            self._handed_over.discard(log)


class LogListener:
    """One connection, which hears whenever there is more in a log."""

    def __init__(self, bells: dict[str, set[LoopEvent]], lock: Lock) -> None:
        self._bells, self._lock = bells, lock
        self._bell, self._log = LoopEvent(), ""

    def listen_to(self, log: str) -> None:
        """Listens to this log from now on, instead of another."""
        if log != self._log:
            self.stop_listening()
            with self._lock:
                self._bells.setdefault(log, set()).add(self._bell)
                self._log = log

    def stop_listening(self) -> None:
        with self._lock:
            bells = self._bells.get(self._log, set())
            bells.discard(self._bell)
            if not bells:
                self._bells.pop(self._log, None)

    async def wait_for_events(self, seconds: float) -> bool:
        """Waits until there may be more, or so many seconds. Says whether there may be."""
        return await self._bell.wait_until_set(seconds)


def _events_after(events: list[WebEvent], id: str) -> list[WebEvent]:
    """Its events after that one, looking from the end: the reader has mostly seen all but the last."""
    at = len(events)
    while at and events[at - 1].id > id:
        at -= 1
    return events[at:]
