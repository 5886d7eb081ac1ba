"""The implementations of `ports.Messages` that the contract is run on, opened from any process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from repartee.ports import MeetingStore, MessageStore
from tests.support.aws import make_client


class ClosableMessages(MessageStore, Protocol):
    def close(self) -> None: ...


class ClosableMeetings(MeetingStore, Protocol):
    def close(self) -> None: ...


class MessagesStore(Protocol):
    """Where a store is. It is sent to other processes, which open it themselves."""

    def open_store(self) -> ClosableMessages: ...


@dataclass(frozen=True)
class SqliteMessagesStore:
    path: str

    def open_store(self) -> ClosableMessages:
        from repartee.stores.sqlite import SqliteMessages

        return SqliteMessages(self.path)

    def meetings(self) -> ClosableMeetings:
        from repartee.stores.sqlite import SqliteMeetings

        return SqliteMeetings(self.path)


@dataclass(frozen=True)
class WeaviateMessagesStore:
    url: str
    grpc_port: int

    def open_store(self) -> ClosableMessages:
        from repartee.stores.weaviate import WeaviateConnection, WeaviateMessages

        return WeaviateMessages(WeaviateConnection(self.url, self.grpc_port))

    def meetings(self) -> ClosableMeetings:
        from repartee.stores.weaviate import WeaviateConnection, WeaviateMeetings

        return WeaviateMeetings(WeaviateConnection(self.url, self.grpc_port))

    def migrate(self) -> None:
        from repartee.stores.weaviate import WeaviateConnection
        from repartee.stores.weaviate.schema import migrate_schema

        connection = WeaviateConnection(self.url, self.grpc_port)
        migrate_schema(connection.connect())
        connection.close()


@dataclass(frozen=True)
class DynamoMessagesStore:
    url: str
    table: str

    def open_store(self) -> ClosableMessages:
        from repartee.stores.dynamodb.messages import DynamoMessages

        return DynamoMessages(make_client("dynamodb", self.url), self.table)

    def meetings(self) -> ClosableMeetings:
        from repartee.stores.dynamodb.meetings import DynamoMeetings

        return DynamoMeetings(make_client("dynamodb", self.url), self.table)


AnyMessagesStore = SqliteMessagesStore | WeaviateMessagesStore | DynamoMessagesStore
