"""Replies in WhatsApp: a sign that the assistant types, then the text in messages, as its paragraphs come.

https://developers.facebook.com/documentation/business-messaging/whatsapp/typing-indicators/
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from repartee.channels.delivery import ReplyDelivery, SendGate, send_notice
from repartee.channels.typing_indicators import (
    ScheduleAfter,
    TypingIndicator,
    TypingIndicators,
    schedule_in_thread,
)
from repartee.channels.whatsapp import images, proposals
from repartee.channels.whatsapp.api import WhatsAppApi
from repartee.channels.whatsapp.ids import message_id
from repartee.channels.whatsapp.pair_rate_limit import PairPacer
from repartee.channels.whatsapp.service_window import TemplateOnlyReply, is_window_open
from repartee.channels.whatsapp.surface import WhatsAppSurface
from repartee.domain.message import Incoming
from repartee.domain.proposal import Proposal
from repartee.domain.read_marks import READ_MARK_KEY
from repartee.domain.reply import Image, VisibleState
from repartee.ports.channels import EnsureMaySend, RecordVisible, Reply, always_may_send
from repartee.ports.logging import Logger

TYPING_INTERVAL_SECONDS = 20.0
"""Seconds after which the sign is shown again: by itself it goes out after 25."""


class WhatsAppReplySender:
    """`reply.Replies` for WhatsApp. Owns the signs that are up.

    `template` is the name and the language of what is said to people after 24 hours; without one, nothing is.
    """

    finds_lost_messages = False

    def __init__(
        self,
        api: WhatsAppApi,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
        logger: Logger,
        template: tuple[str, str] = ("", ""),
        schedule_after: ScheduleAfter = schedule_in_thread,
    ) -> None:
        self._api, self._clock, self._sleep = api, clock, sleep
        self._logger, self._template = logger, template
        self._signs = TypingIndicators(TYPING_INTERVAL_SECONDS, clock, schedule_after)

    def show_typing(self, message: Incoming, status: str = "") -> None:
        """Shows that a reply is being written, whatever the status: WhatsApp has no place for one."""
        if is_window_open(message, self._clock()):
            self._typing_indicator(message).show()

    def clear_typing(self, message: Incoming) -> None:
        self._typing_indicator(message).stop()

    def end_typing(self, message: Incoming) -> None:
        self._typing_indicator(message).pause()

    def show_member_typing(self, message: Incoming) -> None:
        if "message" in message.platform and is_window_open(message, self._clock()):
            self._api.show_typing(message.platform)

    def can_write_to(self, message: Incoming) -> bool:
        return is_window_open(message, self._clock())

    def announce_delay(self, message: Incoming, turn: str, text: str) -> None:
        if is_window_open(message, self._clock()):
            send_notice(self, message, turn, text)

    def greet(self, message: Incoming) -> None:
        """Nothing: nobody is written to before they write."""

    def list_reply_ids(self, visible: VisibleState) -> tuple[str, ...]:
        return tuple(
            message_id(visible.message_ids[name]) for name in visible.message_ids if name.isdecimal()
        )

    def send_image(self, message: Incoming, turn: str, image: Image) -> None:
        if is_window_open(message, self._clock()):
            images.attach_image(self._api, message, image, self._sleep)

    def send_proposal(self, message: Incoming, proposal: Proposal) -> None:
        if is_window_open(message, self._clock()):
            proposals.send_proposal(self._api, message, proposal, self._sleep)

    def show_decision(self, message: Incoming, proposal: Proposal, label: str) -> None:
        """Nothing: buttons cannot be taken away, and those that were pressed decide nothing any more."""

    def open_reply(
        self,
        message: Incoming,
        turn: str,
        visible: VisibleState,
        record_visible: RecordVisible,
        ensure_may_send: EnsureMaySend = always_may_send,
    ) -> Reply:
        if not is_window_open(message, self._clock()):
            return TemplateOnlyReply(
                partial(self._send_template, message), visible, record_visible, ensure_may_send
            )
        typing = self._typing_indicator(message)
        gate = SendGate(ensure_may_send)
        chat = WhatsAppSurface(
            self._api, message.platform, visible, PairPacer(self._clock), typing, self._sleep, gate
        )
        return ReplyDelivery(
            chat,
            lambda ids, text: record_visible(chat.resolve_ids(ids), text),
            self._sleep,
            visible.message_ids,
            gate=gate,
            on_finished=typing.stop,
            split=chat.split_text,
        )

    def _send_template(self, message: Incoming) -> str:
        """Sends the template, if there is one, and gives its id. It has no mark: that a person read it says
        nothing of what it stands for."""
        name, language = self._template
        reason = "the person wrote more than 24 hours ago"
        self._logger.warning("reply_not_sent", chat=message.chat, reason=reason, template=name)
        if not name:
            return ""
        template = {"name": name, "language": {"code": language}}
        place = {name: value for name, value in message.platform.items() if name != READ_MARK_KEY}
        return self._api.send_message(place, type="template", template=template)

    def _typing_indicator(self, message: Incoming) -> TypingIndicator:
        return self._signs.indicator_for(
            message.platform["message"], partial(self._api.show_typing, message.platform)
        )
