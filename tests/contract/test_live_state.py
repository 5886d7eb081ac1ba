"""What workers do now, read from the stores: held leases, failing backends, today's usage."""

from __future__ import annotations

from typing import Any

import pytest

from repartee.domain.backend_failures import MIN_FAILURES
from repartee.domain.usage import UsageTotal
from repartee.stores.dynamodb import live_state
from repartee.stores.dynamodb.inbox import DynamoInbox
from repartee.stores.dynamodb.live_state import DynamoLiveState
from repartee.stores.dynamodb.records import DynamoRecords
from tests.support import aws
from tests.support.inbox_builders import make_message

NOW = 1_790_000_000.0


@pytest.fixture(params=["moto", "dynamodb_local"])
def dynamodb(request: pytest.FixtureRequest) -> Any:
    return aws.make_client("dynamodb", request.getfixturevalue(request.param))


@pytest.fixture
def table(dynamodb: Any) -> str:
    return aws.make_table(dynamodb)


@pytest.fixture
def state(dynamodb: Any, table: str) -> DynamoLiveState:
    return DynamoLiveState(dynamodb, table, lambda: NOW)


def receive(inbox: DynamoInbox, chat: str, id: str, at: float) -> None:
    inbox.put(make_message("hello", id=id, chat=chat, room=chat, sent=at, received=at))


def test_the_chats_that_workers_have(
    dynamodb: Any, table: str, state: DynamoLiveState, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those whose lease lasts, the one that waits longest first; what only waits is not among them."""
    inbox = DynamoInbox(dynamodb, table)
    for chat, at in (("telegram:1", NOW - 5), ("slack:T1:C1:1", NOW - 9), ("web:p1:main", NOW - 7)):
        receive(inbox, chat, "1", at)
    receive(inbox, "slack:T1:C1:1", "2", NOW - 2)
    receive(inbox, "telegram:4", "4", NOW - 90)
    inbox.acquire_lease("telegram:1", "t1", NOW - 4, NOW + 16, message_id="1")
    inbox.acquire_lease("slack:T1:C1:1", "t2", NOW - 8, NOW + 12, message_id="1")
    inbox.acquire_lease("web:p1:main", "t3", NOW - 30, NOW - 10, message_id="1")

    work = state.read_open_work()
    assert [(one.chat, one.waiting_since) for one in work.held] == [
        ("slack:T1:C1:1", NOW - 9),
        ("telegram:1", NOW - 5),
    ]
    assert work.workspaces == {"slack:T1", "telegram", "web"}
    assert work.is_whole

    monkeypatch.setattr(live_state, "MAX_OPEN_ITEMS", 2)
    assert not state.read_open_work().is_whole


def test_a_workspace_tells_what_fails_and_what_was_used(
    dynamodb: Any, table: str, state: DynamoLiveState
) -> None:
    """Also where it is in several items, as a platform's chats are; nothing of one that nobody knows."""
    records = DynamoRecords(dynamodb, table, lambda: NOW)
    for _ in range(MIN_FAILURES):
        records.report_failure("openai", "telegram:7", NOW + 60)
    records.report_failure("openai", "telegram:8", 0.0)
    records.report_failure("slack", "slack:T1:C1", 0.0)
    records.add_usage("t1", "slack:T1:C1", UsageTotal(1200, 0.25))

    found = state.read_workspaces(["telegram", "slack:T1", "slack:T9"])

    failing = found["telegram"].failing["openai"]
    assert failing.is_down(NOW)
    assert (failing.first_at, failing.next_probe_at) == (NOW, NOW + 60)
    assert not found["slack:T1"].failing["slack"].is_down(NOW)
    assert found["slack:T1"].usage == UsageTotal(1200, 0.25)
    assert (found["slack:T9"].failing, found["slack:T9"].usage) == ({}, UsageTotal())
