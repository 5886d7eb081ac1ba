"""The contract of `ports.Records`."""

from __future__ import annotations

import pytest

from repartee.conversation.control import Control
from repartee.ports import Records
from repartee.stores.dynamodb.records import DynamoRecords
from tests.support import aws

ROOM, CHAT, PERSON = "slack:T1:C1", "slack:T1:C1:5", "slack:T1:U1"


def test_nothing_is_ordered_for_an_unknown_place(records: Records) -> None:
    """Where nobody ordered anything, nothing is in the way."""
    assert records.control(ROOM, CHAT) == Control()
    assert records.standing(ROOM, CHAT, PERSON).profile == {}


def test_a_muted_room_mutes_its_chats(records: Records) -> None:
    """A mute of the room holds for every chat in it, until its time, and a chat's own beside it."""
    records.mute(ROOM, until=200.0, ordered=100.0)
    records.mute(CHAT, until=300.0, ordered=100.0)

    assert records.control(ROOM, "another").muted(199.0)
    assert not records.control(ROOM, "another").muted(200.0)
    assert records.control(ROOM, CHAT).muted(299.0)
    assert records.standing(ROOM, CHAT, PERSON).control == records.control(ROOM, CHAT)


def test_a_room_that_is_its_own_chat_is_asked_once(records: Records) -> None:
    """Outside threads the chat is the room, and both are one place."""
    records.mute(ROOM, until=200.0, ordered=100.0)

    assert records.control(ROOM, ROOM).muted(150.0)


def test_of_two_orders_the_later_given_stands(records: Records) -> None:
    """A mute that is delivered again after the unmute does not mute again."""
    records.mute(ROOM, until=200.0, ordered=100.0)
    records.mute(ROOM, until=0.0, ordered=110.0)

    records.mute(ROOM, until=200.0, ordered=100.0)

    assert not records.control(ROOM, CHAT).muted(150.0)


def test_the_latest_stop_stands(records: Records) -> None:
    """A stop says until when what was said is not answered, and an old one changes nothing."""
    records.stop(CHAT, at=110.0)
    records.stop(CHAT, at=100.0)

    assert records.control(ROOM, CHAT).stopped_at == 110.0


def test_mute_and_stop_do_not_touch_each_other(records: Records) -> None:
    """Each order is its own."""
    records.mute(CHAT, until=200.0, ordered=150.0)
    records.stop(CHAT, at=100.0)

    assert records.control(ROOM, CHAT) == Control(muted_until=200.0, stopped_at=100.0)


def test_the_first_decision_stands(records: Records) -> None:
    """Who decides first has decided, and a delivery that comes again is told so again."""
    assert records.decide("proposal-1", approved=True, by="U1", at=100.0)
    assert not records.decide("proposal-1", approved=False, by="U2", at=101.0)
    assert records.decide("proposal-1", approved=True, by="U1", at=100.0)
    assert records.decide("proposal-2", approved=False, by="U2", at=101.0)


@pytest.mark.parametrize("server", ["moto", "dynamodb_local"])
def test_what_expired_is_not_seen(server: str, request: pytest.FixtureRequest) -> None:
    """DynamoDB deletes what expired when it likes; until then nobody sees it."""
    dynamodb = aws.client("dynamodb", request.getfixturevalue(server))
    table = aws.make_table(dynamodb)
    DynamoRecords(dynamodb, table, lambda: 120.0).stop(CHAT, at=100.0)

    assert DynamoRecords(dynamodb, table, lambda: 120.0).control(ROOM, CHAT).stopped_at == 100.0
    assert DynamoRecords(dynamodb, table, lambda: 1e9).control(ROOM, CHAT) == Control()
