"""A web reply's messages: events in a log that readers follow."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from threading import RLock

from repartee.channels.pacer import Pacer
from repartee.channels.web.event_hub import EventHub
from repartee.errors import BackendError
from repartee.ports import WebEvent, WebEventKind, WebEventLog

MAX_EVENT_CHARS = 50_000
"""Characters of one event's text."""


PERSIST_INTERVAL_SECONDS = 0.5
"""Seconds between two chunks: how far behind a reader on another instance is."""


class WebSurface:
    """`delivery.Surface` as a log. A reader always ends up with the text that was last shown: what does not
    go on from there replaces it, as does the first of what another worker goes on with.

    Owns the events that are not kept yet. A chunk that cannot be kept now is kept with the next.
    """

    max_chars = 1_000_000
    can_extend = True

    def __init__(self, events: WebEventLog, hub: EventHub, clock: Callable[[], float], log: str) -> None:
        self._events, self._hub, self._clock, self._log = events, hub, clock, log
        self._text = ""
        self._unpersisted: list[WebEvent] = []
        self._writing = RLock()
        self._is_complete = False
        self._persisted_at = float("-inf")
        self.was_begun_earlier = False
        self.pacer = Pacer(0.0, clock)

    def show_status(self, status: str) -> None:
        """Says what goes on, in its place among the events, until the reply is complete."""
        with self._writing:
            if not self._is_complete:
                self._publish_event("status", status[:MAX_EVENT_CHARS])
                self._persist_if_due()

    def begin_message(self, text: str) -> str:
        self._publish_text(text)
        return "reply"

    def post_whole_message(self, text: str, is_last: bool) -> None:
        """There is none: to begin costs no call."""

    def extend_message(self, id: str, text: str, added_text: str) -> None:
        self._publish_text(text)

    def complete_message(self, id: str, text: str, added_text: str) -> None:
        """Shows the rest, and sees to it that all of it is kept: who reads on finds nothing but the store."""
        with self._writing:
            self._publish_text(text)
            self._persist_events()
            self._is_complete = True
        self._hub.end_log(self._log)

    def _publish_text(self, text: str) -> None:
        with self._writing:
            goes_on = text.startswith(self._text) and not self.was_begun_earlier
            self._publish_event(
                "delta" if goes_on else "replaced", text[len(self._text) :] if goes_on else text
            )
            self._text, self.was_begun_earlier = text, False
            self._persist_if_due()

    def _persist_if_due(self) -> None:
        if self._clock() - self._persisted_at >= PERSIST_INTERVAL_SECONDS:
            with suppress(BackendError):
                self._persist_events()

    def _publish_event(self, kind: WebEventKind, text: str) -> None:
        """Publishes a text, in several events if it is too long for one."""
        while text or kind == "replaced":
            event = self._hub.publish(self._log, kind, text[:MAX_EVENT_CHARS])
            self._unpersisted.append(event)
            kind, text = "delta", text[MAX_EVENT_CHARS:]

    def _persist_events(self) -> None:
        self._persisted_at = self._clock()
        if self._unpersisted:
            self._events.append(self._log, self._unpersisted)
            self._unpersisted = []
