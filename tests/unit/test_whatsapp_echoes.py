"""Messages that a member sends in the WhatsApp Business app, on the number that is answered here."""

from __future__ import annotations

from typing import cast

from repartee.channels.whatsapp.receiver import WhatsAppReceiver
from repartee.domain.http import HttpRequest
from repartee.domain.message import Message
from repartee.intake.handover_intake import HandoverIntake
from repartee.ports.channels import ParsedRequest
from repartee.privacy.identifiers import IdentifierHasher
from tests.support.memory_handlers import PERSON_ID_KEY, read_payload
from tests.support.memory_handovers import MemoryHandovers
from tests.support.memory_stores import MemoryRecords, MemoryWakes
from tests.support.memory_teams import MemoryTeams

RECEIVED = 1_789_000_101.0


def parse(name: str) -> ParsedRequest:
    receiver = WhatsAppReceiver(
        lambda: ("s",), lambda: ("v",), lambda: False, lambda: "", IdentifierHasher(PERSON_ID_KEY)
    )
    body = read_payload(f"whatsapp/{name}")
    return receiver.parse(HttpRequest("POST", "/whatsapp/webhook", {}, body, RECEIVED, "c1"))


def test_who_answers_in_the_app_has_the_conversation() -> None:
    """It is the chat in which the customer writes, the words are kept once with their author, and nothing is
    sent again."""
    clock = lambda: RECEIVED  # noqa: E731
    handovers = MemoryHandovers(MemoryRecords(clock))
    intake = HandoverIntake(handovers, MemoryTeams(), MemoryWakes(clock))
    asked = cast("Message", parse("text").messages[0])
    (echo,) = parse("app_message_echo").echoes

    action = intake.take_echo(echo)

    assert action.chat == asked.chat
    assert (action.kind, action.text) == ("echo", "I am on it, you will have it by five.")
    assert action.to_stored().sender_name == "WhatsApp Business"
    taken = handovers.read(asked.chat)
    assert (taken.state, taken.reason, taken.member.name) == ("person", "team", "WhatsApp Business")
    assert intake.take_echo(echo) == action
    assert handovers.read(asked.chat) == taken
