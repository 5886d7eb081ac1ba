"""The customer of `crashing_desk_world`, with the team in a Telegram group that has topics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from repartee.channels.telegram.api import TelegramApi
from repartee.channels.telegram.ids import message_id
from repartee.channels.telegram.replies import TelegramReplySender
from repartee.channels.telegram.team import TelegramTeamChannel
from repartee.domain.message import Message, Person
from repartee.ports.channels import ReplySender
from repartee.ports.handovers import Team, TeamChannel
from standins.telegram.server import BOT_TOKEN, TelegramStandIn
from tests.support.crashing_desk_world import CrashingDeskWorld
from tests.support.crashing_telegram_world import InterruptibleTelegram, never_schedule
from tests.support.crashing_world import WorkerLife
from tests.support.memory_handovers import ANA
from tests.support.telegram_chat import GROUP_CHAT_ID, TelegramWire

TEAM_ROOM = f"telegram:{GROUP_CHAT_ID}"


class CrashingForumWorld(CrashingDeskWorld):
    """A customer in WhatsApp, and a team whose group has topics that the bot may manage, or may not."""

    def __init__(self, *, can_manage_topics: bool = True) -> None:
        super().__init__()
        self.telegram = TelegramStandIn(self.clock)
        self.telegram.forums[GROUP_CHAT_ID] = can_manage_topics
        self.telegram_wire = TelegramWire(self.telegram)
        self.teams.team = Team(rooms=(TEAM_ROOM,))

    def topics(self) -> list[dict[str, Any]]:
        """Returns the topics of the group."""
        return self.telegram.visible_topics(GROUP_CHAT_ID)

    def messages_in(self, topic: int) -> list[dict[str, Any]]:
        """Returns what the assistant wrote in a topic."""
        seen = self.telegram.visible_chat(GROUP_CHAT_ID)["messages"]
        return [one for one in seen if one["bot"] and one["topic"] == topic]

    def cards(self, channel: str = "") -> list[dict[str, Any]]:
        seen = self.telegram.visible_chat(GROUP_CHAT_ID)["messages"]
        return [one for one in seen if one["bot"] and "The parcel is late." in one["text"]]

    def write_in_topic(self, text: str, topic: int, member: Person = ANA, **more: Any) -> bool:
        """A member writes in a topic, in reply to nothing. Returns whether it was for the customer."""
        self.pass_time(1.0)
        number = self.telegram.add_person_message(GROUP_CHAT_ID, 7, text, topic=topic).id
        message = Message(
            id=message_id(number),
            chat=f"{TEAM_ROOM}:{topic}",
            room=TEAM_ROOM,
            channel="telegram",
            sender=member.id,
            sender_name=member.name,
            text=text,
            sent=self.now,
            received=self.now,
            threaded=True,
            addressed=False,
            overheard=True,
            platform={"chat": str(GROUP_CHAT_ID), "type": "supergroup", "message": str(number)},
        )
        actions = self.intake.redirect(msgspec.structs.replace(message, **more)) or ()
        for action in actions:
            self._keep(action)
        return bool(actions)

    def _team_channels(self, life: WorkerLife) -> Mapping[str, TeamChannel]:
        return {"telegram": TelegramTeamChannel(self._telegram_api(life), self.clock, self.pass_time)}

    def _reply_senders(self, life: WorkerLife, records: Any) -> dict[str, ReplySender]:
        telegram = TelegramReplySender(
            self._telegram_api(life), records, self.clock, self.pass_time, lambda work: work(), never_schedule
        )
        return {**super()._reply_senders(life, records), "telegram": telegram}

    def _telegram_api(self, life: WorkerLife) -> TelegramApi:
        wire = InterruptibleTelegram(self.telegram_wire, life)
        return TelegramApi("http://telegram", lambda: BOT_TOKEN, wire)
