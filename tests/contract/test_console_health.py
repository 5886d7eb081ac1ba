"""*Health* on DynamoDB: what is going on now, and what turns cost by model and room."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from repartee.console.app import ConsoleApp
from repartee.console.pages import Pages
from repartee.domain.backend_failures import MIN_FAILURES
from repartee.domain.budget import Budget, UsageLimit
from repartee.domain.usage import UsageTotal
from repartee.stores.dynamodb.inbox import DynamoInbox
from repartee.stores.dynamodb.records import DynamoRecords
from tests.support import aws
from tests.support.console_history import make_records, store_rollups
from tests.support.console_sections import (
    OPERATOR_HEADER,
    ROLE_HEADER,
    NamedOperators,
    health_section,
)
from tests.support.inbox_builders import make_message

NOW = 1_790_000_000.0
ODD_MODEL = "gpt-<b>odd</b>"


def clock() -> float:
    return NOW


@pytest.fixture(scope="module")
def dynamodb(dynamodb_local: str) -> Any:
    return aws.make_client("dynamodb", dynamodb_local)


@pytest.fixture(scope="module")
def table(dynamodb: Any) -> str:
    made = aws.make_table(dynamodb)
    records = make_records(900, 90, NOW, 20, cost_by_model=((ODD_MODEL, 0.002),))
    store_rollups(dynamodb, made, records, NOW)
    return made


@pytest.fixture
def console(dynamodb: Any, table: str) -> Iterator[TestClient]:
    app = ConsoleApp(NamedOperators(), "for-tests-only", Pages(), secure_cookies=False)
    budget = Budget(workspace=UsageLimit(max_tokens=10_000))
    section = health_section(app, dynamodb, table, clock, budget)
    mounted = Starlette(routes=[Mount("/console", app.make_asgi_app([section]))])
    with TestClient(mounted, base_url="http://localhost") as client:
        client.headers[OPERATOR_HEADER] = "Ada"
        yield client


def read_page(console: TestClient, path: str, role: str = "VIEWER") -> str:
    answer = console.get(f"/console/{path}", headers={ROLE_HEADER: role})
    assert answer.status_code == 200
    return answer.text


def test_what_is_going_on_now_is_shown(console: TestClient, dynamodb: Any, table: str) -> None:
    """A quiet moment says so; then the backend that is left alone, since when and until when, the turn that
    runs, and what a workspace has used of its budget."""
    quiet = read_page(console, "health")
    for words in ("None is.", "No conversation is being answered.", "Nothing of them was used."):
        assert words in quiet

    now = [NOW - 70]
    records, inbox = DynamoRecords(dynamodb, table, lambda: now[0]), DynamoInbox(dynamodb, table)
    records.report_failure("<openai>", "slack:T1:C1", 0.0)
    now[0] = NOW - 5
    for _ in range(MIN_FAILURES):
        records.report_failure("<openai>", "slack:T1:C1", NOW + 60)
    records.add_usage("t1", "slack:T1:C1", UsageTotal(2500, 0.5))
    inbox.put(
        make_message("hi", id="1", chat="telegram:5", room="telegram:5", sent=NOW - 8, received=NOW - 8)
    )
    inbox.acquire_lease("telegram:5", "t1", NOW - 7, NOW + 13, message_id="1")

    page = read_page(console, "health")
    row = (
        r"&lt;openai&gt;</span></th><td>slack:T1</td><td>14:12:10</td><td>14:14:20</td><td class=\"number\">4"
    )
    assert re.search(row, page)
    assert "backends are down: 1" in page
    assert re.search(r"Conversations being answered: 1\..*since 14:13:12 UTC, 8\.00 s", page)
    assert re.search(r"slack:T1</th><td class=\"number\">2,500 of 10,000</td>.*25 %", page)
    assert "<openai>" not in page


def test_cost_is_told_by_model(console: TestClient) -> None:
    """What was counted without a model's name is told beside it, and names are escaped."""
    page = read_page(console, "health?span=24h")
    costs = re.search(r"Cost by model</h3>(.*?)</ul>", page, re.DOTALL)
    assert costs
    assert re.search(r"gpt-&lt;b&gt;odd&lt;/b&gt; \$1\.80.*not told \$0\.9000", costs[1], re.DOTALL)


def test_cost_is_told_by_room(console: TestClient) -> None:
    """The dearest first, threads in their room's row; a viewer is not told which private conversations there
    are, and what they cost is in one row."""
    shown = read_page(console, "health/rooms", "AGENT")
    assert "conversations?search=telegram%3A" in shown
    assert re.search(r">slack:T1:C\d+</a>", shown)
    assert ":1.5</a>" not in shown
    hidden = read_page(console, "health/rooms")
    assert re.search(
        r"Private conversations</th><td class=\"number\">600</td><td class=\"number\">\$1\.80", hidden
    )
    assert "telegram" not in hidden
    assert "web:p" not in hidden
    only_web = read_page(console, "health/rooms?channel=web")
    assert "slack:T1" not in only_web
