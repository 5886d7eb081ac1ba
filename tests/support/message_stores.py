"""The implementations of `ports.Messages` that the contract is run on, opened from any process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from repartee.ports import Messages


class MessagesStore(Protocol):
    """Where a store is. It is sent to other processes, which open it themselves."""

    def open(self) -> OpenMessages: ...


class OpenMessages(Messages, Protocol):
    def close(self) -> None: ...


@dataclass(frozen=True)
class SqliteFile:
    path: str

    def open(self) -> OpenMessages:
        from repartee.stores.sqlite import SqliteMessages

        return SqliteMessages(self.path)
