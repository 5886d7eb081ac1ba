"""The whole Repartee of `world`, in a chat of WhatsApp."""

from __future__ import annotations

from typing import Any

import httpx2

from repartee.channels.whatsapp.api import WhatsAppApi
from repartee.channels.whatsapp.replies import WhatsAppReplySender
from repartee.domain.message import Message
from repartee.intake.debounce import wake_delay
from repartee.ports.channels import ReplySender
from repartee.wiring.platforms import WhatsAppPlatform
from standins.whatsapp.server import ACCESS_TOKEN, PHONE_NUMBER_ID, WhatsAppStandIn
from tests.support.crashing_world import SILENT_LOGGER, CrashingWorld, WorkerLife
from tests.support.whatsapp_chat import PERSON_ID, PHONE_NUMBER, WhatsAppWire

QUIET_SECONDS = {"whatsapp": WhatsAppPlatform.quiet_seconds}

ROOM_ID = f"whatsapp:{PHONE_NUMBER_ID}:{PERSON_ID}"


class InterruptibleWhatsApp(httpx2.BaseTransport):
    """The way to WhatsApp: a call may be killed before it is sent, or after it was carried out."""

    def __init__(self, wire: WhatsAppWire, life: WorkerLife) -> None:
        self._wire, self._life = wire, life

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        name = "type" if b"typing_indicator" in request.read() else request.url.path.rpartition("/")[2]
        self._life.pass_point(f"before whatsapp.{name}")
        answer = self._wire.handle_request(request)
        self._life.pass_point(f"after whatsapp.{name}")
        return answer


class CrashingWhatsAppWorld(CrashingWorld):
    """A chat with a person, the queue, and its workers."""

    def __init__(self) -> None:
        super().__init__()
        self.whatsapp = WhatsAppStandIn(self.clock)
        self.wire = WhatsAppWire(self.whatsapp)
        self.asked = 0
        self.template = ("", "")

    def ask_in_whatsapp(self, text: str, wait: float = 1.0) -> Message:
        """A person says something, and the chat is woken as the webhook wakes it."""
        self.pass_time(wait)
        self.asked += 1
        id = f"wamid.{self.asked}"
        self.whatsapp.add_person_message(id, PHONE_NUMBER, PERSON_ID, text)
        message = Message(
            id=f"{self.asked:032x}",
            chat=ROOM_ID,
            room=ROOM_ID,
            channel="whatsapp",
            sender=f"whatsapp:{PERSON_ID}",
            text=text,
            sent=self.now,
            received=self.now,
            platform={"number": PHONE_NUMBER_ID, "message": id, "to": PHONE_NUMBER},
        )
        self.inbox.put(message)
        self.intake_wakes.send(message.chat, wake_delay(message, QUIET_SECONDS))
        return message

    def visible_texts(self) -> list[str]:
        return [said["text"] for said in self.whatsapp.visible_chat(PERSON_ID)["messages"] if said["bot"]]

    def _reply_senders(self, life: WorkerLife, records: Any) -> dict[str, ReplySender]:
        api = WhatsAppApi(
            "https://graph.facebook.com/v25.0", lambda: ACCESS_TOKEN, InterruptibleWhatsApp(self.wire, life)
        )
        never = lambda seconds, work: lambda: None  # noqa: E731
        return {
            "whatsapp": WhatsAppReplySender(
                api, self.clock, self.pass_time, SILENT_LOGGER, self.template, schedule_after=never
            )
        }
