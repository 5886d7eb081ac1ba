"""The names of people: looked up at the platform where they are not known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from repartee.domain.message import Exchange, Message
from repartee.domain.names import KnownName


class NameSource(Protocol):
    """Where a channel's names are looked up."""

    def look_up(self, id: str) -> str:
        """The name that people see of a person or user group, by the platform's own id. Empty where it cannot
        be known; raises nothing."""

    def recall(self, id: str) -> str | None:
        """The name as it was looked up by this process of late, empty where that failed. None if it was
        not."""


class NameDirectory(Protocol):
    """The names of a room's people. Keys are the platform's own ids (`names.platform_id`)."""

    def names_for(self, incoming: tuple[Message, ...], known: Mapping[str, KnownName]) -> Mapping[str, str]:
        """The names that are known in the room, with those of everybody in these messages. What is not
        known is looked up now, what is outdated in the background; both are then kept with the room."""

    def look_up_all(self, channel: str, ids: Iterable[str]) -> Mapping[str, str]:
        """The names of these people, of those that can be looked up soon."""

    def name_exchange(self, exchange: Exchange) -> Exchange:
        """The exchange with names in the place of ids, before it is stored."""

    def names_in(self, room: str) -> Mapping[str, str]:
        """The names that this process knows of the room's people."""
