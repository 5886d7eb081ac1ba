"""What Weaviate's failures look like from here: on a real server that is paused, killed and started again."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator

import pytest
from weaviate.classes.config import DataType, Property

from repartee.domain.message import workspace_of
from repartee.errors import (
    BackendError,
    DeadlineExceeded,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    Unavailable,
)
from repartee.plan import deadline
from repartee.stores.weaviate import WeaviateConnection, WeaviateMessages
from repartee.stores.weaviate.backfill import backfill_tokens
from repartee.stores.weaviate.messages import tenant_name
from repartee.stores.weaviate.schema import COLLECTION_PROPERTIES, migrate_schema
from support import schema as command
from support import servers
from support.breakable_relay import BreakableRelay
from support.faulty_server import FaultyServer
from tests.support.message_builders import make_stored_message, make_vector


@pytest.fixture(scope="module")
def server() -> Iterator[FaultyServer]:
    if (lack := servers.why_unavailable("weaviate")) and os.environ.get("CI") != "true":
        pytest.skip(reason=lack)
    server = FaultyServer("weaviate")
    connection = WeaviateConnection(server.url, server.ports["grpc"])
    migrate_schema(connection.connect())
    connection.close()
    yield server
    server.remove()


@pytest.fixture
def messages(server: FaultyServer) -> Iterator[WeaviateMessages]:
    store = WeaviateMessages(WeaviateConnection(server.url, server.ports["grpc"]))
    yield store
    store.close()


@pytest.fixture
def room() -> str:
    return f"slack:T{uuid.uuid4().hex}:C1"


def texts(messages: WeaviateMessages, room: str) -> list[str]:
    return [one.text for one in messages.list_newest(room, "user", 10_000)]


def test_a_paused_server_is_late_and_then_goes_on(
    server: FaultyServer, messages: WeaviateMessages, room: str
) -> None:
    """While the server is paused calls end at their deadline; when it goes on, so do we."""
    messages.put([(make_stored_message("before", chat=room), make_vector(1))])

    server.pause()
    with deadline.limited_to(0.2), pytest.raises(DeadlineExceeded):
        messages.list_newest(room, "user", 1)
    with deadline.limited_to(0.2), pytest.raises(DeadlineExceeded):
        messages.search(room, "user", "before", make_vector(1), 1)
    server.resume()

    assert texts(messages, room) == ["before"]


def test_what_was_acknowledged_outlives_a_kill(
    server: FaultyServer, messages: WeaviateMessages, room: str
) -> None:
    """The server is killed in the middle of writing: what was acknowledged is there when it is back, the rest
    fails as unreachable, and the first call afterwards is answered without a restart of ours."""
    acknowledged: list[str] = []
    failed: list[BackendError] = []
    some_written = threading.Event()

    def write() -> None:
        while True:
            one = make_stored_message(f"number {len(acknowledged)}", chat=room, sent=float(len(acknowledged)))
            try:
                with deadline.limited_to(5):
                    messages.put([(one, make_vector(1))])
            except BackendError as error:
                failed.append(error)
                return
            acknowledged.append(one.text)
            if len(acknowledged) == 20:
                some_written.set()

    writer = threading.Thread(target=write)
    writer.start()
    some_written.wait()
    server.kill()
    writer.join()
    with pytest.raises(Unavailable):
        messages.list_newest(room, "user", 1)
    server.start()

    kept = texts(messages, room)
    assert kept[: len(acknowledged)] == acknowledged
    assert len(kept) <= len(acknowledged) + 1
    assert [type(error) for error in failed] == [Unavailable]


def test_a_connection_that_broke_while_frozen_is_made_anew(server: FaultyServer, room: str) -> None:
    """The first call after a freeze, in which the connection broke, is answered."""
    wire = BreakableRelay(server.ports["grpc"])
    messages = WeaviateMessages(WeaviateConnection(server.url, wire.port))
    messages.put([(make_stored_message("before", chat=room), make_vector(1))])

    wire.reset_connections()

    assert texts(messages, room) == ["before"]
    messages.close()
    wire.close()


def test_a_server_that_is_down_at_the_start_is_found_later(server: FaultyServer, room: str) -> None:
    """A process that starts while the server is down says so, and works when the server is up."""
    messages = WeaviateMessages(WeaviateConnection(server.url, server.ports["grpc"]))

    server.kill()
    with pytest.raises(Unavailable):
        messages.list_newest(room, "user", 1)
    server.start()

    assert texts(messages, room) == []
    messages.close()


def test_a_store_that_takes_no_writes_says_so(messages: WeaviateMessages, room: str) -> None:
    """With its disk nearly full Weaviate takes no writes: they fail as what passes does, and reads go on."""
    messages.put([(make_stored_message("before", chat=room), make_vector(1))])
    shards = messages._connection.connect().collections.use("UserMessage").config
    shards.update_shards("READONLY", tenant_name(workspace_of(room)))

    with pytest.raises(Unavailable, match="read-only"):
        messages.put([(make_stored_message("meanwhile", chat=room), make_vector(1))])
    with pytest.raises(Unavailable):
        messages.delete_all(room)
    assert texts(messages, room) == ["before"]

    shards.update_shards("READY", tenant_name(workspace_of(room)))
    messages.put([(make_stored_message("later", chat=room, sent=2.0), make_vector(1))])
    assert texts(messages, room) == ["before", "later"]


def test_a_vector_of_another_length_is_rejected(messages: WeaviateMessages, room: str) -> None:
    """A vector as another model makes it is our fault, and says so."""
    messages.put([(make_stored_message("one", chat=room), [1.0, 0.0])])

    with pytest.raises(InvalidArgument, match="dimensions"):
        messages.put([(make_stored_message("two", chat=room), [1.0, 0.0, 0.0])])
    with pytest.raises(InvalidArgument, match="length"):
        messages.search(room, "user", "one", [1.0, 0.0, 0.0], 1)


def test_the_schema_is_made_once(server: FaultyServer) -> None:
    """Making the schema again changes nothing, and adds back what is missing alone."""
    connection = WeaviateConnection(server.url, server.ports["grpc"])
    client = connection.connect()

    assert migrate_schema(client) == []
    client.collections.delete("Meeting")
    assert migrate_schema(client) == ["Meeting"]
    connection.close()


def test_the_command_says_what_it_made(
    server: FaultyServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command makes what is missing and says so, may be repeated, and names a setting that it misses."""

    def schema(**environment: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-m", "support.schema"],
            capture_output=True,
            text=True,
            check=False,
            env={"PYTHONPATH": ":".join(sys.path), **environment},
        )
        return done.returncode, done.stdout + done.stderr

    def again(**environment: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["scripts/schema"])
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return command.main(), "".join(capsys.readouterr())

    connection = WeaviateConnection(server.url, server.ports["grpc"])
    connection.connect().collections.delete("Meeting")
    connection.close()
    where = {"WEAVIATE_URL": server.url, "WEAVIATE_GRPC_PORT": str(server.ports["grpc"])}

    assert schema(**where) == (0, "made Meeting\n")
    assert again(**where) == (0, "all is there already\n")
    status, told = again(WEAVIATE_URL="")
    assert status == 1
    assert "WEAVIATE_URL is not set" in told


def test_messages_of_an_earlier_version_are_found_by_their_tokens(
    server: FaultyServer, messages: WeaviateMessages, room: str
) -> None:
    """Messages without tokens get them once, and keep their vectors; those that have them are left alone."""
    said = enumerate(("咖啡机坏了", "tea"))
    messages.put(
        [(make_stored_message(text, chat=f"{room}:{n}", room=room), make_vector(1)) for n, text in said]
    )
    connection = WeaviateConnection(server.url, server.ports["grpc"])
    stored = connection.get_collection("UserMessage", tenant_name(workspace_of(room)))
    for one in stored.query.fetch_objects().objects:
        stored.data.update(one.uuid, properties={"bigrams": None})
    assert [*messages.search(room, "user", "咖啡", None, 10)] == []

    assert backfill_tokens(connection.connect()) == 2
    assert backfill_tokens(connection.connect()) == 0

    assert [one.text for one in messages.search(room, "user", "咖啡", None, 10)] == ["咖啡机坏了"]
    assert len(messages.search(room, "user", "zzz", make_vector(1), 10)) == 2
    connection.close()


def test_a_strange_schema_is_refused(server: FaultyServer) -> None:
    """What is not as we would have made it is neither used nor changed."""
    connection = WeaviateConnection(server.url, server.ports["grpc"])
    client = connection.connect()
    client.collections.delete_all()
    client.collections.create("Meeting", properties=[Property(name="guests", data_type=DataType.INT)])

    with pytest.raises(InvalidArgument, match=r"Meeting has no tenants; Meeting.guests is not one of ours"):
        migrate_schema(client)
    assert list(client.collections.list_all()) == ["Meeting"]

    with pytest.raises(NotFound, match="scripts/schema"):
        WeaviateMessages(connection).put([(make_stored_message(chat="slack:T1:C1"), None)])
    client.collections.delete_all()
    assert migrate_schema(client) == list(COLLECTION_PROPERTIES)
    connection.close()


def test_a_wrong_key_is_denied(server: FaultyServer, room: str) -> None:
    """Credentials that are not accepted say so, in calls and at the connection; the right ones work."""
    server.kill()
    server.start(
        {
            "AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED": "false",
            "AUTHENTICATION_APIKEY_ENABLED": "true",
            "AUTHENTICATION_APIKEY_ALLOWED_KEYS": "right",
            "AUTHENTICATION_APIKEY_USERS": "us",
        }
    )

    for key in ("wrong", ""):
        messages = WeaviateMessages(WeaviateConnection(server.url, server.ports["grpc"], key))
        with pytest.raises(PermissionDenied):
            messages.list_newest(room, "user", 1)
        messages.close()
    messages = WeaviateMessages(WeaviateConnection(server.url, server.ports["grpc"], "right"))
    assert texts(messages, room) == []
    messages.close()
