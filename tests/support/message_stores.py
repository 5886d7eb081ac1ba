"""The implementations of `ports.Messages` that the contract is run on, opened from any process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from repartee.ports import Meetings, Messages


class OpenMessages(Messages, Protocol):
    def close(self) -> None: ...


class OpenMeetings(Meetings, Protocol):
    def close(self) -> None: ...


class MessagesStore(Protocol):
    """Where a store is. It is sent to other processes, which open it themselves."""

    def open(self) -> OpenMessages: ...


@dataclass(frozen=True)
class SqliteFile:
    path: str

    def open(self) -> OpenMessages:
        from repartee.stores.sqlite import SqliteMessages

        return SqliteMessages(self.path)

    def meetings(self) -> OpenMeetings:
        from repartee.stores.sqlite import SqliteMeetings

        return SqliteMeetings(self.path)


@dataclass(frozen=True)
class WeaviateServer:
    url: str
    grpc_port: int

    def open(self) -> OpenMessages:
        from repartee.stores.weaviate import Connection, WeaviateMessages

        return WeaviateMessages(Connection(self.url, self.grpc_port))

    def meetings(self) -> OpenMeetings:
        from repartee.stores.weaviate import Connection, WeaviateMeetings

        return WeaviateMeetings(Connection(self.url, self.grpc_port))

    def migrate(self) -> None:
        from repartee.stores.weaviate import Connection
        from repartee.stores.weaviate.schema import migrate

        connection = Connection(self.url, self.grpc_port)
        migrate(connection.connect())
        connection.close()
