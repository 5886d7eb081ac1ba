"""A person's chat in which reminders are ordered, and what says them at their time."""

from __future__ import annotations

import io
from typing import Any

import msgspec
from aws_lambda_powertools import Logger

from repartee.briefs.notice import ParsedNotice
from repartee.briefs.orders import make_address
from repartee.briefs.reminder_orders import ReminderOrders
from repartee.briefs.reminding import ReminderArmer, ReminderTeller
from repartee.briefs.saying import ChatSpeaker
from repartee.channels.slack.room_access import SlackRoomAccess
from repartee.domain.reminder import Reminder, ReminderWake
from repartee.ports.metrics import MetricsLine
from tests.support.brief_world import WORLD_NUMBERS
from tests.support.brief_writing_world import BriefWritingWorld
from tests.support.inbox_builders import make_message
from tests.support.memory_briefs import ADA, MemoryReminders

PROFILE = {"timezone": "Europe/Lisbon"}
DIRECT = "slack:T1:D1"
ORDER = ParsedNotice(act="remind", text="call the landlord", period="once", date="2026-09-11", time="09:00")


class ReminderWorld(BriefWritingWorld):
    """A person's chat, in which they order reminders, and the teller."""

    def __init__(self) -> None:
        super().__init__()
        self.reminders = MemoryReminders()
        self.lines: list[MetricsLine] = []
        self.ids = iter(f"r{number}" for number in range(100))
        self.book = ReminderOrders(
            lambda: self.reminders,
            lambda: self.reminders,
            lambda: SlackRoomAccess(self),  # type: ignore[arg-type]
            lambda: self.store,
            lambda: self.now,
        )
        speaker = ChatSpeaker(self.runs, dict.fromkeys(("slack", "whatsapp"), self), lambda: self.now)  # type: ignore[arg-type]
        self.teller = ReminderTeller(
            self.reminders,
            self.runs,
            self.store,
            speaker,
            self.reminders,
            lambda: self.now,
            Logger(service=f"reminders-{next(WORLD_NUMBERS)}", stream=io.StringIO()),
            self.lines.append,
        )

    def order(self, notice: ParsedNotice, room: str = DIRECT, profile: dict[str, str] = PROFILE) -> str:
        made = make_message("remind me", id=next(self.ids), chat=room, sent=self.now)
        place = {"channel": room.rpartition(":")[2], "thread": "1.2"}
        message = msgspec.structs.replace(made, room=room, sender=ADA, language="de", platform=place)
        return self.book.carry_out(notice, message, profile, make_address(message))

    def call_form(self, method: str, **arguments: Any) -> dict[str, Any]:
        """Slack's own answer: Ada is in one channel."""
        assert method == "users.conversations"
        return {"channels": [{"id": "CLISBON", "name": "lisbon"}]}

    def arm(self) -> tuple[int, int]:
        return ReminderArmer(self.reminders, self.reminders, self.pool, lambda: self.now).arm_due()

    def say(self, wake: ReminderWake) -> list[str]:
        return self.teller.say_all({"m1": wake}, self.now + 60)

    @property
    def only(self) -> Reminder:
        (found,) = self.reminders.list_reminders(ADA)
        return found

    @property
    def wake(self) -> ReminderWake:
        return ReminderWake(ADA, self.only.id, self.only.due_at)
