"""Messages that a member sends in the WhatsApp Business app, and receipts of those from the team's thread."""

from __future__ import annotations

from typing import cast

from repartee.channels.whatsapp.receiver import WhatsAppReceiver
from repartee.domain.http import HttpRequest
from repartee.domain.message import Message
from repartee.domain.read_marks import make_member_message_id
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


def test_a_receipt_of_a_members_message_is_kept_in_the_customers_chat() -> None:
    """Under one id however often it is told; receipts of other messages leave nothing."""
    asked = cast("Message", parse("text").messages[0])

    receipts = [one for _ in range(2) for one in parse("status_read_of_member").receipts]

    assert receipts[0] == receipts[1]
    assert (receipts[0].chat, receipts[0].kind) == (asked.chat, "read")
    assert receipts[0].text == make_member_message_id("slack:T0BUTLER:C0TEAM", "1789000000.000100")
    for other in ("status_read", "status_delivered", "status_sent"):
        assert parse(other).receipts == []
