"""What an earlier version stored under telephone numbers and addresses is found under their hashes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from repartee.domain.message import Exchange
from repartee.ports import Memory, Summary
from repartee.ports.records import Records
from repartee.privacy.identifiers import IdentifierHasher
from repartee.stores.dynamodb.coaching import DynamoCoaching
from repartee.stores.dynamodb.inbox import DynamoInbox
from repartee.stores.dynamodb.records import DynamoRecords
from repartee.stores.dynamodb.rehashing import rehash_items
from repartee.stores.pinecone import PineconeMemories
from repartee.stores.sqlite import SqliteMeetings, SqliteMemories, SqliteMessages
from repartee.stores.sqlite.renaming import rename_memories, rename_messages
from tests.support import aws
from tests.support.inbox_builders import make_message
from tests.support.message_builders import make_stored_message, make_vector

BUSINESS = "whatsapp:106540352242922"
NUMBER, ADDRESS = "491701234567", "ben@example.com"
IDENTIFIERS = IdentifierHasher("a key for tests")
HASHED = IDENTIFIERS.hash_id("whatsapp", NUMBER)
HASHED_ADDRESS = IDENTIFIERS.hash_id("web", ADDRESS)
NOW = 1_789_041_600.0


def rename(text: str) -> str:
    return IDENTIFIERS.hash_ids_in(text, {BUSINESS})


@pytest.mark.parametrize(
    "id, hashed",
    [
        (f"whatsapp:{NUMBER}", f"whatsapp:{HASHED}"),
        (f"{BUSINESS}:{NUMBER}", f"{BUSINESS}:{HASHED}"),
        (f"{BUSINESS}:{NUMBER}#a1b2", f"{BUSINESS}:{HASHED}#a1b2"),
        (f"web:{ADDRESS}:main", f"web:{HASHED_ADDRESS}:main"),
        (f"events#web:{ADDRESS}:main#1", f"events#web:{HASHED_ADDRESS}:main#1"),
        (f"feedback:web:{ADDRESS}", f"feedback:web:{HASHED_ADDRESS}"),
        (f'{{"sender":"whatsapp:{NUMBER}"}}', f'{{"sender":"whatsapp:{HASHED}"}}'),
    ],
)
def test_an_earlier_id_is_hashed_wherever_it_stands(id: str, hashed: str) -> None:
    """As the receivers hash it now; and what is hashed stays as it is."""
    assert rename(id) == hashed
    assert rename(hashed) == hashed


@pytest.mark.parametrize(
    "id",
    [
        BUSINESS,
        f"{BUSINESS}:US.13491208655302741918",
        "web:auth0%7C507f1f77bcf86cd799439011:main",
        "slack:T1:U1",
        "telegram:4917012345",
        "call whatsapp:491701234567 or web:ben@example.com",
    ],
)
def test_other_ids_and_texts_stay(id: str) -> None:
    """The business's number, ids within it, opaque subjects, and what is no id at all."""
    assert rename(id) == id


@pytest.mark.parametrize("server", ["moto", "dynamodb_local"])
def test_the_table_is_brought_over(request: pytest.FixtureRequest, server: str) -> None:
    """A mute, a profile, the history and the exchange are found under the hash, and the number in no key."""
    dynamodb = aws.make_client("dynamodb", request.getfixturevalue(server))
    table = aws.make_table(dynamodb)
    room, person = f"{BUSINESS}:{NUMBER}", f"whatsapp:{NUMBER}"
    records, inbox = DynamoRecords(dynamodb, table, lambda: NOW), DynamoInbox(dynamodb, table)
    answer_earlier(inbox, room, person)
    keep_earlier(records, room, person)
    DynamoCoaching(dynamodb, table, lambda: NOW).append_history(made_exchange(room, person))
    records.update_profile(f"whatsapp:{HASHED}", {"name": "Ben"})

    done = rehash_items(dynamodb, table, IDENTIFIERS, NOW)

    new_room, new_person = f"{BUSINESS}:{HASHED}", f"whatsapp:{HASHED}"
    state = records.read_chat_state(new_room, new_room, new_person)
    assert state.control.muted_until == NOW + 60
    assert state.profile == {"name": "Ben", "city": "Lisbon"}
    assert state.summary.text == "they asked about desks"
    assert inbox.list_latest(new_room, 5)[0].sender == new_person
    assert inbox.participates(new_room)
    assert len(
        DynamoCoaching(dynamodb, table, lambda: NOW).read_coach_state(new_room, new_room, new_person).history
    )
    items = dynamodb.scan(TableName=table)["Items"]
    assert [item for item in items if NUMBER in item["pk"]["S"] + item["sk"]["S"]] == []
    assert {item["sk"]["S"].partition("#")[0] for item in items if NUMBER in repr(item)} == {"message"}
    assert done.moved >= 6
    assert done.waiting == 0
    assert rehash_items(dynamodb, table, IDENTIFIERS, NOW).moved == 0


def answer_earlier(inbox: DynamoInbox, room: str, person: str) -> None:
    message = made_message(room, person)
    inbox.put(message)
    lease = inbox.acquire_lease(room, "turn-1", NOW - 60, NOW - 40)
    exchange = made_exchange(room, person)
    inbox.close_turn(msgspec.structs.replace(lease, messages=(message.id,)), exchange)
    inbox.mark_persisted(exchange)


def made_message(room: str, person: str, id: str = "1") -> Any:
    platform = {"number": BUSINESS.partition(":")[2], "to": NUMBER, "message": "wamid.x"}
    message = make_message(
        "how many desks?", id=id, chat=room, room=room, channel="whatsapp", platform=platform
    )
    return msgspec.structs.replace(message, sender=person)


def made_exchange(room: str, person: str) -> Exchange:
    return Exchange(
        turn="turn-1",
        chat=room,
        room=room,
        assistant="office",
        messages=(made_message(room, person),),
        reply="forty",
        answered_at=NOW - 50,
    )


def keep_earlier(records: Records, room: str, person: str) -> None:
    records.mute(room, NOW + 60, NOW - 5)
    records.update_profile(person, {"name": "Benjamin", "city": "Lisbon"})
    records.save_summary(room, Summary("they asked about desks", NOW - 10), after=0.0)


@pytest.mark.parametrize("server", ["moto", "dynamodb_local"])
def test_a_chat_in_which_something_waits_is_left_to_the_next_run(
    request: pytest.FixtureRequest, server: str
) -> None:
    """It is answered where it was asked, and brought over afterwards."""
    dynamodb = aws.make_client("dynamodb", request.getfixturevalue(server))
    table, room = aws.make_table(dynamodb), f"{BUSINESS}:{NUMBER}"
    inbox = DynamoInbox(dynamodb, table)
    inbox.put(made_message(room, f"whatsapp:{NUMBER}"))

    waiting = rehash_items(dynamodb, table, IDENTIFIERS, NOW)
    still_open = inbox.list_open(room).messages
    lease = inbox.acquire_lease(room, "turn-1", NOW - 60, NOW - 40)
    exchange = made_exchange(room, f"whatsapp:{NUMBER}")
    inbox.close_turn(msgspec.structs.replace(lease, messages=("1",)), exchange)
    inbox.mark_persisted(exchange)
    done = rehash_items(dynamodb, table, IDENTIFIERS, NOW)

    assert (waiting.moved, waiting.waiting) == (0, 1)
    assert len(still_open) == 1
    assert done.waiting == 0
    assert inbox.participates(f"{BUSINESS}:{HASHED}")


@pytest.fixture(params=["sqlite", "weaviate"])
def earlier_messages(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[Any, Any, Callable[[], int]]]:
    if request.param == "sqlite":
        path = str(tmp_path / "messages.db")
        yield SqliteMessages(path), SqliteMeetings(path), lambda: rename_messages(path, rename)
        return
    from repartee.stores.weaviate import WeaviateConnection
    from repartee.stores.weaviate.renaming import rename_messages as rename_on_weaviate

    store = request.getfixturevalue("weaviate")
    connection = WeaviateConnection(store.url, store.grpc_port)
    opened, meetings = store.open_store(), store.meetings()
    yield opened, meetings, lambda: rename_on_weaviate(connection.connect(), rename)
    for one in (opened, meetings, connection):
        one.close()


def test_the_messages_are_brought_over(earlier_messages: tuple[Any, Any, Callable[[], int]]) -> None:
    """With their vectors and words, and under their meetings."""
    messages, meetings, migrate = earlier_messages
    room = f"{BUSINESS}:{NUMBER}"
    said = make_stored_message("where are the desks", id="1", chat=room, sender=f"whatsapp:{NUMBER}")
    messages.put([(said, make_vector(1))])
    meetings.put(f"{room}#1", [said])

    renamed = migrate()

    new_room = f"{BUSINESS}:{HASHED}"
    assert renamed >= 2
    (found,) = messages.search(new_room, "user", "desks", make_vector(1), 5)
    assert re.search(NUMBER, repr(found)) is None
    assert [one.text for one in messages.list_newest(new_room, "user", 5)] == ["where are the desks"]
    assert [one.text for one in meetings.read_transcript(f"{new_room}#1", new_room, 5)] == [said.text]
    assert messages.list_newest(room, "user", 5) == []
    assert migrate() == 0
    messages.delete_all(new_room)


@pytest.mark.parametrize("kind", ["sqlite", "pinecone"])
def test_the_memories_are_brought_over(request: pytest.FixtureRequest, kind: str, tmp_path: Path) -> None:
    """A person's memories are theirs under the hash."""
    path, fact = str(tmp_path / "memories.db"), Memory(id="m1", text="likes rowing", told_at=1.0)
    memories: Any = SqliteMemories(path)
    settle: Callable[[], None] = lambda: None  # noqa: E731
    if kind == "pinecone":
        clock = request.getfixturevalue("standin_clock")
        settle = request.getfixturevalue("settle")
        memories = PineconeMemories(request.getfixturevalue("pinecone")[1], clock=clock, sleep=clock.wait)
    memories.put(f"web:{ADDRESS}", [(fact, make_vector(1))])

    renamed = memories.rename_people(rename) if kind == "pinecone" else rename_memories(path, rename)
    settle()

    assert renamed == 1
    assert memories.search(f"web:{HASHED_ADDRESS}", make_vector(1), 5) == [fact]
    assert list(memories.search(f"web:{ADDRESS}", make_vector(1), 5)) == []
