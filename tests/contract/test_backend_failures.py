"""The contract of `ports.Records` about backends that keep failing the workers of a workspace."""

from __future__ import annotations

import pytest

from repartee.domain.backend_failures import (
    COOLDOWN_SECONDS,
    FORGOTTEN_AFTER_SECONDS,
    MIN_FAILURES,
    BackendFailures,
)
from repartee.domain.reply import ActiveMessage
from repartee.ports import Records
from repartee.stores.dynamodb.records import DynamoRecords
from tests.support import aws
from tests.support.memory_stores import MemoryRecords

WORKSPACE, ROOM, OTHER_ROOM = "slack:T1", "slack:T1:C1", "slack:T1:C2"


class Clock:
    now = 10_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["memory", "moto", "dynamodb_local"])
def records(request: pytest.FixtureRequest, clock: Clock) -> Records:
    if request.param == "memory":
        return MemoryRecords(clock)
    dynamodb = aws.make_client("dynamodb", request.getfixturevalue(request.param))
    return DynamoRecords(dynamodb, aws.make_table(dynamodb), clock)


def failures(records: Records, backend: str = "openai", room: str = OTHER_ROOM) -> BackendFailures:
    known = records.read_control(room, room).active_messages.failing_backends
    return known.get(backend, BackendFailures())


def fail(records: Records, times: int = MIN_FAILURES, retry_at: float = 0.0) -> None:
    for _ in range(times):
        records.report_failure("openai", ROOM, retry_at)


def test_failures_in_a_row_are_counted_for_all_rooms_of_a_workspace(records: Records, clock: Clock) -> None:
    """Beside what is being shown there, each backend by itself."""
    records.publish_active(WORKSPACE, ActiveMessage(key="a", kind="post", started_at=1.0, ends_at=2e4))
    fail(records)
    records.report_failure("slack", ROOM, 0.0)

    assert failures(records) == BackendFailures(count=MIN_FAILURES, first_at=clock.now, last_at=clock.now)
    assert failures(records).is_down(clock.now)
    assert failures(records, "slack").count == 1
    assert not failures(records, "slack").is_down(clock.now)
    assert not failures(records, room="slack:T2:C1").count
    assert [one.key for one in records.read_control(ROOM, ROOM).active_messages.messages] == ["a"]


def test_an_answer_ends_the_row(records: Records) -> None:
    """Of that backend alone. It can be told again."""
    fail(records)
    records.report_failure("slack", ROOM, 0.0)

    records.report_success("openai", ROOM)
    records.report_success("openai", ROOM)

    assert failures(records) == BackendFailures()
    assert failures(records, "slack").count == 1


def test_what_a_backend_asks_for_is_kept(records: Records, clock: Clock) -> None:
    """Nobody tries it before."""
    fail(records, retry_at=clock.now + 90.0)

    assert failures(records).seconds_to_probe(clock.now) == 90.0


def test_failures_of_long_ago_are_forgotten(records: Records, clock: Clock) -> None:
    """The next one begins a new row."""
    fail(records)
    clock.now += FORGOTTEN_AFTER_SECONDS

    assert not failures(records).is_down(clock.now)
    fail(records, times=1)

    clock.now += 3.0  # what was read counts for two seconds
    assert failures(records).count == 1


def test_a_row_has_a_beginning(records: Records, clock: Clock) -> None:
    """The first of its failures, until an answer or a long silence ends it."""
    began = clock.now
    fail(records)
    clock.now += COOLDOWN_SECONDS
    fail(records, times=1)
    assert (failures(records).first_at, failures(records).last_at) == (began, clock.now)

    records.report_success("openai", ROOM)
    clock.now += COOLDOWN_SECONDS
    fail(records, times=1)
    assert failures(records).first_at == clock.now

    clock.now += FORGOTTEN_AFTER_SECONDS
    fail(records, times=1)
    assert failures(records).first_at == clock.now


def test_one_worker_tries(records: Records, clock: Clock) -> None:
    """After the cooldown, until it is over or has failed; then it is another's turn after a while."""
    assert not records.begin_probe("openai", ROOM, clock.now + 40.0)
    fail(records)
    clock.now += COOLDOWN_SECONDS
    assert failures(records).seconds_to_probe(clock.now) == 0.0

    assert records.begin_probe("openai", ROOM, clock.now + 40.0)
    assert not records.begin_probe("openai", ROOM, clock.now + 40.0)
    assert failures(records).seconds_to_probe(clock.now) == 40.0

    fail(records, times=1)
    assert failures(records).seconds_to_probe(clock.now) == COOLDOWN_SECONDS
    clock.now += 41.0
    assert records.begin_probe("openai", ROOM, clock.now + 40.0)
