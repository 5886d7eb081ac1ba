"""The whole Repartee of `crashing_world`, with a customer in WhatsApp and the team in a Slack channel."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from typing import Any

import msgspec

from repartee.channels.slack.api import SlackApi
from repartee.channels.slack.replies import SlackReplySender
from repartee.channels.slack.team import SlackTeamChannel
from repartee.channels.whatsapp.receiver import WhatsAppReceiver
from repartee.domain.handover import Customer, Handover, HandoverAction, HandoverPress, HandoverRequest
from repartee.domain.http import HttpRequest
from repartee.domain.message import Attachment, Message, Person
from repartee.errors import NotFound, Unavailable
from repartee.intake.handover_intake import HandoverIntake
from repartee.ports.channels import ReplySender
from repartee.ports.handovers import Team, TeamChannel
from repartee.privacy.identifiers import IdentifierHasher
from repartee.turn.handed_over import RelayFactory, RelayParts
from repartee.turn.relayed_files import FileRelay
from repartee.turn.reminders import HandoverReminders
from repartee.turn.team_help import TeamHelper
from repartee.turn.team_thread import TeamThreads
from standins.slack.posts import TEAM_ID
from standins.slack.server import BOT_TOKEN
from tests.support.crashing_whatsapp_world import ROOM_ID, CrashingWhatsAppWorld
from tests.support.crashing_world import (
    SILENT_LOGGER,
    InterruptiblePort,
    InterruptibleSlack,
    WorkerLife,
)
from tests.support.memory_handlers import PERSON_ID_KEY, read_payload
from tests.support.memory_handovers import ANA, MemoryHandovers
from tests.support.memory_teams import MemoryTeams

TEAM_CHANNEL, SECOND_CHANNEL = "C0TEAM", "C0SECOND"
TEAM_ROOMS = tuple(f"slack:{TEAM_ID}:{channel}" for channel in (TEAM_CHANNEL, SECOND_CHANNEL))


class CrashingDeskWorld(CrashingWhatsAppWorld):
    """A customer, the queue, its workers, and the team."""

    customer_chat, customer_room, customer_channel = ROOM_ID, ROOM_ID, "whatsapp"

    def __init__(self) -> None:
        super().__init__()
        self.handovers = MemoryHandovers(self.records, self.inbox)
        self.teams = MemoryTeams(Team(rooms=TEAM_ROOMS))
        self.files: dict[str, bytes] = {}
        self.transcripts: list[str] = []
        self.handover_metrics: list[tuple[str, int]] = []
        self.intake = HandoverIntake(self.handovers, self.teams, self.intake_wakes)
        self.numbers = itertools.count(1)

    @property
    def handover(self) -> Handover:
        return self.handovers.read(self.customer_chat)

    def open_handover(self, message: Message | None = None, **changes: Any) -> Handover:
        """The customer needs a person: the answer to the message may still say so."""
        customer = Customer(
            room=self.customer_room,
            channel=self.customer_channel,
            person=Person("whatsapp:eva", "Eva"),
            address=message.platform if message else {},
            wrote_at=self.now,
        )
        request = HandoverRequest(
            chat=self.customer_chat,
            customer=customer,
            reason="asked",
            at=self.now,
            summary="The parcel is late.",
            message_id=message.stored_id if message else "",
        )
        opened = self.handovers.open(msgspec.structs.replace(request, **changes)).handover
        self.intake_wakes.send(self.customer_chat)
        return opened

    def press(
        self, action: HandoverAction, member: Person = ANA, handover_id: str = "", place: str = ""
    ) -> None:
        """A member presses a button of the card, or of that at a `place`."""
        self.pass_time(1.0)
        card = self.handover.card
        press = HandoverPress(
            id=f"press-{next(self.numbers)}",
            action=action,
            handover_id=handover_id or self.handover.id,
            place=place or card.chat,
            member=member,
            at=self.now,
        )
        _, notice = self.intake.press(press)
        if notice:
            self._keep(notice)

    def write_as_member(self, text: str, member: Person = ANA, **more: Any) -> bool:
        """A member writes below the card. Returns whether it was for the customer."""
        self.pass_time(1.0)
        card = self.handover.card
        ts = self.slack.add_person_message(TEAM_CHANNEL, member.id, text, thread_ts=card.message_id).ts
        message = Message(
            id=ts,
            chat=card.chat,
            room=card.room,
            channel="slack",
            sender=member.id,
            sender_name=member.name,
            text=text,
            sent=float(ts),
            received=self.now,
            threaded=True,
            addressed=False,
            platform={"channel": TEAM_CHANNEL, "thread": card.message_id, "self": "", "user": "U1"},
        )
        actions = self.intake.redirect(msgspec.structs.replace(message, **more)) or ()
        for action in actions:
            self._keep(action)
        return bool(actions)

    def give_opinion(self, text: str) -> None:
        """The customer answers the question for an opinion."""
        message = self.ask_in_whatsapp(text)
        for kept in (self.inbox.open, self.inbox.messages):
            del kept[message.chat, message.id]
        for action in self.intake.redirect(message) or ():
            self._keep(action)

    def tell_read(self, mark: object) -> None:
        """WhatsApp's webhook tells that the customer has read a message that was sent with this mark."""
        self.pass_time(1.0)
        batch = json.loads(read_payload("whatsapp/status_read_of_member"))
        status = batch["entry"][0]["changes"][0]["value"]["statuses"][0]
        status["biz_opaque_callback_data"] = mark
        receiver = WhatsAppReceiver(
            lambda: ("s",), lambda: ("v",), lambda: False, lambda: "", IdentifierHasher(PERSON_ID_KEY)
        )
        body = json.dumps(batch).encode()
        arrived = receiver.parse(HttpRequest("POST", "/whatsapp/webhook", {}, body, self.now, "c1"))
        for receipt in arrived.receipts:
            self._keep(msgspec.structs.replace(receipt, chat=ROOM_ID, room=ROOM_ID))

    def sent_marks(self) -> list[Any]:
        """Returns the marks of the messages that were sent to the customer, None for one without."""
        sent = [one["arguments"] for one in self.whatsapp.posts if one["method"] == "send"]
        return [one.get("biz_opaque_callback_data") for one in sent]

    def reactions(self) -> dict[str, list[str]]:
        """Returns the assistant's reactions to what members wrote in the team's channel, by their texts."""
        messages = self.slack.visible_channel(TEAM_CHANNEL)["messages"]
        return {one["text"]: one["reactions"] for one in messages if not one["bot"]}

    def _keep(self, action: Any) -> None:
        self.inbox.put(action)
        self.intake_wakes.send(action.chat, message_id=action.id)

    def thread_texts(self, channel: str = TEAM_CHANNEL) -> list[str]:
        """Returns what the assistant wrote below its cards."""
        messages = self.slack.visible_channel(channel)["messages"]
        return [one["text"] for one in messages if one["bot"] and one["thread_ts"]]

    def cards(self, channel: str = TEAM_CHANNEL) -> list[dict[str, Any]]:
        """Returns the cards in a channel of the team."""
        messages = self.slack.visible_channel(channel)["messages"]
        return [one for one in messages if one["bot"] and not one["thread_ts"]]

    def fetch(self, message: Message, attachment: Attachment) -> bytes:
        """Downloads a file, as `ports.AttachmentDownloader`."""
        if attachment.id not in self.files:
            raise NotFound("files", "gone")
        return self.files[attachment.id]

    def _slack_api(self, life: WorkerLife) -> SlackApi:
        wire = InterruptibleSlack(self.slack, life, self.broken)
        return SlackApi("http://slack/api/", lambda: BOT_TOKEN, wire)

    def _reply_senders(self, life: WorkerLife, records: Any) -> dict[str, ReplySender]:
        slack = SlackReplySender(
            self._slack_api(life), records, self.clock, self.pass_time, lambda work: work()
        )
        return {**super()._reply_senders(life, records), "slack": slack}

    def _make_relays(
        self, life: WorkerLife, inbox: Any, senders: dict[str, ReplySender]
    ) -> RelayFactory | None:
        handovers = InterruptiblePort(self.handovers, "handovers", life, self.broken)
        threads = TeamThreads(
            handovers,  # type: ignore[arg-type]
            self.teams,
            self._team_channels(life),
            inbox,
            self.clock,
        )
        helper = TeamHelper(self, lambda message: tuple(self.said.values()), inbox)  # type: ignore[arg-type]
        parts = RelayParts(threads, FileRelay(self), helper, senders, self._count_handover)
        return RelayFactory(lambda: parts)

    def _note_template_sent(self, life: WorkerLife, chat: str, at: float) -> None:
        handovers = InterruptiblePort(self.handovers, "handovers", life, self.broken)
        handovers.note_template_sent(chat, at)

    def _team_channels(self, life: WorkerLife) -> Mapping[str, TeamChannel]:
        return {"slack": SlackTeamChannel(self._slack_api(life), self.clock, self.pass_time)}

    def _count_handover(self, name: str, number: int) -> None:
        self.handover_metrics.append((name, number))

    def write_text(self, instructions: str, text: str, max_tokens: int = 120) -> str:
        """Answers as the small model: with what it was asked, and the last line that it was given."""
        if "small model" in self.broken:
            raise Unavailable("model", "broken")
        self.transcripts.append(text)
        return f"Suggestion on <{text.splitlines()[-1]}>"

    def remind(self) -> int:
        """Does what the sweep does for customers who wait."""
        return HandoverReminders(
            self.handovers, self.teams, self.wakes, self.clock, SILENT_LOGGER, self.counts.__setitem__
        ).remind_due()
