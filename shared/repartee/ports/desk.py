"""Protocol of the desk's records: the configuration of each number, and what a turn of the desk reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from repartee.domain.desk import DeskConfig
from repartee.domain.message import Exchange, StoredMessage
from repartee.ports.coaching import Passage
from repartee.ports.models import Vector
from repartee.ports.records import ChatState

MAX_CONFIG_AGE_SECONDS = 10.0
"""Seconds for which a configuration, or that there is none, is used without reading it again."""


class DeskState(ChatState, frozen=True, kw_only=True):
    """The state of a customer's conversation, in addition to the chat's. `config` is that of the narrowest
    number that the room belongs to, None where none is configured. `history` is what was said in the chat of
    late, oldest first."""

    config: DeskConfig | None = None
    history: tuple[StoredMessage, ...] = ()


class DeskRecords(Protocol):
    """The records of service desks."""

    def read_desk_state(self, room: str, chat: str, sender: str) -> DeskState:
        """Returns all that a turn of the desk needs of the records, in one round trip, consistent, but for a
        configuration that this process read within the last seconds."""

    def append_history(self, exchange: Exchange) -> None:
        """Keeps an exchange as one of the chat's newest, as `CoachRecords.append_history` does."""

    def find_config(self, room: str, max_age_seconds: float = MAX_CONFIG_AGE_SECONDS) -> DeskConfig | None:
        """Returns the configuration for a room, which this process may have read so long ago."""

    def read_config(self, number: str) -> DeskConfig | None:
        """Returns the configuration of this number alone, as it is now."""

    def list_configs(self) -> Sequence[DeskConfig]:
        """Returns all configurations, by their numbers in order."""

    def save_config(self, config: DeskConfig) -> None:
        """Keeps the configuration in place of the number's earlier one: in use within seconds."""

    def delete_config(self, number: str) -> None:
        """Deletes the configuration of a number. Repeating it is no error."""


class DeskKnowledge(Protocol):
    """The documents of all desks, each desk's in a namespace of its own."""

    def search(self, namespace: str, text: str, vector: Vector, limit: int) -> Sequence[Passage]:
        """Returns the namespace's passages about this, best first by meaning and words together. Empty for an
        unknown one."""
