"""The views of the console on DynamoDB: roles, what a viewer is not shown, and what is written down."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Mount
from starlette.testclient import TestClient

from repartee.console.access import Operator, Role
from repartee.console.app import ConsoleApp
from repartee.console.conversations import ConversationSection
from repartee.console.health import HealthSection
from repartee.console.pages import Pages
from repartee.domain.turn_record import StepRecord, TurnRecord
from repartee.stores.dynamodb.audit_log import DynamoAuditLog
from repartee.stores.dynamodb.conversations import DynamoConversations
from repartee.stores.dynamodb.inbox import DynamoInbox
from repartee.stores.dynamodb.records import DynamoRecords
from repartee.stores.dynamodb.turn_statistics import DynamoTurnStatistics
from tests.support import aws
from tests.support.console_history import make_records, store_rollups
from tests.support.inbox_builders import make_exchange, make_message

NOW = 1_790_000_000.0
PRIVATE_CHAT = "slack:T1:D9"
SECRET_WORDS = "my salary is <b>too low</b>"

OpenConsole = Callable[[Role], AbstractContextManager[TestClient]]


class FixedOperator:
    def __init__(self, role: Role) -> None:
        self.role = role

    def identify_operator(self, request: Request) -> Operator:
        return Operator(self.role.name.lower(), "Ada", self.role)


@pytest.fixture(scope="module")
def dynamodb(dynamodb_local: str) -> Any:
    return aws.make_client("dynamodb", dynamodb_local)


@pytest.fixture(scope="module")
def table(dynamodb: Any) -> str:
    made = aws.make_table(dynamodb)
    store_rollups(dynamodb, made, make_records(3000, 300, NOW, 30), NOW)
    inbox = DynamoInbox(dynamodb, made)
    message = make_message(SECRET_WORDS, id="9", chat=PRIVATE_CHAT, room=PRIVATE_CHAT)
    inbox.put(message)
    lease = inbox.acquire_lease(PRIVATE_CHAT, "turn-1", NOW, NOW + 20, message_id=message.id)
    record = TurnRecord(
        turn="turn-1",
        chat=PRIVATE_CHAT,
        channel="slack",
        assistant="office",
        mode="parallel",
        received_at=NOW - 6,
        woken_at=NOW - 5.9,
        started_at=NOW - 5.8,
        gathered_at=NOW - 5,
        first_token_at=NOW - 1.1,
        first_text_at=NOW - 1,
        closed_at=NOW,
        steps=(StepRecord("history", "fallback", 0.0, 700.0, 1, reason="timeout"),),
    )
    inbox.close_turn(lease, make_exchange("turn-1", message, at=NOW), turn_record=record)
    return made


@pytest.fixture
def open_console(dynamodb: Any, table: str) -> OpenConsole:
    @contextmanager
    def open_as(role: Role) -> Iterator[TestClient]:
        def clock() -> float:
            return NOW

        app = ConsoleApp(FixedOperator(role), "for-tests-only", Pages(), secure_cookies=False)
        statistics = DynamoTurnStatistics(dynamodb, table)
        ids = iter(f"{role.name}{number}" for number in range(1000))
        audit = DynamoAuditLog(dynamodb, table, ids.__next__)
        records = DynamoRecords(dynamodb, table, clock)
        sections = [
            ConversationSection(
                app, statistics, DynamoConversations(dynamodb, table), records, audit, clock
            ).section(),
            HealthSection(app, statistics, lambda: 3, clock).section(),
        ]
        mounted = Starlette(routes=[Mount("/console", app.make_asgi_app(sections))])
        with TestClient(mounted, base_url="http://localhost") as client:
            yield client

    return open_as


def csrf_of(page: str) -> str:
    found = re.search(r'"X-CSRF-Token": "([^"]+)"', page)
    assert found
    return found[1]


def test_a_viewer_sees_no_text_of_a_private_chat(open_console: OpenConsole) -> None:
    """A viewer sees that it took place and how long it took; an agent reads it, escaped, which is noted."""
    address = f"/console/conversations/one?chat={PRIVATE_CHAT}"
    with open_console(Role.VIEWER) as client:
        page = client.get(address).text
        assert "salary" not in page
        assert "first words after 5.00 s" in page
        assert "Mute for a day" not in page
    with open_console(Role.AGENT) as client:
        page = client.get(address).text
        assert "my salary is &lt;b&gt;too low&lt;/b&gt;" in page
        assert client.get("/console/audit").status_code == 403
    with open_console(Role.ADMIN) as client:
        log = client.get("/console/audit").text
    assert re.search(r"agent</td><td>open private conversation</td><td>slack:T1:D9", log)
    assert "viewer</td>" not in log


def test_a_mute_is_carried_out_and_noted(open_console: OpenConsole, dynamodb: Any, table: str) -> None:
    """An agent mutes and unmutes; a viewer can do neither, and nothing happens without the page's token."""
    records = DynamoRecords(dynamodb, table, lambda: NOW)
    action = "/console/conversations/one/mute"
    with open_console(Role.VIEWER) as client:
        token = csrf_of(client.get("/console/conversations").text)
        assert client.post(action, data={"chat": PRIVATE_CHAT, "csrf": token}).status_code == 403
    with open_console(Role.AGENT) as client:
        token = csrf_of(client.get("/console/conversations").text)
        assert client.post(action, data={"chat": PRIVATE_CHAT}).status_code == 403
        assert not records.read_control(PRIVATE_CHAT, PRIVATE_CHAT).is_muted(NOW)
        page = client.post(action, data={"chat": PRIVATE_CHAT, "csrf": token}).text
        assert "muted until" in page
        assert records.read_control(PRIVATE_CHAT, PRIVATE_CHAT).is_muted(NOW)


def test_a_turn_tells_why_it_was_slow(open_console: OpenConsole) -> None:
    """The record of a turn is a waterfall, with the step that fell back and why."""
    with open_console(Role.VIEWER) as client:
        page = client.get(f"/console/conversations/one/turn?chat={PRIVATE_CHAT}&turn=turn-1").text
        missing = client.get(f"/console/conversations/one/turn?chat={PRIVATE_CHAT}&turn=nothing")
    assert re.search(r"history.*fallback.*timeout", page, re.DOTALL)
    assert "model, first token" in page
    assert missing.status_code == 404


def test_conversations_are_filtered_and_paged(open_console: OpenConsole) -> None:
    """The latest first, each once on a page; a filter holds on the next page too."""
    with open_console(Role.VIEWER) as client:
        page = client.get("/console/conversations?channel=telegram").text
        chats = re.findall(r'conversations/one\?chat=[^"]*">([^<]+)<', page)
        assert len(chats) == len(set(chats)) == 50
        assert all(chat.startswith("telegram:") for chat in chats)
        following = re.search(r'href="([^"]*before=[^"]+)"', page)
        assert following
        more = client.get(following[1].replace("&amp;", "&")).text
        assert re.findall(r'conversations/one\?chat=[^"]*">([^<]+)<', more)[0].startswith("telegram:")
        assert "No conversation" in client.get("/console/conversations?search=nobody").text


def test_health_answers_the_four_questions(open_console: OpenConsole) -> None:
    """Slow, why, since when, for whom: in one page, each of whose rows leads on."""
    with open_console(Role.VIEWER) as client:
        page = client.get("/console/health").text
        for words in ("Slow?", "Why?", "Since when?", "For whom?", "3 wakes wait", "slack:T1"):
            assert words in page
        step = client.get("/console/health/steps/erp_schema")
        assert "It did not." in step.text
        assert client.get("/console/health/steps/no_such_step").status_code == 404
        narrowed = client.get("/console/health?channel=web").text
        assert "web ✕" in narrowed
