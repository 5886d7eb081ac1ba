"""Sums of turns, conversations and the audit log, on the real stores: counted once, read as they were."""

from __future__ import annotations

from typing import Any

import pytest

from repartee.domain.turn_record import TurnRecord
from repartee.ports.operations import AuditEntry, OperatorNote
from repartee.stores.dynamodb import conversations as conversations_module
from repartee.stores.dynamodb.audit_log import DynamoAuditLog
from repartee.stores.dynamodb.conversations import DynamoConversations
from repartee.stores.dynamodb.handovers import DynamoHandovers
from repartee.stores.dynamodb.inbox import DynamoInbox
from repartee.stores.dynamodb.operator_notes import DynamoOperatorNotes
from repartee.stores.dynamodb.records import DynamoRecords
from repartee.stores.dynamodb.turn_records import DynamoTurnRecords, turn_record_item
from repartee.stores.dynamodb.turn_statistics import DynamoTurnStatistics
from repartee.turn.rollup import HOUR_SECONDS, SETTLE_SECONDS, TurnRollup
from tests.support import aws
from tests.support.inbox_builders import CHAT_ID, make_exchange, make_message
from tests.support.memory_handovers import CUSTOMER_CHAT, make_request

BEGAN = 1_790_000_000.0 - 1_790_000_000.0 % HOUR_SECONDS


class QuietLogger:
    def warning(self, msg: object, **fields: Any) -> None:
        raise AssertionError((msg, fields))

    info = error = warning

    def set_correlation_id(self, value: str) -> None:
        raise AssertionError(value)


@pytest.fixture(params=["moto", "dynamodb_local"])
def dynamodb(request: pytest.FixtureRequest) -> Any:
    return aws.make_client("dynamodb", request.getfixturevalue(request.param))


@pytest.fixture
def table(dynamodb: Any) -> str:
    return aws.make_table(dynamodb)


def put_record(dynamodb: Any, table: str, turn: str, at: float, chat: str = CHAT_ID) -> None:
    record = TurnRecord(
        turn=turn,
        chat=chat,
        channel="slack",
        assistant="office",
        mode="parallel",
        received_at=at - 2,
        first_text_at=at - 1,
        closed_at=at,
    )
    dynamodb.put_item(TableName=table, Item=turn_record_item(record, 14))


def test_each_turn_is_counted_once(dynamodb: Any, table: str) -> None:
    """Over the minutes and over the hour's turn; what is not settled yet is counted a minute later."""
    now = [BEGAN + 3590.0]
    statistics = DynamoTurnStatistics(dynamodb, table)
    rollup = TurnRollup(DynamoTurnRecords(dynamodb, table), statistics, lambda: now[0], QuietLogger())
    for number in range(4):
        put_record(dynamodb, table, f"t{number}", BEGAN + 3500 + 20 * number)
    assert rollup.count_new_turns() == 3
    assert rollup.count_new_turns() == 0
    put_record(dynamodb, table, "t9", BEGAN + 3610, chat="slack:T2:C9")
    now[0] = BEGAN + 3610 + SETTLE_SECONDS + 1
    assert rollup.count_new_turns() == 2

    first, second = statistics.list_rollups(BEGAN, BEGAN + 2 * HOUR_SECONDS - 1)
    assert (first.turns, second.turns) == (4, 1)
    assert [one.chat for one in statistics.list_chats(first.hour)] == [CHAT_ID]
    assert len(statistics.list_workspaces(BEGAN, BEGAN + HOUR_SECONDS)) == 2


def test_a_count_that_did_not_end_is_made_anew(dynamodb: Any, table: str) -> None:
    """The process died after it had written the hour and before it noted so: nothing is counted twice."""
    now = [BEGAN + 100.0]
    statistics = DynamoTurnStatistics(dynamodb, table)
    records = DynamoTurnRecords(dynamodb, table)
    rollup = TurnRollup(records, statistics, lambda: now[0], QuietLogger())
    put_record(dynamodb, table, "t1", BEGAN + 10)
    rollup.count_new_turns()
    put_record(dynamodb, table, "t2", BEGAN + 75)
    now[0] = BEGAN + 160.0
    watermark = statistics.read_watermark()
    rollup.count_new_turns()
    key = {"pk": {"S": "rollup"}, "sk": {"S": "watermark"}}
    dynamodb.put_item(TableName=table, Item={**key, "until": {"N": repr(watermark)}})
    now[0] = BEGAN + 200.0
    rollup.count_new_turns()

    (found,) = statistics.list_rollups(BEGAN, BEGAN + 10)
    assert found.turns == 2


def test_a_conversation_as_it_was(dynamodb: Any, table: str) -> None:
    """The exchanges in their order with the records of their turns, and the message that waits."""
    inbox = DynamoInbox(dynamodb, table)
    for number in (1, 2):
        message = make_message(f"question {number}", id=str(number))
        inbox.put(message)
        lease = inbox.acquire_lease(CHAT_ID, f"turn-{number}", BEGAN, BEGAN + 20, message_id=message.id)
        record = TurnRecord(
            turn=f"turn-{number}",
            chat=CHAT_ID,
            channel="slack",
            assistant="office",
            mode="parallel",
            closed_at=BEGAN + number,
        )
        inbox.close_turn(
            lease, make_exchange(f"turn-{number}", message, at=BEGAN + number), turn_record=record
        )
    inbox.put(make_message("and now?", id="3"))

    conversations = DynamoConversations(dynamodb, table, lambda: BEGAN + 10)
    read = conversations.read_conversation(CHAT_ID)
    assert [one.turn for one in read.exchanges] == ["turn-1", "turn-2"]
    assert set(read.turns) == {"turn-1", "turn-2"}
    assert [one.id for one in read.waiting] == ["3"]
    assert read.is_whole
    assert (
        not DynamoConversations(dynamodb, table, lambda: BEGAN + 10)
        .read_conversation("slack:T:nowhere")
        .exchanges
    )


def test_of_a_long_conversation_the_newest_is_shown(
    dynamodb: Any, table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Turns have ids of chance, so that the first of them by their keys are any."""
    monkeypatch.setattr(conversations_module, "MAX_EXCHANGES", 2)
    inbox = DynamoInbox(dynamodb, table)
    for number, turn in enumerate(("d", "a", "c", "b")):
        message = make_message(f"question {number}", id=str(number))
        inbox.put(message)
        lease = inbox.acquire_lease(CHAT_ID, turn, BEGAN, BEGAN + 20, message_id=message.id)
        inbox.close_turn(lease, make_exchange(turn, message, at=BEGAN + number))

    read = DynamoConversations(dynamodb, table, lambda: BEGAN + 10).read_conversation(CHAT_ID)

    assert [one.turn for one in read.exchanges] == ["c", "b"]
    assert not read.is_whole


def test_the_conditions_of_chats_are_read_together(dynamodb: Any, table: str) -> None:
    """The mute of a room counts for its threads, each chat has its own hand-over, and a chat of which nothing
    is known has none; the chats that wait for an answer are listed once."""
    records = DynamoRecords(dynamodb, table, lambda: BEGAN)
    records.mute("slack:T:C7", BEGAN + 100, BEGAN)
    handovers = DynamoHandovers(dynamodb, table, lambda: BEGAN, lambda: "h1")
    handovers.open(make_request(at=BEGAN))
    for id in ("71", "72"):
        DynamoInbox(dynamodb, table).put(make_message(id=id, chat="slack:T:C7:1", room="slack:T:C7"))

    conversations = DynamoConversations(dynamodb, table, lambda: BEGAN + 10)
    found = conversations.read_conditions(["slack:T:C7:1", CUSTOMER_CHAT, "web:nobody:main"])
    assert [found[chat].muted_until for chat in found] == [BEGAN + 100, 0.0, 0.0]
    assert [found[chat].handover.state for chat in found] == ["assistant", "waiting", "assistant"]
    assert list(conversations.list_open(100)).count("slack:T:C7:1") == 1
    assert len(conversations.list_open(1)) == 1


def test_notes_are_kept_in_order_and_for_a_while(dynamodb: Any, table: str) -> None:
    """The newest are read, the oldest of them first; none after as long as a message is kept."""
    now, ids = [BEGAN], iter("abcd")
    notes = DynamoOperatorNotes(dynamodb, table, lambda: now[0], ids.__next__)
    for number in range(3):
        notes.append("slack:T:C8", OperatorNote(at=BEGAN + number, author="Ada", text=str(number)))
    assert [one.text for one in notes.list_newest("slack:T:C8", 2)] == ["1", "2"]
    assert not notes.list_newest("slack:T:C9", 2)
    now[0] += 31 * 86_400
    assert not notes.list_newest("slack:T:C8", 2)


def test_the_audit_log_is_read_newest_first(dynamodb: Any, table: str) -> None:
    """Over the end of a month too."""
    log = DynamoAuditLog(dynamodb, table, iter("abc").__next__)
    for days in (0, 20, 40):
        log.append(AuditEntry(at=BEGAN + 86_400 * days, operator="ada", action="mute", target=str(days)))
    assert [one.target for one in log.list_newest(BEGAN + 86_400 * 50, 2)] == ["40", "20"]
