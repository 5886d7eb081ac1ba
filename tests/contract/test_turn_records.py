"""The records of turns: written with the close, read newest first, and without a word or a person."""

from __future__ import annotations

from typing import Any

import pytest

from repartee.domain.feedback import Feedback
from repartee.domain.turn_record import StepRecord, TurnRecord
from repartee.stores.dynamodb.inbox import DynamoInbox
from repartee.stores.dynamodb.turn_records import DynamoTurnRecords
from tests.support import aws
from tests.support.inbox_builders import CHAT_ID, make_exchange, make_message

BEGAN = 1_790_000_000.0


@pytest.fixture(params=["moto", "dynamodb_local"])
def dynamodb(request: pytest.FixtureRequest) -> Any:
    return aws.make_client("dynamodb", request.getfixturevalue(request.param))


@pytest.fixture
def table(dynamodb: Any) -> str:
    return aws.make_table(dynamodb)


@pytest.fixture
def inbox(dynamodb: Any, table: str) -> DynamoInbox:
    return DynamoInbox(dynamodb, table)


@pytest.fixture
def records(dynamodb: Any, table: str) -> DynamoTurnRecords:
    return DynamoTurnRecords(dynamodb, table)


def close(inbox: DynamoInbox, turn: str, at: float) -> TurnRecord:
    """Closes a turn at that time, with its record."""
    record = TurnRecord(
        turn=turn,
        chat=CHAT_ID,
        channel="slack",
        assistant="office",
        mode="parallel",
        closed_at=at,
        steps=(StepRecord("chat_state", "ok", 0.0, 3.2, 1),),
    )
    message = make_message("where?", id=turn.removeprefix("turn-"))
    inbox.put(message)
    lease = inbox.acquire_lease(CHAT_ID, turn, at, at + 20, message_id=message.id)
    inbox.close_turn(lease, make_exchange(turn, message, at=at), turn_record=record)
    return record


def opinion(person: str, helpful: bool, at: float) -> Feedback:
    """A person's opinion of the first turn's reply."""
    return Feedback(chat=CHAT_ID, turn="turn-1", person=person, helpful=helpful, given_at=at)


def test_the_newest_comes_first(inbox: DynamoInbox, records: DynamoTurnRecords) -> None:
    """Over hours and shards, and only those of the time that is asked for."""
    kept = [close(inbox, f"turn-{number}", BEGAN + 1000.0 * number) for number in range(8)]

    assert list(records.list_newest(BEGAN + 6500, BEGAN + 1500)) == [*reversed(kept[2:7])]


def test_an_opinion_is_counted_in_the_record(inbox: DynamoInbox, records: DynamoTurnRecords) -> None:
    """Once a person, as the last one stands; who it was is not in the record."""
    close(inbox, "turn-1", BEGAN)
    for person, helpful, at in (("U1", True, 1.0), ("U1", False, 2.0), ("U2", True, 3.0)):
        inbox.save_feedback(opinion(f"slack:T1:{person}", helpful, BEGAN + at))

    (record,) = records.list_newest(BEGAN + 1, BEGAN)

    assert (record.helpful, record.not_helpful) == (1, 1)


def test_a_record_holds_no_word_and_no_person(inbox: DynamoInbox, dynamodb: Any, table: str) -> None:
    """Not even in its attributes."""
    close(inbox, "turn-1", BEGAN)
    inbox.save_feedback(opinion("slack:T1:U7", True, BEGAN + 1))

    items = dynamodb.scan(TableName=table)["Items"]
    (item,) = [one for one in items if one["pk"]["S"].startswith("turns#")]

    assert "where?" not in str(item)
    assert "U7" not in str(item)
