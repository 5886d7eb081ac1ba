"""The whole Repartee of `world`, in a chat of Telegram."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx2

from repartee.channels.telegram.api import TelegramApi
from repartee.channels.telegram.replies import TelegramReplySender
from repartee.domain.message import Message
from repartee.ports.channels import ReplySender
from standins.telegram.server import BOT_TOKEN, TelegramStandIn
from tests.support.crashing_world import CrashingWorld, WorkerLife
from tests.support.telegram_chat import PRIVATE_CHAT_ID, TelegramWire


class InterruptibleTelegram(httpx2.BaseTransport):
    """The way to Telegram: a call may be killed before it is sent, or after it was carried out."""

    def __init__(self, wire: TelegramWire, life: WorkerLife) -> None:
        self._wire, self._life = wire, life

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        method = request.url.path.rpartition("/")[2]
        self._life.pass_point(f"before telegram.{method}")
        answer = self._wire.handle_request(request)
        self._life.pass_point(f"after telegram.{method}")
        return answer


def never_schedule(seconds: float, work: Callable[[], None]) -> Callable[[], object]:
    """Nobody is seen typing again in these tests: what keeps the sign up has tests of its own."""
    return lambda: None


class CrashingTelegramWorld(CrashingWorld):
    """A chat with the bot, the queue, and the worker."""

    def __init__(self, chat: int = PRIVATE_CHAT_ID) -> None:
        super().__init__()
        self.chat = chat
        self.telegram = TelegramStandIn(self.clock)
        self.wire = TelegramWire(self.telegram)

    def ask_in_telegram(self, text: str) -> Message:
        """A person says something, and the chat is woken."""
        self.now += 1.0
        number = self.telegram.add_person_message(self.chat, PRIVATE_CHAT_ID, text).id
        room = f"telegram:{self.chat}"
        message = Message(
            id=f"{number:010}",
            chat=room,
            room=room,
            channel="telegram",
            sender=f"telegram:{PRIVATE_CHAT_ID}",
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
        self.intake_wakes.send(message.chat, message_id=message.id)
        return message

    def visible_texts(self) -> list[str]:
        return [said["text"] for said in self.telegram.visible_chat(self.chat)["messages"] if said["bot"]]

    def _reply_senders(self, life: WorkerLife, records: Any) -> dict[str, ReplySender]:
        api = TelegramApi("http://telegram", lambda: BOT_TOKEN, InterruptibleTelegram(self.wire, life))
        return {
            "telegram": TelegramReplySender(
                api, records, self.clock, self.pass_time, lambda work: work(), never_schedule
            )
        }
