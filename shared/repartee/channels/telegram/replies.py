"""Replies in Telegram: what shows that one is on its way, and the reply itself."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from weakref import WeakValueDictionary

from repartee.channels.delivery import ReplyDelivery, SendGate, send_notice
from repartee.channels.markdown import MessageSplitter
from repartee.channels.stream_slots import RunInBackground, StreamSlot, StreamSlotRecords, run_in_thread
from repartee.channels.telegram import images, proposals
from repartee.channels.telegram.api import TelegramApi
from repartee.channels.telegram.formatting import HEAVY
from repartee.channels.telegram.ids import ephemeral_arguments, message_id
from repartee.channels.telegram.surface import TelegramSurface, show_status_draft
from repartee.channels.typing_indicators import ScheduleAfter, TypingIndicator, TypingIndicators
from repartee.channels.typing_indicators import schedule_in_thread as later
from repartee.domain.message import Incoming, workspace_of
from repartee.domain.proposal import Proposal
from repartee.domain.reply import Image, VisibleState
from repartee.errors import BackendError
from repartee.language import texts
from repartee.language.catalogue import translate
from repartee.ports.channels import EnsureMaySend, RecordVisible, always_may_send

TYPING_INTERVAL_SECONDS = 4.0
"""Seconds after which the bot is seen typing again: by itself that ends after five."""


class TelegramReplySender:
    """`reply.Replies` for Telegram. Owns what the server turned out not to know. `_open` are the chats that
    a worker replies in now."""

    finds_lost_messages = False

    def __init__(
        self,
        api: TelegramApi,
        slot_records: StreamSlotRecords,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
        run_in_background: RunInBackground = run_in_thread,
        schedule_after: ScheduleAfter = later,
    ) -> None:
        self._api, self._crowds, self._clock, self._sleep = api, slot_records, clock, sleep
        self._background = run_in_background
        self._signs = TypingIndicators(TYPING_INTERVAL_SECONDS, clock, schedule_after)
        self._unknown: set[str] = set()
        self._open: WeakValueDictionary[str, TelegramSurface] = WeakValueDictionary()

    def show_typing(self, message: Incoming, status: str = "") -> None:
        """In private, a draft says what goes on: the reply's own, once there is one. Else the bot types. All
        of a group would see that, so an ephemeral message is answered without it."""
        if "receiver" in message.platform:
            return
        chat = self._open.get(message.chat)
        if not status or message.platform["type"] != "private":
            self._typing_indicator(message).show()
        elif not (chat and chat.show_status(status)):
            show_status_draft(self._api, message.platform, status)

    def _typing_indicator(self, message: Incoming) -> TypingIndicator:
        place = f"{message.platform['chat']}/{message.platform['message']}"
        return self._signs.indicator_for(place, partial(self._send_typing_action, message))

    def _send_typing_action(self, message: Incoming) -> None:
        self._api.call_method(
            "sendChatAction",
            chat_id=int(message.platform["chat"]),
            message_thread_id=int(message.platform.get("topic", 0)) or None,
            action="typing",
        )

    def clear_typing(self, message: Incoming) -> None:
        """Who types no more is no more seen typing after five seconds."""
        self._typing_indicator(message).stop()

    def end_typing(self, message: Incoming) -> None:
        self._typing_indicator(message).pause()

    def show_member_typing(self, message: Incoming) -> None:
        if "chat" in message.platform and "receiver" not in message.platform:
            self._send_typing_action(message)

    def can_write_to(self, message: Incoming) -> bool:
        return True

    def announce_delay(self, message: Incoming, turn: str, text: str) -> None:
        send_notice(self, message, turn, text)

    def greet(self, message: Incoming) -> None:
        """Says what one may ask, to a person who has only called the bot by its name."""
        place, language = message.platform, message.language
        asked = {"message_id": int(place["message"]), "allow_sending_without_reply": True}
        answers = ephemeral_arguments(place) or {"reply_parameters": asked}
        with suppress(BackendError):
            self._api.call_method(
                "sendMessage",
                chat_id=int(place["chat"]),
                message_thread_id=int(place.get("topic", 0)) or None,
                text=f"{translate(texts.GREETING, language)} {translate(texts.TELEGRAM_HELP, language)}",
                **answers,
            )

    def list_reply_ids(self, visible: VisibleState) -> tuple[str, ...]:
        return tuple(message_id(int(id)) for id in visible.message_ids.values() if id.isdecimal())

    def send_image(self, message: Incoming, turn: str, image: Image) -> None:
        images.attach_image(self._api, message, image, self._sleep)

    def send_proposal(self, message: Incoming, proposal: Proposal) -> None:
        proposals.send_proposal(self._api, message, proposal, self._sleep)

    def show_decision(self, message: Incoming, proposal: Proposal, label: str) -> None:
        proposals.show_decision(self._api, message, proposal, label, self._sleep)

    def open_reply(
        self,
        message: Incoming,
        turn: str,
        visible: VisibleState,
        record_visible: RecordVisible,
        ensure_may_send: EnsureMaySend = always_may_send,
    ) -> ReplyDelivery:
        seat = StreamSlot(
            self._crowds, workspace_of(message.room), turn, self._clock, self._background, count_recent=False
        )
        gate = SendGate(ensure_may_send)
        chat = TelegramSurface(
            self._api,
            message.platform,
            visible.message_ids,
            self._clock,
            self._sleep,
            self._unknown,
            seat,
            self._typing_indicator(message),
            gate,
        )
        self._open[message.chat] = chat
        return ReplyDelivery(
            chat,
            lambda ids, text: record_visible(chat.resolve_ids(ids), text),
            self._sleep,
            visible.message_ids,
            gate=gate,
            on_finished=chat.clean_up,
            split=MessageSplitter(HEAVY),
        )
