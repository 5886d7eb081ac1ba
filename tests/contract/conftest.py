"""The stores that the contracts are run on: embedded ones, and the real servers."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from local.vector_folder import FolderVectors
from repartee.ports import (
    ChatMoves,
    Inbox,
    Knowledge,
    MeetingStore,
    MemoryStore,
    RateLimiter,
    Records,
    VectorCache,
    WebEventLog,
)
from repartee.stores.dynamodb.chat_moves import DynamoChatMoves
from repartee.stores.dynamodb.events import DynamoEvents
from repartee.stores.dynamodb.inbox import DynamoInbox
from repartee.stores.dynamodb.rates import DynamoRates
from repartee.stores.dynamodb.records import DynamoRecords
from repartee.stores.dynamodb.vectors import DynamoVectors
from repartee.stores.pinecone import PineconeIndex, PineconeKnowledge, PineconeMemories
from repartee.stores.sqlite import SqliteKnowledge, SqliteMemories
from standins.pinecone.server import KEY, PineconeStandIn, serve_index
from support.caches import hold_lock
from tests.support import aws
from tests.support.memory_stores import (
    MemoryChatMoves,
    MemoryInbox,
    MemoryMeetings,
    MemoryRecords,
    MemoryVectors,
)
from tests.support.memory_web_stores import MemoryEvents, MemoryRates
from tests.support.message_builders import VECTOR_DIMENSIONS
from tests.support.message_stores import (
    AnyMessagesStore,
    ClosableMessages,
    DynamoMessagesStore,
    MessagesStore,
    SqliteMessagesStore,
    WeaviateMessagesStore,
)
from tests.support.real_servers import use_real_server


@pytest.fixture(scope="session")
def weaviate() -> Iterator[WeaviateMessagesStore]:
    """A real Weaviate with our collections."""
    with use_real_server("weaviate") as running:
        store = WeaviateMessagesStore(running.url, running.grpc_port)
        with hold_lock("tests-schema"):  # the test processes share the server
            store.migrate()
        yield store


@pytest.fixture(params=["sqlite", "weaviate", "moto", "dynamodb_local"])
def messages_store(request: pytest.FixtureRequest, tmp_path: Path) -> AnyMessagesStore:
    return open_messages_store(request, tmp_path, request.param)


def open_messages_store(request: pytest.FixtureRequest, tmp_path: Path, name: str) -> AnyMessagesStore:
    """The store of that name: a file, a table of its own, or the server that all tests share."""
    if name == "sqlite":
        return SqliteMessagesStore(str(tmp_path / "messages.db"))
    if name == "weaviate":
        weaviate: WeaviateMessagesStore = request.getfixturevalue("weaviate")
        return weaviate
    url = request.getfixturevalue(name)
    return DynamoMessagesStore(url, aws.make_messages_table(aws.make_client("dynamodb", url)))


@pytest.fixture
def messages(messages_store: MessagesStore) -> Iterator[ClosableMessages]:
    store = messages_store.open_store()
    yield store
    store.close()


@pytest.fixture(params=["memory", "sqlite", "weaviate", "moto", "dynamodb_local"])
def meetings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MeetingStore]:
    if request.param == "memory":
        yield MemoryMeetings()
        return
    opened = open_messages_store(request, tmp_path, request.param).meetings()
    yield opened
    opened.close()


class StandInClock:
    """The time of a stand-in, which passes when a caller waits for it."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def standin_clock() -> StandInClock:
    return StandInClock()


@pytest.fixture
def settle(standin_clock: StandInClock) -> Callable[[], None]:
    """Waits the seconds in which a store shows its writes to readers."""
    return lambda: standin_clock.wait(10.0)


@pytest.fixture
def pinecone(standin_clock: StandInClock) -> Iterator[tuple[PineconeStandIn, PineconeIndex]]:
    """The stand-in for a Pinecone index, which shows writes a moment later, and the real client to it."""
    standin = PineconeStandIn(VECTOR_DIMENSIONS, standin_clock, delay=0.5)
    with serve_index(standin) as host:
        index = PineconeIndex(host, KEY)
        yield standin, index
        index.close()


@pytest.fixture(params=["sqlite", "pinecone"])
def knowledge(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Knowledge]:
    if request.param == "sqlite":
        store = SqliteKnowledge(str(tmp_path / "knowledge.db"))
        yield store
        store.close()
    else:
        yield PineconeKnowledge(request.getfixturevalue("pinecone")[1])


@pytest.fixture(params=["sqlite", "pinecone"])
def memories(
    request: pytest.FixtureRequest, tmp_path: Path, standin_clock: StandInClock
) -> Iterator[MemoryStore]:
    if request.param == "sqlite":
        store = SqliteMemories(str(tmp_path / "memories.db"))
        yield store
        store.close()
    else:
        index = request.getfixturevalue("pinecone")[1]
        yield PineconeMemories(index, clock=standin_clock, sleep=standin_clock.wait)


@pytest.fixture
def room() -> str:
    """A room of a workspace of its own: nothing was ever said there."""
    return f"slack:T{uuid.uuid4().hex}:C1"


@pytest.fixture(scope="session")
def moto() -> Iterator[str]:
    """Moto's server, for DynamoDB and SQS."""
    with use_real_server("moto") as running:
        yield running.url


@pytest.fixture(scope="session")
def elasticmq() -> Iterator[str]:
    """ElasticMQ, for SQS."""
    with use_real_server("elasticmq") as running:
        yield running.url


@pytest.fixture(scope="session")
def login_service() -> Iterator[str]:
    """The certified OpenID provider of npm."""
    with use_real_server("oidc") as running:
        yield running.url


@pytest.fixture(params=["moto", "elasticmq"])
def sqs(request: pytest.FixtureRequest) -> Any:
    return aws.make_client("sqs", request.getfixturevalue(request.param))


@pytest.fixture(params=["memory", "moto", "dynamodb_local"])
def inbox(request: pytest.FixtureRequest) -> Inbox:
    if request.param == "memory":
        return MemoryInbox()
    dynamodb = aws.make_client("dynamodb", request.getfixturevalue(request.param))
    return DynamoInbox(dynamodb, aws.make_table(dynamodb))


@pytest.fixture(params=["memory", "moto", "dynamodb_local"])
def chat_moves(request: pytest.FixtureRequest) -> ChatMoves:
    if request.param == "memory":
        return MemoryChatMoves()
    dynamodb = aws.make_client("dynamodb", request.getfixturevalue(request.param))
    return DynamoChatMoves(dynamodb, aws.make_table(dynamodb))


@pytest.fixture(params=["memory", "moto", "dynamodb_local"])
def records(request: pytest.FixtureRequest) -> Records:
    def clock() -> float:
        return 120.0

    if request.param == "memory":
        return MemoryRecords(clock)
    dynamodb = aws.make_client("dynamodb", request.getfixturevalue(request.param))
    return DynamoRecords(dynamodb, aws.make_table(dynamodb), clock)


class PassingClock:
    """A time that passes when the test says so."""

    def __init__(self) -> None:
        self.now = 1_789_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def passing() -> PassingClock:
    return PassingClock()


@pytest.fixture(params=["memory", "moto", "dynamodb_local"])
def events(request: pytest.FixtureRequest, passing: PassingClock) -> WebEventLog:
    if request.param == "memory":
        return MemoryEvents(passing)
    dynamodb = aws.make_client("dynamodb", request.getfixturevalue(request.param))
    return DynamoEvents(dynamodb, aws.make_table(dynamodb), passing)


@pytest.fixture(params=["memory", "dynamo", "folder"])
def vectors(request: pytest.FixtureRequest, passing: PassingClock, tmp_path: Path) -> VectorCache:
    if request.param == "memory":
        return MemoryVectors()
    if request.param == "folder":
        return FolderVectors(tmp_path / "vectors")
    found: VectorCache = request.getfixturevalue("dynamo_vectors")
    return found


@pytest.fixture
def dynamo_vectors(moto: str, passing: PassingClock) -> DynamoVectors:
    dynamodb = aws.make_client("dynamodb", moto)
    return DynamoVectors(dynamodb, aws.make_table(dynamodb), passing)


@pytest.fixture(params=["memory", "moto", "dynamodb_local"])
def rates(request: pytest.FixtureRequest, passing: PassingClock) -> RateLimiter:
    if request.param == "memory":
        return MemoryRates(passing)
    dynamodb = aws.make_client("dynamodb", request.getfixturevalue(request.param))
    return DynamoRates(dynamodb, aws.make_table(dynamodb), passing)
