"""The whole Repartee of `crashing_desk_world`, with a customer on the web, whose pages are open."""

from __future__ import annotations

import json
from typing import Any

from repartee.channels.web.event_hub import EventHub
from repartee.channels.web.ids import live_log_id, message_ids, room_id
from repartee.channels.web.replies import WebReplySender
from repartee.domain.message import Message
from repartee.ports.channels import ReplySender
from tests.support.crashing_desk_world import CrashingDeskWorld
from tests.support.crashing_world import InterruptiblePort, WorkerLife
from tests.support.memory_web_stores import MemoryEvents

CONVERSATION = "main"


class CustomerPage:
    """A page of the customer's: what it shows of the conversation beside the replies."""

    def __init__(self, events: MemoryEvents, chat: str) -> None:
        self._events, self._log = events, live_log_id(chat)
        self.last = ""
        self._texts: dict[str, str] = {}
        self.writers: list[str] = []
        self.files: list[str] = []

    @property
    def texts(self) -> list[str]:
        """Returns the messages as they stand on the page, in order."""
        return list(self._texts.values())

    def look(self) -> None:
        """Asks for what is new, as the page does."""
        while events := self._events.read_page(self._log, self.last):
            for event in events:
                assert event.id > self.last
                self.last = event.id
                self._show_event(event.kind, event.text)

    def _show_event(self, kind: str, text: str) -> None:
        if kind == "message":
            message = json.loads(text)
            if message["id"] not in self._texts:
                self.writers.append(message["by"])
            self._texts[message["id"]] = message["text"]
        elif kind == "picture" and (name := json.loads(text)["name"]) not in self.files:
            self.files.append(name)


class CrashingWebWorld(CrashingDeskWorld):
    """A customer with pages, the queue, its workers, and the team. Each worker's clock may differ from ours
    by `skews`, taken in turn."""

    customer_room = room_id("ada")
    customer_chat = message_ids("ada", CONVERSATION, "").chat
    customer_channel = "web"

    def __init__(self, skews: tuple[float, ...] = (0.0,)) -> None:
        super().__init__()
        self.events = MemoryEvents(self.clock)
        self._skews, self._lives = skews, 0
        self._asked = 0

    def open_page(self) -> CustomerPage:
        """Opens another page of the customer's."""
        return CustomerPage(self.events, self.customer_chat)

    def ask_on_page(self, text: str) -> Message:
        """The customer says something on their page."""
        self.pass_time(1.0)
        self._asked += 1
        message = Message(
            id=f"{self._asked:032x}",
            chat=self.customer_chat,
            room=self.customer_room,
            channel="web",
            sender=self.customer_room,
            text=text,
            sent=self.now,
            received=self.now,
            platform={"conversation": CONVERSATION},
        )
        self.inbox.put(message)
        self.intake_wakes.send(message.chat, message_id=message.id)
        return message

    def _reply_senders(self, life: WorkerLife, records: Any) -> dict[str, ReplySender]:
        skew = self._skews[self._lives % len(self._skews)]
        self._lives += 1
        events: Any = InterruptiblePort(self.events, "events", life, self.broken)
        hub = EventHub(lambda: self.clock() + skew)
        web = WebReplySender(events, hub, self.clock, self.pass_time)
        return {**super()._reply_senders(life, records), "web": web}
