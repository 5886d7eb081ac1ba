"""What hundreds of replies at once cost the records, in the units that DynamoDB itself counts."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from repartee.domain.reply import ActiveMessage
from repartee.errors import Unavailable
from repartee.stores.dynamodb.active_messages import MAX_AGE_SECONDS, MAX_SHARDS
from repartee.stores.dynamodb.records import DynamoRecords
from tests.support import aws

REPLIES = 500
WRITE_UNITS, READ_UNITS = 1000.0, 3000.0
"""What one partition takes in a second."""


class CountingClient:
    """DynamoDB's client, which counts by partition key what its calls take."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.written: Counter[str] = Counter()
        self.read: Counter[str] = Counter()

    def update_item(self, **call: Any) -> Any:
        answer = self._client.update_item(**call, ReturnConsumedCapacity="TOTAL")
        self.written[call["Key"]["pk"]["S"]] += answer["ConsumedCapacity"]["CapacityUnits"]
        return answer

    def batch_get_item(self, **call: Any) -> Any:
        (request,) = call["RequestItems"].values()
        answer = self._client.batch_get_item(**call, ReturnConsumedCapacity="TOTAL")
        (consumed,) = answer["ConsumedCapacity"]
        for key in request["Keys"]:
            self.read[key["pk"]["S"]] += consumed["CapacityUnits"] / len(request["Keys"])
        return answer


def test_500_replies_at_once_in_telegram(dynamodb_local: str) -> None:
    """Each says three times that it is there, and looks every second, in processes of their own: the busiest
    partition takes less than half of its units, even were all of the writes within one second."""
    dynamodb = aws.make_client("dynamodb", dynamodb_local)
    counting = CountingClient(dynamodb)
    table, now = aws.make_table(dynamodb), 1_000.0
    processes = [DynamoRecords(counting, table, lambda: now) for _ in range(REPLIES)]  # type: ignore[arg-type]

    for write in range(3):
        for number, records in enumerate(processes):
            records.publish_active("telegram", growing(number, now, write))
    now += MAX_AGE_SECONDS
    estimates = [
        records.read_control(f"telegram:{number}", f"telegram:{number}").active_messages.active_count("", now)
        for number, records in enumerate(processes)
    ]

    assert max(counting.written.values()) < WRITE_UNITS / 2
    assert max(counting.read.values()) < READ_UNITS / 2
    assert REPLIES / 2 < sum(estimates) / REPLIES < REPLIES * 2


def test_500_turns_that_meet_an_outage_at_once_in_telegram(dynamodb_local: str) -> None:
    """Each notes its failure, and all come back and look: the busiest partition takes less than half of its
    units, even were all of that within one second."""
    dynamodb = aws.make_client("dynamodb", dynamodb_local)
    counting = CountingClient(dynamodb)
    table, now = aws.make_table(dynamodb), 1_000.0
    processes = [DynamoRecords(counting, table, lambda: now) for _ in range(REPLIES)]  # type: ignore[arg-type]

    for number, records in enumerate(processes):
        records.publish_active("telegram", growing(number, now, 0))
        records.report_failure("openai", f"telegram:{number}", 0.0)
    now += MAX_AGE_SECONDS
    known = [
        records.read_control(f"telegram:{number}", f"telegram:{number}").active_messages.failing_backends
        for number, records in enumerate(processes)
    ]

    assert max(counting.written.values()) < WRITE_UNITS / 2
    assert max(counting.read.values()) < READ_UNITS / 2
    assert all(one["openai"].is_down(now) for one in known)


def growing(number: int, now: float, write: int) -> ActiveMessage:
    return ActiveMessage(key=f"{number:016x}", kind=str(number), started_at=0.0, ends_at=now + 60.0 + write)


def test_chats_of_one_group_share_a_shard(dynamodb_local: str) -> None:
    """Its topics have one limit together, which is counted exactly."""
    dynamodb = aws.make_client("dynamodb", dynamodb_local)
    records = DynamoRecords(dynamodb, aws.make_table(dynamodb), lambda: 1_000.0)
    for number in range(5):
        records.publish_active(
            "telegram",
            ActiveMessage(key=f"t{number}", kind="-100", started_at=0.0, ends_at=1_060.0),
        )

    crowd = records.read_control("telegram:-100", "telegram:-100:7").active_messages

    assert crowd.active_count("-100", 1_000.0) == 5
    assert crowd.shards == MAX_SHARDS


def test_without_the_shared_item_there_is_an_answer(
    dynamodb_local: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is not known costs pace: who is muted is known all the same."""
    dynamodb = aws.make_client("dynamodb", dynamodb_local)
    counting = CountingClient(dynamodb)
    records = DynamoRecords(counting, aws.make_table(dynamodb), lambda: 1_000.0)  # type: ignore[arg-type]
    records.mute("telegram:1", 5_000.0, 900.0)

    batch_get_item = counting.batch_get_item

    def throttled(**call: Any) -> Any:
        if "#crowd#" in str(call):
            raise Unavailable("dynamodb", "as ordered")
        return batch_get_item(**call)

    monkeypatch.setattr(counting, "batch_get_item", throttled)
    control = records.read_control("telegram:1", "telegram:1")

    assert control.muted_until == 5_000.0
    assert control.active_messages.messages == ()
