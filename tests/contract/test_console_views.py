"""The views of the console on DynamoDB: roles, what a viewer is not shown, and what is written down."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from urllib.parse import unquote

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Mount
from starlette.testclient import TestClient

from repartee.console.access import Operator, Role
from repartee.console.app import ConsoleApp
from repartee.console.pages import Pages
from repartee.domain.message import StoredMessage, TeamAction
from repartee.domain.turn_record import StepRecord, TurnRecord
from repartee.ports import Inbox
from repartee.stores.dynamodb.handovers import DynamoHandovers
from repartee.stores.dynamodb.inbox import DynamoInbox
from repartee.stores.dynamodb.records import DynamoRecords
from repartee.stores.sqlite.messages import SqliteMessages
from tests.support import aws
from tests.support.console_history import make_records, store_rollups
from tests.support.console_sections import conversation_section, health_section
from tests.support.inbox_builders import make_exchange, make_message

NOW = 1_790_000_000.0
PRIVATE_CHAT = "slack:T1:D9"
SEARCHED_CHAT = "telegram:7"
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


@pytest.fixture(scope="module")
def messages(tmp_path_factory: pytest.TempPathFactory) -> SqliteMessages:
    store = SqliteMessages(str(tmp_path_factory.mktemp("messages") / "messages.db"))
    said = StoredMessage(
        id="p",
        side="user",
        chat=SEARCHED_CHAT,
        room=SEARCHED_CHAT,
        sender=SEARCHED_CHAT,
        text="Mein Gehalt in Zürich ist zu niedrig",
        sent=NOW - 60,
    )
    store.put([(said, None)])
    return store


@pytest.fixture(scope="module")
def inbox(dynamodb: Any, table: str) -> Inbox:
    return DynamoInbox(dynamodb, table)


@pytest.fixture
def open_console(dynamodb: Any, table: str, messages: SqliteMessages) -> OpenConsole:
    @contextmanager
    def open_as(role: Role) -> Iterator[TestClient]:
        def clock() -> float:
            return NOW

        app = ConsoleApp(FixedOperator(role), "for-tests-only", Pages(), secure_cookies=False)
        ids = iter(f"{role.name}{number}" for number in range(1000))
        sections = [
            conversation_section(app, dynamodb, table, messages, clock, ids.__next__),
            health_section(app, dynamodb, table, clock),
        ]
        mounted = Starlette(routes=[Mount("/console", app.make_asgi_app(sections))])
        with TestClient(mounted, base_url="http://localhost") as client:
            yield client

    return open_as


def csrf_of(page: str) -> str:
    found = re.search(r'"X-CSRF-Token": "([^"]+)"', page)
    assert found
    return found[1]


def list_chats(page: str) -> list[str]:
    """Returns the ids of the conversations that a page lists."""
    return [unquote(found) for found in re.findall(r'conversations/one\?chat=([^"]+)">', page)]


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
        chats = list_chats(page)
        assert len(chats) == len(set(chats)) == 50
        assert all(chat.startswith("telegram:") for chat in chats)
        following = re.search(r'href="([^"]*before=[^"]+)"', page)
        assert following
        more = client.get(following[1].replace("&amp;", "&")).text
        assert list_chats(more)[0].startswith("telegram:")
        assert not set(list_chats(more)) & set(chats)
        assert "No conversation" in client.get("/console/conversations?search=nobody").text


def test_health_answers_the_four_questions(open_console: OpenConsole) -> None:
    """Slow, why, since when, for whom: in one page, each of whose rows leads on."""
    with open_console(Role.VIEWER) as client:
        page = client.get("/console/health").text
        for words in ("Slow?", "Why?", "Since when?", "For whom?", "3 wakes wait", "slack:T1"):
            assert words in page
        step = client.get("/console/health/steps/erp_schema")
        assert "It did not." in step.text
        for whom in ("office, slack", "coach, telegram", "coach, web"):
            assert whom in step.text
        assert client.get("/console/health/steps/no_such_step").status_code == 404
        narrowed = client.get("/console/health?channel=web").text
        assert "web ✕" in narrowed


def post(client: TestClient, act: str, **fields: str) -> str:
    """Presses a button of a conversation's page. Returns the page that is shown then."""
    token = csrf_of(client.get("/console/conversations").text)
    return client.post(f"/console/conversations/one/{act}", data={"csrf": token, **fields}).text


def test_what_was_said_is_found(open_console: OpenConsole) -> None:
    """By its words, without regard to accents and case; never what a viewer may not read, and the audit log
    tells that there was a search and not for what."""
    address = f"/console/conversations?search={SEARCHED_CHAT}&text="
    with open_console(Role.AGENT) as client:
        page = client.get(f"{address}zurich+GEHALT").text
        assert list_chats(page) == [SEARCHED_CHAT]
        assert "Mein Gehalt in Zürich" in page
        assert list_chats(client.get(f"{address}gehalt+bern").text) == []
        everywhere = client.get("/console/conversations?text=gehalt").text
        assert "Looked in 20 rooms" in everywhere
        assert "Look further" in everywhere
    with open_console(Role.VIEWER) as client:
        assert list_chats(client.get(f"{address}gehalt").text) == []
    with open_console(Role.ADMIN) as client:
        log = client.get("/console/audit").text
    assert "search conversations" in log
    assert "gehalt" not in log.lower()


def test_a_conversation_is_taken_over_and_answered(
    open_console: OpenConsole, inbox: Inbox, dynamodb: Any, table: str
) -> None:
    """The operator has it by name, the answer waits in the chat for its turn, and given back it is the
    assistant's again; a viewer can do none of it."""
    chat = "slack:T1:D7"
    asked = make_message("I want a person", id="7", chat=chat, room=chat, sender_name="Eva", sent=NOW - 5)
    inbox.put(asked)
    handovers = DynamoHandovers(dynamodb, table, lambda: NOW, lambda: "unused")
    with open_console(Role.VIEWER) as client:
        post(client, "take", chat=chat)
        assert handovers.read(chat).state == "assistant"
    with open_console(Role.AGENT) as client:
        assert "Not done: the assistant has the conversation" in post(
            client, "answer", chat=chat, text="Hello"
        )
        assert "you have it" in post(client, "take", chat=chat)
        found = handovers.read(chat)
        assert (found.state, found.member.id, found.member.name) == ("person", "console:agent", "Ada")
        assert (found.customer.room, found.customer.address["channel"]) == (chat, "C1")

        page = post(client, "answer", chat=chat, text="Hello <b>Eva</b>")
        assert "Hello &lt;b&gt;Eva&lt;/b&gt;" in page
        sent = [one for one in inbox.list_open(chat).messages if isinstance(one, TeamAction)]
        assert {(one.kind, one.text, one.sender_name) for one in sent} == {
            ("taken", "", "Ada"),
            ("message", "Hello <b>Eva</b>", "Ada"),
        }
        assert list_chats(client.get("/console/conversations?state=person").text) == [chat]
        assert chat in list_chats(client.get("/console/conversations?state=open").text)

    with open_console(Role.ADMIN) as client:
        assert "Not done: Ada has it" in post(client, "take", chat=chat)
        assert "Not done: Ada has it" in post(client, "answer", chat=chat, text="I too")
        post(client, "give-back", chat=chat)
        assert handovers.read(chat).state == "assistant"
        assert "No conversation is with a person" in client.get("/console/conversations?state=person").text
        log = client.get("/console/audit").text
    assert re.search(r"agent</td><td>take over</td><td>slack:T1:D7", log)
    assert re.search(r"admin</td><td>give back</td><td>slack:T1:D7", log)
    assert "Hello" not in log


def test_a_note_stays_among_colleagues(open_console: OpenConsole, inbox: Inbox) -> None:
    """A note is shown with its author, nothing of it waits for a turn, and a viewer of a private
    conversation does not see it."""
    waiting = inbox.list_open(PRIVATE_CHAT).messages
    with open_console(Role.AGENT) as client:
        page = post(client, "note", chat=PRIVATE_CHAT, text="She called twice.")
        assert "She called twice." in page
        assert inbox.list_open(PRIVATE_CHAT).messages == waiting
    with open_console(Role.VIEWER) as client:
        assert "She called twice." not in client.get(f"/console/conversations/one?chat={PRIVATE_CHAT}").text


def test_what_failed_is_answered_again(open_console: OpenConsole, inbox: Inbox) -> None:
    """The messages of a failed turn wait for their answer again; of an answered one none does."""
    chat = "slack:T1:C8:8"
    message = make_message("hello", id="8", chat=chat, sent=NOW - 9)
    inbox.put(message)
    lease = inbox.acquire_lease(chat, "turn-8", NOW, NOW + 20, message_id="8")
    record = TurnRecord(
        turn="turn-8",
        chat=chat,
        channel="slack",
        assistant="office",
        mode="serial",
        closed_at=NOW,
        failed="down",
    )
    inbox.close_turn(lease, make_exchange("turn-8", message, at=NOW), failed="down", turn_record=record)
    with open_console(Role.AGENT) as client:
        assert "Answer again" in client.get(f"/console/conversations/one?chat={chat}").text
        post(client, "again", chat=chat, turn="turn-8")
        assert [one.id for one in inbox.list_open(chat).messages] == ["8"]
        assert "it was answered" in post(client, "again", chat=PRIVATE_CHAT, turn="turn-1")


def test_muted_conversations_are_listed(open_console: OpenConsole, dynamodb: Any, table: str) -> None:
    """Also where the mute is the room's, and no others."""
    with open_console(Role.VIEWER) as client:
        muted = list_chats(client.get("/console/conversations?channel=slack").text)[3].rpartition(":")[0]
        DynamoRecords(dynamodb, table, lambda: NOW).mute(muted, NOW + 60, NOW)
        page = client.get("/console/conversations?state=muted&channel=slack").text
    assert {chat.rpartition(":")[0] for chat in list_chats(page)} == {muted}


def test_an_opened_page_is_noted_once(open_console: OpenConsole) -> None:
    """A page that asks for what is new every second leaves one entry, and asking for that part alone does,
    too."""
    part = f"/console/conversations/one/thread?chat={PRIVATE_CHAT}"

    def count_openings() -> int:
        with open_console(Role.ADMIN) as admin:
            return admin.get("/console/audit").text.count("agent</td><td>open private conversation")

    before = count_openings()
    with open_console(Role.AGENT) as client:
        for _ in range(3):
            assert "salary" in client.get(part, headers={"HX-Request": "true"}).text
    assert count_openings() == before + 1
