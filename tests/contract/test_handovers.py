"""The contract of `ports.Handovers`."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor

import pytest

from repartee.domain.control import Control
from repartee.domain.handover import Handover, TeamCard
from repartee.domain.message import Exchange, Person, TeamAction
from repartee.ports import Inbox, Records
from repartee.ports.handovers import Handovers, WaitingCustomer
from repartee.stores.dynamodb.handovers import DynamoHandovers
from repartee.stores.dynamodb.inbox import DynamoInbox
from repartee.stores.dynamodb.records import DynamoRecords
from tests.support import aws
from tests.support.memory_handovers import (
    ANA,
    BO,
    CUSTOMER_CHAT,
    MemoryHandovers,
    make_customer,
    make_request,
)
from tests.support.memory_stores import MemoryInbox, MemoryRecords

Stores = tuple[Handovers, Records, Inbox]


@pytest.fixture(params=["memory", "dynamodb_local"])
def stores(request: pytest.FixtureRequest) -> Stores:
    if request.param == "memory":
        memory, inbox = MemoryRecords(lambda: 1000.0), MemoryInbox()
        return MemoryHandovers(memory, inbox), memory, inbox
    dynamodb = aws.make_client("dynamodb", request.getfixturevalue(request.param))
    table, ids = aws.make_table(dynamodb), itertools.count(1)
    handovers = DynamoHandovers(dynamodb, table, lambda: 1000.0, lambda: f"h{next(ids)}")
    return handovers, DynamoRecords(dynamodb, table, lambda: 1000.0), DynamoInbox(dynamodb, table)


@pytest.fixture
def handovers(stores: Stores) -> Handovers:
    return stores[0]


def test_an_unknown_chat_is_the_assistant_s(handovers: Handovers) -> None:
    """Where no person was asked for, the assistant has the conversation."""
    assert handovers.read(CUSTOMER_CHAT) == Handover()
    assert not handovers.take(CUSTOMER_CHAT, ANA, 1000.0).applied
    assert not handovers.give_back(CUSTOMER_CHAT, ANA, 1000.0).applied
    assert list(handovers.list_active()) == []


def test_a_person_is_asked_for_once(handovers: Handovers) -> None:
    """What is known then is kept, and a second wish changes nothing while the first is open."""
    opened = handovers.open(make_request())

    again = handovers.open(make_request(reason="mood"))

    assert opened.applied
    assert not again.applied
    assert again.handover == opened.handover == handovers.read(CUSTOMER_CHAT)
    kept = opened.handover
    assert (kept.state, kept.reason, kept.opened_at, kept.due_at) == ("waiting", "asked", 1000.0, 1300.0)
    assert (kept.summary, kept.customer) == ("Eva's parcel is late.", make_customer())


def test_the_state_is_read_with_the_commands(stores: Stores) -> None:
    """A mute of the same place and the hand-over do not overwrite each other."""
    handovers, records, _ = stores
    records.mute(CUSTOMER_CHAT, until=2000.0, ordered_at=990.0)
    opened = handovers.open(make_request()).handover
    records.stop(CUSTOMER_CHAT, at=995.0)

    control = records.read_control(CUSTOMER_CHAT, CUSTOMER_CHAT)

    assert control.handover == opened
    assert (control.muted_until, control.stopped_at) == (2000.0, 995.0)
    assert records.read_control("whatsapp:100:1", "whatsapp:100:1") == Control()
    assert records.read_chat_state(CUSTOMER_CHAT, CUSTOMER_CHAT, "p").control.handover == opened


def test_of_two_who_take_one_has_it(handovers: Handovers) -> None:
    """The other is told who has it."""
    handovers.open(make_request())

    first = handovers.take(CUSTOMER_CHAT, ANA, 1010.0)
    second = handovers.take(CUSTOMER_CHAT, BO, 1011.0)

    assert first.applied
    assert not second.applied
    assert second.handover.member == ANA
    assert (second.handover.state, second.handover.taken_at) == ("person", 1010.0)


def test_of_many_who_take_at_the_same_moment_one_has_it(handovers: Handovers) -> None:
    """Whatever the order of their writes, all are told the same member."""
    handovers.open(make_request())
    members = [Person(f"slack:T1:U{number}", f"M{number}") for number in range(6)]

    with ThreadPoolExecutor(6) as pool:
        changes = list(pool.map(lambda one: handovers.take(CUSTOMER_CHAT, one, 1010.0), members))

    assert [change.applied for change in changes].count(True) == 1
    assert len({change.handover.member.id for change in changes}) == 1


def test_a_button_of_an_old_card_takes_nothing(handovers: Handovers) -> None:
    """A card is of one hand-over, and the next has another."""
    old = handovers.open(make_request()).handover
    handovers.resolve(CUSTOMER_CHAT, ANA, 1020.0)
    new = handovers.open(make_request(at=1030.0)).handover

    assert old.id != new.id
    assert not handovers.take(CUSTOMER_CHAT, BO, 1040.0, handover_id=old.id).applied
    assert not handovers.resolve(CUSTOMER_CHAT, BO, 1040.0, handover_id=old.id).applied
    assert handovers.take(CUSTOMER_CHAT, BO, 1040.0, handover_id=new.id).applied


def test_a_member_takes_what_the_assistant_has(handovers: Handovers) -> None:
    """Who answers without being asked has the conversation, in one step."""
    request = make_request(reason="team")

    taken = handovers.take(CUSTOMER_CHAT, ANA, 1000.0, request=request)
    again = handovers.take(CUSTOMER_CHAT, BO, 1001.0, request=request)

    assert taken.applied
    assert not again.applied
    assert (taken.handover.state, taken.handover.member, taken.handover.reason) == ("person", ANA, "team")
    assert again.handover.member == ANA


@pytest.mark.parametrize("state", ["assistant", "resolved"])
def test_it_ends_once(handovers: Handovers, state: str) -> None:
    """Given back or done, it may be opened again, and keeps since when the assistant had it."""
    handovers.open(make_request())
    handovers.take(CUSTOMER_CHAT, ANA, 1010.0)
    end = handovers.give_back if state == "assistant" else handovers.resolve

    first, second = end(CUSTOMER_CHAT, BO, 1020.0), end(CUSTOMER_CHAT, BO, 1021.0)

    assert first.applied
    assert not second.applied
    ended = second.handover
    assert (ended.state, ended.ended_at, ended.member) == (state, 1020.0, ANA)
    assert handovers.open(make_request(at=1030.0)).handover.ended_at == 1020.0


def test_what_waits_is_found_when_it_is_due(handovers: Handovers) -> None:
    """The longest due first, and nothing that a person has or that has ended."""
    for chat, due in (("c1", 1300.0), ("c2", 1200.0), ("c3", 1100.0), ("c4", 1400.0)):
        handovers.open(make_request(chat=chat, due_at=due))
    handovers.take("c3", ANA, 1010.0)

    assert list(handovers.list_due(1350.0)) == ["c2", "c1"]
    assert sorted(handovers.list_active()) == ["c1", "c2", "c3", "c4"]

    handovers.resolve("c2", ANA, 1020.0)
    handovers.note_reminder("c1", handovers.read("c1").id, 1600.0, 1300.0)
    assert list(handovers.list_due(1350.0)) == []
    assert sorted(handovers.list_active()) == ["c1", "c3", "c4"]


def test_a_reminder_counts_once(handovers: Handovers) -> None:
    """Noted again with the same time it is the same one; none is noted of what does not wait."""
    id = handovers.open(make_request()).handover.id

    assert handovers.note_reminder(CUSTOMER_CHAT, id, 1600.0, 1300.0).applied
    assert not handovers.note_reminder(CUSTOMER_CHAT, id, 1600.0, 1300.0).applied
    assert handovers.note_reminder(CUSTOMER_CHAT, id, 0.0, 1600.0).handover.reminders == 2

    handovers.take(CUSTOMER_CHAT, ANA, 1700.0)
    assert not handovers.note_reminder(CUSTOMER_CHAT, id, 1900.0, 1700.0).applied


def test_the_card_is_that_of_its_hand_over(handovers: Handovers) -> None:
    """A card of another one is not noted."""
    id = handovers.open(make_request()).handover.id
    card = TeamCard(room="slack:T1:C1", chat="slack:T1:C1:5.1", message_id="5.1")

    assert not handovers.save_card(CUSTOMER_CHAT, "another", card, 1001.0).applied
    assert handovers.save_card(CUSTOMER_CHAT, id, card, 1001.0).handover.card == card


def test_an_opinion_is_asked_for_and_given_once(handovers: Handovers) -> None:
    """Only of what has ended, and from 1 to 5."""
    id = handovers.open(make_request()).handover.id
    assert not handovers.rate(CUSTOMER_CHAT, id, 5, 1010.0).applied
    handovers.resolve(CUSTOMER_CHAT, ANA, 1020.0)

    assert handovers.note_rating_asked(CUSTOMER_CHAT, id, 1021.0).applied
    assert not handovers.note_rating_asked(CUSTOMER_CHAT, id, 1022.0).applied
    assert not handovers.rate(CUSTOMER_CHAT, id, 6, 1030.0).applied
    assert handovers.rate(CUSTOMER_CHAT, id, 4, 1030.0).applied
    assert not handovers.rate(CUSTOMER_CHAT, id, 1, 1031.0).applied
    assert handovers.read(CUSTOMER_CHAT).rating == 4


def test_the_template_is_noted_whoever_has_the_conversation(handovers: Handovers) -> None:
    """Before there is a hand-over too; the next one knows it, and the latest counts."""
    assert handovers.note_template_sent(CUSTOMER_CHAT, 900.0).applied
    assert handovers.read(CUSTOMER_CHAT).template_sent_at == 900.0
    assert handovers.read(CUSTOMER_CHAT).state == "assistant"
    assert list(handovers.list_active()) == []

    handovers.open(make_request())
    handovers.note_template_sent(CUSTOMER_CHAT, 800.0)

    assert handovers.read(CUSTOMER_CHAT).template_sent_at == 900.0
    assert handovers.read(CUSTOMER_CHAT).state == "waiting"


def test_a_record_has_a_bounded_size(handovers: Handovers) -> None:
    """Long texts are cut, and ids that are too long are left out."""
    customer = make_customer(
        person=Person("p", "n" * 500), address={f"k{n}": "v" * (400 if n else 9) for n in range(40)}
    )

    kept = handovers.open(make_request(summary="s" * 5000, customer=customer)).handover

    assert len(kept.summary) == 1000
    assert len(kept.customer.person.name) == 80
    assert kept.customer.address == {"k0": "v" * 9}


def test_each_change_waits_in_the_inbox_once(stores: Stores) -> None:
    """In the write of the change itself: what the chat's next turn shows is not lost."""
    handovers, _, inbox = stores
    handovers.open(make_request())
    for member in (ANA, BO):
        handovers.take(CUSTOMER_CHAT, member, 1010.0)
    handovers.give_back(CUSTOMER_CHAT, ANA, 1020.0)
    handovers.open(make_request(at=1030.0))
    handovers.resolve(CUSTOMER_CHAT, ANA, 1040.0)

    waiting = inbox.list_open(CUSTOMER_CHAT).messages

    events = [(one.kind, one.sender) for one in waiting if isinstance(one, TeamAction)]
    assert events == [
        ("opened", ""),
        ("taken", ANA.id),
        ("given_back", ANA.id),
        ("opened", ""),
        ("resolved", ANA.id),
    ]
    assert {one.room for one in waiting} == {CUSTOMER_CHAT}


def test_who_takes_the_lease_knows_who_has_the_chat(stores: Stores) -> None:
    """Without another call; and a worker that holds it already looks again."""
    handovers, _, inbox = stores
    before = inbox.acquire_lease(CUSTOMER_CHAT, "t1", 1000.0, 1020.0)
    handovers.open(make_request())
    exchange = Exchange(
        turn="t1",
        chat=CUSTOMER_CHAT,
        room=CUSTOMER_CHAT,
        assistant="desk",
        messages=(),
        reply="",
        answered_at=1001.0,
    )

    is_more = inbox.close_turn(before, exchange)

    assert not before.is_handed_over
    assert is_more
    during = inbox.acquire_lease(CUSTOMER_CHAT, "t2", 1002.0, 1022.0)
    assert during.is_handed_over
    inbox.release_lease(during)
    handovers.resolve(CUSTOMER_CHAT, ANA, 1003.0)
    assert not inbox.acquire_lease(CUSTOMER_CHAT, "t3", 1004.0, 1024.0).is_handed_over


def test_a_place_of_the_team_leads_to_its_customer(handovers: Handovers) -> None:
    """Any other place leads nowhere."""
    handovers.link("slack:T1:C1:5.1", CUSTOMER_CHAT, 1000.0)

    assert handovers.find_linked("slack:T1:C1:5.1") == CUSTOMER_CHAT
    assert handovers.find_linked("slack:T1:C1:5.2") == ""


def test_customers_who_wait_are_listed_since_when(handovers: Handovers) -> None:
    """Not those that a person has."""
    handovers.open(make_request(chat="c1", at=900.0, due_at=1300.0))
    handovers.open(make_request(chat="c2", due_at=1300.0))
    handovers.take("c2", ANA, 1010.0)

    assert list(handovers.list_waiting()) == [WaitingCustomer("c1", CUSTOMER_CHAT, 900.0)]
