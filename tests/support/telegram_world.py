"""The whole Repartee of `world`, in a chat of Telegram."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx2

from local.telegram_standin import TOKEN, TelegramStandIn
from repartee.channels.telegram.api import TelegramApi
from repartee.channels.telegram.deliver import TelegramReplies
from repartee.conversation.message import Message
from repartee.conversation.reply import Replies
from tests.support.telegram import PRIVATE, TelegramWire
from tests.support.world import Life, World


class TappedTelegram(httpx2.BaseTransport):
    """The way to Telegram: a call may be killed before it is sent, or after it was carried out."""

    def __init__(self, wire: TelegramWire, life: Life) -> None:
        self._wire, self._life = wire, life

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        method = request.url.path.rpartition("/")[2]
        self._life.point(f"before telegram.{method}")
        answer = self._wire.handle_request(request)
        self._life.point(f"after telegram.{method}")
        return answer


def _never(seconds: float, work: Callable[[], None]) -> Callable[[], object]:
    """Nobody is seen typing again in these tests: what keeps the sign up has tests of its own."""
    return lambda: None


class TelegramWorld(World):
    """A chat with the bot, the queue, and whoever works."""

    def __init__(self, chat: int = PRIVATE) -> None:
        super().__init__()
        self.chat = chat
        self.telegram = TelegramStandIn(self.clock)
        self.wire = TelegramWire(self.telegram)

    def asks(self, text: str) -> Message:
        """A person says something, and the chat is woken."""
        self.now += 1.0
        number = self.telegram.said(self.chat, PRIVATE, text).id
        room = f"telegram:{self.chat}"
        message = Message(
            id=f"{number:010}",
            chat=room,
            room=room,
            channel="telegram",
            sender=f"telegram:{PRIVATE}",
            text=text,
            sent=float(int(self.now)),
            received=self.now,
            platform={
                "chat": str(self.chat),
                "type": "private" if self.chat > 0 else "supergroup",
                "message": str(number),
            },
        )
        self.inbox.put(message)
        self.wakes.send(message.chat)
        return message

    def visible(self) -> list[str]:
        return [said["text"] for said in self.telegram.seen(self.chat)["messages"] if said["bot"]]

    def _channels(self, life: Life, records: Any) -> dict[str, Replies]:
        api = TelegramApi("http://telegram", lambda: TOKEN, TappedTelegram(self.wire, life))
        return {
            "telegram": TelegramReplies(api, records, self.clock, self.sleep, lambda work: work(), _never)
        }
