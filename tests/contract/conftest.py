"""The stores that the contracts are run on: embedded ones, and the real servers."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from repartee.ports import Inbox, Records
from repartee.stores.dynamodb.inbox import DynamoInbox
from repartee.stores.dynamodb.records import DynamoRecords
from support import servers
from support.caches import locked
from tests.support import aws
from tests.support.memory import MemoryInbox, MemoryRecords
from tests.support.message_stores import MessagesStore, OpenMessages, SqliteFile, WeaviateServer


@pytest.fixture(scope="session")
def weaviate() -> Iterator[WeaviateServer]:
    """A real Weaviate with our collections."""
    with server("weaviate") as running:
        store = WeaviateServer(running.url, running.grpc_port)
        with locked("tests-schema"):  # the test processes share the server
            store.migrate()
        yield store


@pytest.fixture(params=["sqlite", "weaviate"])
def messages_store(request: pytest.FixtureRequest, tmp_path: Path) -> MessagesStore:
    if request.param == "sqlite":
        return SqliteFile(str(tmp_path / "messages.db"))
    store: WeaviateServer = request.getfixturevalue("weaviate")
    return store


@pytest.fixture
def messages(messages_store: MessagesStore) -> Iterator[OpenMessages]:
    store = messages_store.open()
    yield store
    store.close()


@pytest.fixture
def room() -> str:
    """A room of a workspace of its own: nothing was ever said there."""
    return f"slack:T{uuid.uuid4().hex}:C1"


def server(name: str) -> AbstractContextManager[servers.Server]:
    """The server; or a skip that names what is missing, which is a failure where all must run."""
    lack = servers.missing(name)
    if lack and os.environ.get("CI") != "true":
        pytest.skip(lack)
    return servers.use(name)


@pytest.fixture(scope="session")
def moto() -> Iterator[str]:
    """Moto's server, for DynamoDB and SQS."""
    with server("moto") as running:
        yield running.url


@pytest.fixture(scope="session")
def dynamodb_local() -> Iterator[str]:
    """DynamoDB Local."""
    with server("dynamodb") as running:
        yield running.url


@pytest.fixture(params=["memory", "moto", "dynamodb_local"])
def inbox(request: pytest.FixtureRequest) -> Inbox:
    if request.param == "memory":
        return MemoryInbox()
    dynamodb = aws.client("dynamodb", request.getfixturevalue(request.param))
    return DynamoInbox(dynamodb, aws.make_table(dynamodb))


@pytest.fixture(params=["memory", "moto", "dynamodb_local"])
def records(request: pytest.FixtureRequest) -> Records:
    def clock() -> float:
        return 120.0

    if request.param == "memory":
        return MemoryRecords(clock)
    dynamodb = aws.client("dynamodb", request.getfixturevalue(request.param))
    return DynamoRecords(dynamodb, aws.make_table(dynamodb), clock)
