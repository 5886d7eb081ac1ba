"""A reply on the web: a log of events, handed to whoever is connected at once, and kept in chunks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from threading import RLock
from weakref import WeakValueDictionary

import msgspec

from repartee.channels.delivery import ReplyDelivery
from repartee.channels.pacing import Pacer
from repartee.channels.web.hub import EventHub, log_id
from repartee.channels.web.pictures import image_chunks
from repartee.conversation.message import Message
from repartee.conversation.proposal import Proposal
from repartee.conversation.reply import Image, RecordVisible, VisibleState
from repartee.errors import BackendError, InvalidArgument
from repartee.ports import WebEvent, WebEventKind, WebEventLog

MAX_EVENT_CHARS = 50_000
"""Characters of one event's text."""

THINKING_STATUS = "is thinking…"

MAX_IMAGE_BYTES = 2 * 1024 * 1024
"""Bytes."""

PERSIST_INTERVAL_SECONDS = 0.5
"""Seconds between two chunks: how far behind a reader on another instance is."""


class WebProposalEvent(msgspec.Struct):
    """A proposal as its event tells of it. It can be decided on until then (epoch seconds)."""

    subject: str
    summary: str
    until: float


class WebReplySender:
    """`reply.Replies` for the web. `_open` are the logs that somebody writes now."""

    def __init__(
        self, events: WebEventLog, hub: EventHub, clock: Callable[[], float], sleep: Callable[[float], None]
    ) -> None:
        self._events, self._hub, self._clock, self._sleep = events, hub, clock, sleep
        self._open: WeakValueDictionary[str, WebSurface] = WeakValueDictionary()

    def show_typing(self, message: Message, status: str = "") -> None:
        log = log_id(message.chat, message.id)
        written = self._open.get(log)
        if written:
            written.show_status(status or THINKING_STATUS)
        else:
            self._events.append(log, [self._hub.publish(log, "status", status or THINKING_STATUS)])

    def clear_typing(self, message: Message) -> None:
        """Nothing is left of the sign once its stream has ended."""

    def greet(self, message: Message) -> None:
        """Nobody opens a conversation here without a word."""

    def send_image(self, message: Message, turn: str, image: Image) -> None:
        """It has the same id each time that it is sent. Raises `Rejected` for one that is too large."""
        if len(image.content) > MAX_IMAGE_BYTES:
            raise InvalidArgument("web", f"a picture of more than {MAX_IMAGE_BYTES} bytes")
        self._append_events(message, "picture", image_chunks(turn, image))

    def send_proposal(self, message: Message, proposal: Proposal) -> None:
        asked = WebProposalEvent(proposal.id, proposal.summary, proposal.expires_at)
        self._append_events(message, "proposal", [msgspec.json.encode(asked).decode()])

    def show_decision(self, message: Message, proposal: Proposal, label: str) -> None:
        """Nothing: who has decided is told in the reply to that."""

    def _append_events(self, message: Message, kind: WebEventKind, texts: Iterable[str]) -> None:
        """Adds events to a reply that is complete, where those find them who follow: in the store."""
        log = log_id(message.chat, message.id)
        self._events.append(log, [self._hub.make_event(kind, text) for text in texts])
        self._hub.end_log(log)

    def open_reply(
        self, message: Message, turn: str, visible: VisibleState, record_visible: RecordVisible
    ) -> ReplyDelivery:
        log = WebSurface(self._events, self._hub, self._clock, log_id(message.chat, message.id))
        log.was_begun_earlier = bool(visible.intent_at)
        self._open[log_id(message.chat, message.id)] = log
        return ReplyDelivery(log, record_visible, self._sleep, visible.message_ids)


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
        """What is too long for one event goes on in others."""
        while text or kind == "replaced":
            event = self._hub.publish(self._log, kind, text[:MAX_EVENT_CHARS])
            self._unpersisted.append(event)
            kind, text = "delta", text[MAX_EVENT_CHARS:]

    def _persist_events(self) -> None:
        self._persisted_at = self._clock()
        if self._unpersisted:
            self._events.append(self._log, self._unpersisted)
            self._unpersisted = []
