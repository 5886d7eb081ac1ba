"""What happened in a turn becomes events for the receivers that want them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from repartee.domain.desk import DeskConfig, DeskWebhook
from repartee.domain.desk_event import DeskEvent
from repartee.domain.handover import Customer, Handover
from repartee.domain.message import Exchange, Incoming, Person, TeamAction
from repartee.outbox.collecting import EventCollector
from tests.support.desk_events import CHAT, NUMBER, WEBHOOK
from tests.support.inbox_builders import make_message
from tests.support.memory_desk import MemoryDesk
from tests.support.memory_stores import MemoryRecords

EVA = "whatsapp:100:34600"
HANDOVER = Handover(
    id="h1", state="person", reason="asked", customer=Customer(room=CHAT, person=Person(EVA, "Eva"))
)


def make_exchange(*messages: Incoming, reply: str = "", **changes: Any) -> Exchange:
    made = Exchange(
        turn="t1",
        chat=CHAT,
        room=CHAT,
        assistant="desk",
        messages=messages,
        reply=reply,
        answered_at=1005.0,
        reply_ids=("wamid.1",) if reply else (),
    )
    return msgspec.structs.replace(made, **changes)


def make_customer_message(text: str = "hi", **changes: Any) -> Incoming:
    made = make_message(text, chat=CHAT, room=CHAT, channel="whatsapp", **changes)
    return msgspec.structs.replace(made, sender=EVA)


def make_action(kind: str, id: str = "", **changes: Any) -> TeamAction:
    own = {"id": id or f"handover-h1-{kind}", "chat": CHAT, "room": CHAT, "channel": "whatsapp"}
    given = {"sender": "slack:T1:UANA", "sent": 1000.0, "received": 1000.0, "kind": kind}
    return msgspec.convert({**own, **given, **changes}, TeamAction)


def collect(exchange: Exchange, *webhooks: DeskWebhook, handover: Handover = HANDOVER) -> list[DeskEvent]:
    """Returns the events for the first receiver."""
    desk = MemoryDesk(MemoryRecords(lambda: 1000.0))
    desk.save_config(DeskConfig(number=NUMBER, name="Lumen", webhooks=webhooks or (WEBHOOK,)))
    batches = EventCollector(desk).collect(exchange, lambda: handover)
    return list(batches[0].events) if batches else []


def test_a_turn_of_the_assistant_has_what_was_said_by_both() -> None:
    """In order, by ids alone: no words are kept."""
    exchange = make_exchange(
        make_customer_message("where is it?", id="1"), make_customer_message("?", id="2"), reply="On its way."
    )

    found = collect(exchange)

    assert [(one.kind, one.message, one.customer, one.sent_by) for one in found] == [
        ("message.received", "1", EVA, ""),
        ("message.received", "2", EVA, ""),
        ("reply.sent", "wamid.1", EVA, "assistant"),
    ]
    assert len({one.id for one in found}) == 3
    assert collect(exchange) == found
    assert b"where" not in msgspec.json.encode(found)


def test_what_is_said_to_others_or_deleted_is_no_event() -> None:
    """Nor is a turn that stayed silent."""
    exchange = make_exchange(
        make_customer_message(id="1", overheard=True), make_customer_message("", id="2", is_deletion=True)
    )

    assert collect(exchange) == []


@pytest.mark.parametrize(
    "kind,event,fields",
    [
        ("opened", "escalated", {"reason": "asked", "handover": "h1", "customer": EVA}),
        ("taken", "taken", {"member": "slack:T1:UANA", "handover": "h1", "customer": EVA}),
        ("given_back", "resolved", {"outcome": "given_back", "member": "slack:T1:UANA"}),
        ("resolved", "resolved", {"outcome": "done", "reason": "asked"}),
    ],
)
def test_a_change_of_the_hand_over_is_an_event(kind: str, event: str, fields: dict[str, str]) -> None:
    """With who did it, and why a person was needed."""
    (found,) = collect(make_exchange(make_action(kind)))

    assert found.kind == event
    assert {name: getattr(found, name) for name in fields} == fields


def test_a_hand_over_that_another_followed_is_named() -> None:
    """More is not known of it by then, and nothing of the other one is told in its place."""
    (found,) = collect(
        make_exchange(make_action("opened")), handover=msgspec.structs.replace(HANDOVER, id="h2")
    )

    assert (found.handover, found.reason, found.customer) == ("h1", "", "")


@pytest.mark.parametrize("kind", ["message", "echo"])
def test_what_a_member_writes_is_a_reply(kind: str) -> None:
    """In the team's channel, or in the business's own app."""
    (found,) = collect(make_exchange(make_action(kind, id="team-1", text="It left.")))

    assert (found.kind, found.sent_by, found.member) == ("reply.sent", "member", "slack:T1:UANA")


def test_an_opinion_is_an_event() -> None:
    """With its score, and the hand-over that it is about."""
    (found,) = collect(make_exchange(make_action("rated", id="m9", text="4", sender=EVA)))

    assert (found.kind, found.score, found.handover, found.customer) == ("rated", 4, "h1", EVA)


@pytest.mark.parametrize("kind", ["request", "reminder", "refused"])
def test_what_stays_among_colleagues_is_no_event(kind: str) -> None:
    """No receiver learns of it."""
    assert collect(make_exchange(make_action(kind, text="secret"))) == []


def test_a_receiver_gets_only_what_it_wants() -> None:
    """And no batch where it wants nothing of a turn."""
    only = msgspec.structs.replace(WEBHOOK, events=("escalated",))

    assert collect(make_exchange(make_customer_message(id="1"), reply="ok"), only) == []
    assert [one.kind for one in collect(make_exchange(make_action("opened")), only)] == ["escalated"]


def test_other_assistants_and_desks_without_receivers_have_none() -> None:
    """And nothing is asked for them."""
    exchange = make_exchange(make_customer_message(id="1"), reply="ok")

    assert collect(msgspec.structs.replace(exchange, assistant="office")) == []
    desk = MemoryDesk(MemoryRecords(lambda: 1000.0))
    desk.save_config(DeskConfig(number=NUMBER, name="Lumen"))
    assert EventCollector(desk).collect(exchange, None) == ()
