"""A reply on the web: a log of events, handed to connected clients at once, and kept in chunks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from weakref import WeakValueDictionary

import msgspec

from repartee.channels.delivery import ReplyDelivery, SendGate
from repartee.channels.web.event_hub import EventHub
from repartee.channels.web.ids import log_id
from repartee.channels.web.images import image_chunks
from repartee.channels.web.live_log import LiveLog, LiveSurface
from repartee.channels.web.payloads import WebProposalEvent
from repartee.channels.web.surface import WebSurface
from repartee.domain.message import Incoming
from repartee.domain.proposal import Proposal
from repartee.domain.relayed import relayed_by
from repartee.domain.reply import Image, VisibleState
from repartee.errors import InvalidArgument
from repartee.language import texts
from repartee.language.catalogue import translate
from repartee.ports import WebEventKind, WebEventLog
from repartee.ports.channels import EnsureMaySend, RecordVisible, always_may_send

MAX_IMAGE_BYTES = 2 * 1024 * 1024
"""Bytes."""


class WebReplySender:
    """`reply.Replies` for the web. `_open` are the logs that a worker writes now."""

    finds_lost_messages = False

    def __init__(
        self, events: WebEventLog, hub: EventHub, clock: Callable[[], float], sleep: Callable[[float], None]
    ) -> None:
        self._events, self._hub, self._clock, self._sleep = events, hub, clock, sleep
        self._open: WeakValueDictionary[str, WebSurface] = WeakValueDictionary()
        self._live = LiveLog(events, hub)

    def show_typing(self, message: Incoming, status: str = "") -> None:
        log = log_id(message.chat, message.id)
        status = status or translate(texts.THINKING, message.language)
        written = self._open.get(log)
        if written:
            written.show_status(status)
        else:
            self._events.append(log, [self._hub.publish(log, "status", status)])

    def clear_typing(self, message: Incoming) -> None:
        """Nothing is left of the sign once its stream has ended."""

    def end_typing(self, message: Incoming) -> None:
        """Nothing: nothing here renews the sign."""

    def show_member_typing(self, message: Incoming) -> None:
        self._live.append(message.chat, "status", [translate(texts.TYPING, message.language)])

    def can_write_to(self, message: Incoming) -> bool:
        return True

    def announce_delay(self, message: Incoming, turn: str, text: str) -> None:
        """In a status: the reply's own text replaces nothing then."""
        self.show_typing(message, text)

    def greet(self, message: Incoming) -> None:
        """Nobody opens a conversation here without a word."""

    def list_reply_ids(self, visible: VisibleState) -> tuple[str, ...]:
        return ()

    def send_image(self, message: Incoming, turn: str, image: Image) -> None:
        """It has the same id each time that it is sent. Raises `Rejected` for one that is too large."""
        if len(image.content) > MAX_IMAGE_BYTES:
            raise InvalidArgument("web", f"a picture of more than {MAX_IMAGE_BYTES} bytes")
        self._append_events(message, "picture", image_chunks(turn, image))

    def send_proposal(self, message: Incoming, proposal: Proposal) -> None:
        asked = WebProposalEvent(proposal.id, proposal.summary, proposal.expires_at)
        self._append_events(message, "proposal", [msgspec.json.encode(asked).decode()])

    def show_decision(self, message: Incoming, proposal: Proposal, label: str) -> None:
        """Nothing: who has decided is told in the reply to that."""

    def _append_events(self, message: Incoming, kind: WebEventKind, texts: Iterable[str]) -> None:
        """Adds events to a reply that is complete, or to the conversation, where those find them who follow:
        in the store."""
        if relayed_by(message):
            self._live.append(message.chat, kind, texts)
            return
        log = log_id(message.chat, message.id)
        self._events.append(log, [self._hub.make_event(kind, text) for text in texts])
        self._hub.end_log(log)

    def open_reply(
        self,
        message: Incoming,
        turn: str,
        visible: VisibleState,
        record_visible: RecordVisible,
        ensure_may_send: EnsureMaySend = always_may_send,
    ) -> ReplyDelivery:
        gate = SendGate(ensure_may_send)
        if by := relayed_by(message):
            sent = visible.message_ids
            surface = LiveSurface(self._live, self._clock, message.chat, turn, by, len(sent))
            return ReplyDelivery(surface, record_visible, self._sleep, sent, gate=gate)
        log = WebSurface(self._events, self._hub, self._clock, log_id(message.chat, message.id))
        log.was_begun_earlier = bool(visible.intent_at)
        self._open[log_id(message.chat, message.id)] = log
        return ReplyDelivery(log, record_visible, self._sleep, visible.message_ids, gate=gate)
