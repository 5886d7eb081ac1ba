"""Replies in Telegram: what shows that one is on its way, and the reply itself."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from weakref import WeakValueDictionary

from repartee.channels.delivery import Delivery
from repartee.channels.markdown import parts
from repartee.channels.seat import Background, Crowds, Seat, in_a_thread
from repartee.channels.telegram import pictures, proposals
from repartee.channels.telegram.api import TelegramApi
from repartee.channels.telegram.chat import TelegramChat, draft
from repartee.channels.telegram.forms import HEAVY
from repartee.channels.typing import After, Signs, Typing
from repartee.channels.typing import in_a_thread as later
from repartee.conversation.message import Message, workspace_of
from repartee.conversation.proposal import Proposal
from repartee.conversation.reply import Keep, Picture, Shown

SIGN_EVERY = 4.0
"""Seconds after which somebody is seen typing again: by itself that ends after five."""


class TelegramReplies:
    """`reply.Replies` for Telegram. Owns what the server turned out not to know. `_open` are the chats that
    somebody replies in now."""

    def __init__(
        self,
        api: TelegramApi,
        crowds: Crowds,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
        background: Background = in_a_thread,
        after: After = later,
    ) -> None:
        self._api, self._crowds, self._clock, self._sleep = api, crowds, clock, sleep
        self._background = background
        self._signs = Signs(SIGN_EVERY, clock, after)
        self._unknown: set[str] = set()
        self._open: WeakValueDictionary[str, TelegramChat] = WeakValueDictionary()

    def sign(self, message: Message, status: str = "") -> None:
        """In private, a draft says what goes on: the reply's own, once there is one. Else somebody types."""
        chat = self._open.get(message.chat)
        if not status or message.platform["type"] != "private":
            self._typing(message).show()
        elif not (chat and chat.tell(status)):
            draft(self._api, message.platform, status)

    def _typing(self, message: Message) -> Typing:
        place = f"{message.platform['chat']}/{message.platform['message']}"
        return self._signs.on(place, partial(self._type, message))

    def _type(self, message: Message) -> None:
        self._api.call(
            "sendChatAction",
            chat_id=int(message.platform["chat"]),
            message_thread_id=int(message.platform.get("topic", 0)) or None,
            action="typing",
        )

    def unsign(self, message: Message) -> None:
        """Who types no more is no more seen typing after five seconds."""
        self._typing(message).end()

    def welcome(self, message: Message) -> None:
        """Nothing: who opens a conversation sends /start."""

    def attach(self, message: Message, turn: str, picture: Picture) -> None:
        pictures.attach(self._api, message, picture, self._sleep)

    def propose(self, message: Message, proposal: Proposal) -> None:
        proposals.propose(self._api, message, proposal, self._sleep)

    def decided(self, message: Message, proposal: Proposal, word: str) -> None:
        proposals.decided(self._api, message, proposal, word, self._sleep)

    def open(self, message: Message, turn: str, shown: Shown, keep: Keep) -> Delivery:
        seat = Seat(
            self._crowds, workspace_of(message.room), turn, self._clock, self._background, counted=False
        )
        chat = TelegramChat(
            self._api,
            message.platform,
            shown.ids,
            self._clock,
            self._sleep,
            self._unknown,
            seat,
            self._typing(message),
        )
        self._open[message.chat] = chat
        return Delivery(
            chat,
            lambda ids, text: keep(chat.kept(ids), text),
            self._sleep,
            shown.ids,
            over=chat.over,
            split=partial(parts, heavy=HEAVY),
        )
