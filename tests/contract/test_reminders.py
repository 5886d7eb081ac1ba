"""The contracts of `ports.ReminderStore` and `ports.ReminderQueue`."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from repartee.aws.brief_queue import SqsReminderQueue
from repartee.domain.brief import shard_of
from repartee.domain.reminder import Reminder, ReminderWake
from repartee.domain.schedule import Schedule
from repartee.ports.reminders import ReminderStore
from repartee.stores.dynamodb.reminders import DynamoReminders
from tests.support import aws
from tests.support.memory_briefs import ADA, BEN, MemoryReminders, make_subscription

NOW = 1_789_000_000.0


@pytest.fixture(params=["memory", "moto", "dynamodb_local"])
def reminders(request: pytest.FixtureRequest) -> ReminderStore:
    if request.param == "memory":
        return MemoryReminders()
    dynamodb = aws.make_client("dynamodb", request.getfixturevalue(request.param))
    return DynamoReminders(dynamodb, aws.make_table(dynamodb))


def make_reminder(id: str = "r1", due_at: float = NOW, **changes: Any) -> Reminder:
    given: dict[str, Any] = {"person": ADA, "schedule": Schedule(), "timezone": "UTC", **changes}
    address = make_subscription().address
    return Reminder(id=id, due_at=due_at, address=address, text="call", created_at=1.0, **given)


def test_reminders_are_kept_and_deleted(reminders: ReminderStore) -> None:
    """The next one comes first; one that is put again replaces its former; others' are not theirs."""
    late, early = make_reminder("late", NOW + 9), make_reminder("early")
    for one in (late, early, make_reminder(person=BEN)):
        reminders.put_reminder(one)
    changed = msgspec.structs.replace(late, text="write", due_at=NOW - 9)
    reminders.put_reminder(changed)

    assert list(reminders.list_reminders(ADA)) == [changed, early]
    assert reminders.find_reminder(ADA, "late") == changed
    assert [reminders.delete_reminder(ADA, "late") for _ in range(2)] == [True, False]
    assert reminders.find_reminder(ADA, "late") is None
    assert reminders.find_reminder(BEN, "early") is None


def test_those_that_are_due_are_found(reminders: ReminderStore) -> None:
    """In their shard, up to the time that is asked for."""
    for number in range(3):
        reminders.put_reminder(make_reminder(f"r{number}", NOW + number))

    assert [one.id for one in reminders.list_due(shard_of(ADA), NOW + 1)] == ["r0", "r1"]
    assert reminders.list_due((shard_of(ADA) + 1) % 16, NOW + 9) == []


def test_a_reminder_moves_on_once(reminders: ReminderStore) -> None:
    """To its next time, or away; where it was changed meanwhile nothing happens."""
    first = make_reminder()
    reminders.put_reminder(first)
    for _ in range(2):
        reminders.advance(first, NOW + 100)
    moved = reminders.find_reminder(ADA, "r1")
    assert moved == msgspec.structs.replace(first, due_at=NOW + 100)

    reminders.advance(first, 0.0)
    assert reminders.find_reminder(ADA, "r1") == moved
    assert moved is not None
    reminders.advance(moved, 0.0)
    assert reminders.find_reminder(ADA, "r1") is None


@pytest.mark.parametrize("server", ["moto", "elasticmq"])
def test_wakes_come_when_they_are_due(request: pytest.FixtureRequest, server: str) -> None:
    """At once where that is over; many take as few calls as there may be."""
    sqs = aws.make_client("sqs", request.getfixturevalue(server))
    url = aws.make_queue(sqs)
    wakes = [ReminderWake(ADA, f"r{number}", NOW + (600 if number == 11 else -1)) for number in range(12)]

    SqsReminderQueue(sqs, url).send_wakes(wakes, NOW)

    found: set[ReminderWake] = set()
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        found |= {msgspec.json.decode(one["Body"], type=ReminderWake) for one in messages}
    assert found == set(wakes[:11])
