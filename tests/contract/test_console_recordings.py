"""What the console shows of a turn that was recorded: to administrators, as it was kept, and with a note."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from repartee.console.access import Role
from repartee.console.app import ConsoleApp
from repartee.console.pages import Pages
from repartee.domain.recording import (
    KeptRecording,
    RecordedCall,
    RecordedPromptPart,
    RecordedStep,
    RecordedText,
    TurnRecording,
)
from repartee.domain.turn_record import TurnRecord
from repartee.errors import Unavailable
from repartee.ports import MessageStore
from repartee.ports.recordings import RecordingStore
from repartee.stores.dynamodb.audit_log import DynamoAuditLog
from repartee.stores.dynamodb.inbox import DynamoInbox
from repartee.stores.dynamodb.recordings import DynamoRecordings
from repartee.stores.recording_cipher import RecordingCipher
from tests.support import aws
from tests.support.console_sections import (
    OPERATOR_HEADER,
    ROLE_HEADER,
    NamedOperators,
    conversation_section,
)
from tests.support.inbox_builders import make_exchange, make_message

NOW = 1_790_000_000.0
ROOM, CHAT = "slack:T1:C1", "slack:T1:C1:1.5"
ADDRESS = f"/console/conversations/one/turn?chat={CHAT}&turn=turn-1"
RECORDING = TurnRecording(
    turn="turn-1",
    chat=CHAT,
    room=ROOM,
    assistant="office",
    closed_at=NOW,
    incoming=(RecordedText("message", "who has the <b>keys</b>?", "person-1"),),
    gathered=(RecordedStep("history", "ok", 0.25, 1, (RecordedText("user", "Ben has them", "person-2"),)),),
    route="general",
    prompt=(RecordedPromptPart("instructions", 812), RecordedPromptPart("question", 9, "who has them?")),
    calls=(RecordedCall(0, "find_person", '{"name": "Ben"}', "Ben Miller"),),
    reply="**Ben** has them.",
)

RecordsTable = tuple[Any, str]
"""A client of DynamoDB, and the name of a table."""


class AwayRecordings:
    """`ports.RecordingStore` that cannot be reached."""

    def find_turn(self, room: str, turn: str) -> TurnRecording | None:
        raise Unavailable("recordings", "down")


@pytest.fixture(scope="module")
def table(dynamodb_local: str) -> RecordsTable:
    client = aws.make_client("dynamodb", dynamodb_local)
    made = aws.make_table(client)
    inbox = DynamoInbox(client, made)
    message = make_message("who has the keys?", id="9", chat=CHAT, room=ROOM)
    inbox.put(message)
    lease = inbox.acquire_lease(CHAT, "turn-1", NOW, NOW + 20, message_id=message.id)
    record = TurnRecord(
        turn="turn-1",
        chat=CHAT,
        channel="slack",
        assistant="office",
        mode="parallel",
        received_at=NOW - 6,
        started_at=NOW - 5,
        closed_at=NOW,
    )
    inbox.close_turn(lease, make_exchange("turn-1", message, at=NOW), turn_record=record)
    return client, made


@pytest.fixture(scope="module")
def recordings(table: RecordsTable) -> RecordingStore:
    client, _ = table
    cipher = RecordingCipher("a key for the recordings of these tests")
    store = DynamoRecordings(client, aws.make_table(client), cipher, lambda: NOW, 14)
    assert store.put(KeptRecording(RECORDING, frozenset()))
    return store


@contextmanager
def open_console(table: RecordsTable, recordings: RecordingStore | None, role: Role) -> Iterator[TestClient]:
    app = ConsoleApp(NamedOperators(), "for-tests-only", Pages(), secure_cookies=False)
    ids = iter(f"{role.name}{number}" for number in range(1000))
    section = conversation_section(
        app, *table, cast("MessageStore", None), lambda: NOW, ids.__next__, recordings=recordings
    )
    mounted = Starlette(routes=[Mount("/console", app.make_asgi_app([section]))])
    headers = {OPERATOR_HEADER: "Carol", ROLE_HEADER: role.name}
    with TestClient(mounted, base_url="http://localhost", headers=headers) as client:
        yield client


def list_openings(table: RecordsTable) -> list[str]:
    """Returns the chats of which a recording was opened, by the audit log."""
    entries = DynamoAuditLog(*table, lambda: "").list_newest(NOW + 1, 50)
    return [one.target for one in entries if one.action == "open recording"]


def test_a_recorded_turn_is_shown_to_administrators(table: RecordsTable, recordings: RecordingStore) -> None:
    """What came in, each step with its texts, the prompt in its parts, the calls and the reply, escaped; that
    it was opened is noted."""
    with open_console(table, recordings, Role.ADMIN) as client:
        page = client.get(ADDRESS).text

    for words in ("person-1", "who has the &lt;b&gt;keys", "history", "250 ms", "Ben has them", "general"):
        assert words in page
    for words in ("instructions", "812 tokens", "who has them?", "find_person", "Ben Miller", "<strong>Ben"):
        assert words in page
    assert list_openings(table) == [CHAT]


@pytest.mark.parametrize("role", [Role.VIEWER, Role.AGENT])
def test_others_see_the_waterfall_alone(table: RecordsTable, recordings: RecordingStore, role: Role) -> None:
    """Nothing of the recording, and nothing is noted of it."""
    before = list_openings(table)
    with open_console(table, recordings, role) as client:
        page = client.get(ADDRESS).text

    assert "Turn of" in page
    assert "recorded" not in page
    assert "find_person" not in page
    assert list_openings(table) == before


@pytest.mark.parametrize("is_recorded", [True, False])
def test_a_store_that_is_away_costs_the_recording_alone(table: RecordsTable, is_recorded: bool) -> None:
    """The page says so; where nothing is ever recorded it says nothing."""
    store = cast("RecordingStore", AwayRecordings()) if is_recorded else None
    with open_console(table, store, Role.ADMIN) as client:
        page = client.get(ADDRESS).text

    assert "Turn of" in page
    assert ("cannot be read now" in page) is is_recorded
