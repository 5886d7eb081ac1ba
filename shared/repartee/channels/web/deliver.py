"""A reply on the web: a log of events, handed to whoever is connected at once, and kept in chunks."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from repartee.channels.delivery import Delivery
from repartee.channels.pacing import Pace
from repartee.channels.web.hub import Hub, log_of
from repartee.conversation.message import Message
from repartee.conversation.reply import Keep, Shown
from repartee.errors import BackendError
from repartee.ports import Event, EventKind, Events

LONGEST_EVENT = 50_000
"""Characters of one event's text."""

KEEP_EVERY = 0.5
"""Seconds between two chunks: how far behind a reader on another instance is."""


class WebReplies:
    """`reply.Replies` for the web."""

    def __init__(
        self, events: Events, hub: Hub, clock: Callable[[], float], sleep: Callable[[float], None]
    ) -> None:
        self._events, self._hub, self._clock, self._sleep = events, hub, clock, sleep

    def sign(self, message: Message, status: str = "") -> None:
        log = log_of(message.chat, message.id)
        self._events.append(log, [self._hub.publish(log, "status", status or "is thinking…")])

    def unsign(self, message: Message) -> None:
        """Nothing is left of the sign once its stream has ended."""

    def welcome(self, message: Message) -> None:
        """Nobody opens a conversation here without a word."""

    def open(self, message: Message, turn: str, shown: Shown, keep: Keep) -> Delivery:
        log = WebLog(self._events, self._hub, self._clock, log_of(message.chat, message.id))
        log.begun = bool(shown.since)
        return Delivery(log, keep, self._sleep, shown.ids)


class WebLog:
    """`delivery.Surface` as a log. A reader always ends up with the text that was last shown: what does not
    go on from there replaces it, as does the first of what another worker goes on with.

    Owns the events that are not kept yet. A chunk that cannot be kept now is kept with the next.
    """

    limit = 1_000_000
    grows = True

    def __init__(self, events: Events, hub: Hub, clock: Callable[[], float], log: str) -> None:
        self._events, self._hub, self._clock, self._log = events, hub, clock, log
        self._text = ""
        self._unkept: list[Event] = []
        self._kept_at = float("-inf")
        self.begun = False
        self.pace = Pace(0.0, clock)

    def begin(self, text: str) -> str:
        self._show(text)
        return "reply"

    def grow(self, id: str, text: str, new: str) -> None:
        self._show(text)

    def end(self, id: str, text: str, new: str) -> None:
        """Shows the rest, and sees to it that all of it is kept: who reads on finds nothing but the store."""
        self._show(text)
        self._keep()
        self._hub.end(self._log)

    def _show(self, text: str) -> None:
        goes_on = text.startswith(self._text) and not self.begun
        self._publish("delta" if goes_on else "replaced", text[len(self._text) :] if goes_on else text)
        self._text, self.begun = text, False
        if self._clock() - self._kept_at >= KEEP_EVERY:
            with suppress(BackendError):
                self._keep()

    def _publish(self, kind: EventKind, text: str) -> None:
        """What is too long for one event goes on in others."""
        while text or kind == "replaced":
            event = self._hub.publish(self._log, kind, text[:LONGEST_EVENT])
            self._unkept.append(event)
            kind, text = "delta", text[LONGEST_EVENT:]

    def _keep(self) -> None:
        self._kept_at = self._clock()
        if self._unkept:
            self._events.append(self._log, self._unkept)
            self._unkept = []
