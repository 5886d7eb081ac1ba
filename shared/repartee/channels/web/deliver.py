"""A reply on the web: a log of events, handed to whoever is connected at once, and kept in chunks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from threading import RLock
from weakref import WeakValueDictionary

import msgspec

from repartee.channels.delivery import Delivery
from repartee.channels.pacing import Pace
from repartee.channels.web.hub import Hub, log_of
from repartee.channels.web.pictures import pieces
from repartee.conversation.message import Message
from repartee.conversation.proposal import Proposal
from repartee.conversation.reply import Keep, Picture, Shown
from repartee.errors import BackendError, Rejected
from repartee.ports import Event, EventKind, Events

LONGEST_EVENT = 50_000
"""Characters of one event's text."""

THINKING = "is thinking…"

LARGEST_PICTURE = 2 * 1024 * 1024
"""Bytes."""

KEEP_EVERY = 0.5
"""Seconds between two chunks: how far behind a reader on another instance is."""


class Asked(msgspec.Struct):
    """A proposal as its event tells of it. It can be decided on until then (epoch seconds)."""

    subject: str
    summary: str
    until: float


class WebReplies:
    """`reply.Replies` for the web. `_open` are the logs that somebody writes now."""

    def __init__(
        self, events: Events, hub: Hub, clock: Callable[[], float], sleep: Callable[[float], None]
    ) -> None:
        self._events, self._hub, self._clock, self._sleep = events, hub, clock, sleep
        self._open: WeakValueDictionary[str, WebLog] = WeakValueDictionary()

    def sign(self, message: Message, status: str = "") -> None:
        log = log_of(message.chat, message.id)
        written = self._open.get(log)
        if written:
            written.tell(status or THINKING)
        else:
            self._events.append(log, [self._hub.publish(log, "status", status or THINKING)])

    def unsign(self, message: Message) -> None:
        """Nothing is left of the sign once its stream has ended."""

    def welcome(self, message: Message) -> None:
        """Nobody opens a conversation here without a word."""

    def attach(self, message: Message, turn: str, picture: Picture) -> None:
        """It has the same id each time that it is sent. Raises `Rejected` for one that is too large."""
        if len(picture.content) > LARGEST_PICTURE:
            raise Rejected("web", f"a picture of more than {LARGEST_PICTURE} bytes")
        self._add(message, "picture", pieces(turn, picture))

    def propose(self, message: Message, proposal: Proposal) -> None:
        asked = Asked(proposal.subject, proposal.summary, proposal.until)
        self._add(message, "proposal", [msgspec.json.encode(asked).decode()])

    def decided(self, message: Message, proposal: Proposal, word: str) -> None:
        """Nothing: who has decided is told in the reply to that."""

    def _add(self, message: Message, kind: EventKind, texts: Iterable[str]) -> None:
        """Adds events to a reply that is complete, where those find them who follow: in the store."""
        log = log_of(message.chat, message.id)
        self._events.append(log, [self._hub.made(kind, text) for text in texts])
        self._hub.end(log)

    def open(self, message: Message, turn: str, shown: Shown, keep: Keep) -> Delivery:
        log = WebLog(self._events, self._hub, self._clock, log_of(message.chat, message.id))
        log.begun = bool(shown.since)
        self._open[log_of(message.chat, message.id)] = log
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
        self._writing = RLock()
        self._over = False
        self._kept_at = float("-inf")
        self.begun = False
        self.pace = Pace(0.0, clock)

    def tell(self, status: str) -> None:
        """Says what goes on, in its place among the events, until the reply is complete."""
        with self._writing:
            if not self._over:
                self._publish("status", status[:LONGEST_EVENT])
                self._keep_now_and_then()

    def begin(self, text: str) -> str:
        self._show(text)
        return "reply"

    def grow(self, id: str, text: str, new: str) -> None:
        self._show(text)

    def end(self, id: str, text: str, new: str) -> None:
        """Shows the rest, and sees to it that all of it is kept: who reads on finds nothing but the store."""
        with self._writing:
            self._show(text)
            self._keep()
            self._over = True
        self._hub.end(self._log)

    def _show(self, text: str) -> None:
        with self._writing:
            goes_on = text.startswith(self._text) and not self.begun
            self._publish("delta" if goes_on else "replaced", text[len(self._text) :] if goes_on else text)
            self._text, self.begun = text, False
            self._keep_now_and_then()

    def _keep_now_and_then(self) -> None:
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
