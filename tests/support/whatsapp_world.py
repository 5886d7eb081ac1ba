"""The whole Repartee of `world`, in a chat of WhatsApp."""

from __future__ import annotations

from typing import Any

import httpx2

from local.whatsapp_standin import NUMBER, TOKEN, WhatsAppStandIn
from repartee.channels.whatsapp.api import WhatsAppApi
from repartee.channels.whatsapp.deliver import WhatsAppReplies
from repartee.conversation.bursts import delay
from repartee.conversation.message import Message
from repartee.conversation.reply import Replies
from tests.support.whatsapp import PERSON, PHONE, WhatsAppWire
from tests.support.world import SILENT, Life, World

ROOM = f"whatsapp:{NUMBER}:{PERSON}"


class TappedWhatsApp(httpx2.BaseTransport):
    """The way to WhatsApp: a call may be killed before it is sent, or after it was carried out."""

    def __init__(self, wire: WhatsAppWire, life: Life) -> None:
        self._wire, self._life = wire, life

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        name = "type" if b"typing_indicator" in request.read() else request.url.path.rpartition("/")[2]
        self._life.point(f"before whatsapp.{name}")
        answer = self._wire.handle_request(request)
        self._life.point(f"after whatsapp.{name}")
        return answer


class WhatsAppWorld(World):
    """A chat with somebody, the queue, and whoever works."""

    def __init__(self) -> None:
        super().__init__()
        self.whatsapp = WhatsAppStandIn(self.clock)
        self.wire = WhatsAppWire(self.whatsapp)
        self.asked = 0

    def asks(self, text: str, wait: float = 1.0) -> Message:
        """A person says something, and the chat is woken as the webhook wakes it."""
        self.sleep(wait)
        self.asked += 1
        id = f"wamid.{self.asked}"
        self.whatsapp.said(id, PHONE, PERSON, text)
        message = Message(
            id=f"{self.asked:032x}",
            chat=ROOM,
            room=ROOM,
            channel="whatsapp",
            sender=f"whatsapp:{PERSON}",
            text=text,
            sent=self.now,
            received=self.now,
            platform={"number": NUMBER, "message": id, "to": PHONE},
        )
        self.inbox.put(message)
        self.wakes.send(message.chat, delay(message))
        return message

    def visible(self) -> list[str]:
        return [said["text"] for said in self.whatsapp.seen(PERSON)["messages"] if said["bot"]]

    def _channels(self, life: Life, records: Any) -> dict[str, Replies]:
        api = WhatsAppApi("https://graph.facebook.com/v25.0", lambda: TOKEN, TappedWhatsApp(self.wire, life))
        never = lambda seconds, work: lambda: None  # noqa: E731
        return {"whatsapp": WhatsAppReplies(api, self.clock, self.sleep, SILENT, after=never)}
