"""Updates from a topic of the team's group: what members press and write there is about its customer."""

from __future__ import annotations

import msgspec
import pytest

from repartee.channels.telegram.receiver import TelegramReceiver
from repartee.domain.handover import HandoverRequest
from repartee.domain.http import HttpRequest
from repartee.domain.message import Message
from repartee.intake.handover_intake import HandoverIntake
from repartee.ports.channels import ParsedRequest
from repartee.ports.handovers import Team
from tests.support.memory_handlers import NOW_SECONDS, read_payload
from tests.support.memory_handovers import CUSTOMER_CHAT, MemoryHandovers, make_customer
from tests.support.memory_stores import MemoryRecords, MemoryWakes
from tests.support.memory_teams import MemoryTeams

PRESSED_TOPIC, WRITTEN_TOPIC = "telegram:-1001234567890:1041", "telegram:-1009876543210:300"


@pytest.fixture
def handovers() -> MemoryHandovers:
    """A customer who waits, and who has a topic."""
    handovers = MemoryHandovers(MemoryRecords(lambda: NOW_SECONDS))
    request = HandoverRequest(chat=CUSTOMER_CHAT, customer=make_customer(), reason="asked", at=NOW_SECONDS)
    handovers.open(request)
    for topic in (PRESSED_TOPIC, WRITTEN_TOPIC):
        handovers.link(topic, CUSTOMER_CHAT, NOW_SECONDS)
    return handovers


def make_intake(handovers: MemoryHandovers) -> HandoverIntake:
    return HandoverIntake(handovers, MemoryTeams(Team(rooms=())), MemoryWakes(lambda: NOW_SECONDS))


def parse(name: str) -> ParsedRequest:
    """Returns what the receiver makes of an update."""
    receiver = TelegramReceiver(lambda: ("s",), lambda: False, lambda: "7001:token", "repartee_bot")
    return receiver.parse(HttpRequest("POST", "", {}, read_payload(name), NOW_SECONDS, correlation="c1"))


def test_take_in_a_topic_takes_its_customer(handovers: MemoryHandovers) -> None:
    """A press below the card in a topic takes the conversation that the topic is about."""
    (press,) = parse("telegram/topic_take").handover_presses

    make_intake(handovers).press(press)

    found = handovers.read(CUSTOMER_CHAT)
    assert (found.state, found.member.name) == ("person", "Ada Lovelace")


@pytest.mark.parametrize("mentioned", [True, False])
def test_words_in_a_topic_go_to_its_customer(handovers: MemoryHandovers, mentioned: bool) -> None:
    """A message in a topic that replies to nothing is for the customer, and takes the conversation."""
    (message,) = parse("telegram/topic_message").messages
    assert isinstance(message, Message)
    assert message.reply_to == ""
    if not mentioned:
        message = msgspec.structs.replace(message, mentioned=False, addressed=False, overheard=True)

    (action,) = make_intake(handovers).redirect(message) or ()

    assert (action.chat, action.kind) == (CUSTOMER_CHAT, "message")
    assert "desks are free" in action.text
    assert handovers.read(CUSTOMER_CHAT).state == "person"
