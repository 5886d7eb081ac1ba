"""The desk's records in memory, held to the same contract as the real ones."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from repartee.domain.desk import DeskConfig, desk_numbers
from repartee.domain.message import Exchange
from repartee.ports.desk import DeskState
from tests.support.memory_stores import MemoryRecords
from tests.support.memory_workouts import MemoryCoaching


class MemoryDesk:
    """`ports.DeskRecords` in memory, beside the records."""

    def __init__(self, records: MemoryRecords, conversations: MemoryCoaching | None = None) -> None:
        self._records = records
        self._conversations = conversations or MemoryCoaching(records)
        self.configs: dict[str, DeskConfig] = {}

    def read_desk_state(self, room: str, chat: str, sender: str) -> DeskState:
        state = self._records.read_chat_state(room, chat, sender)
        history = self._conversations.read_coach_state(room, chat, sender).history
        return DeskState(**msgspec.structs.asdict(state), config=self.find_config(room), history=history)

    def append_history(self, exchange: Exchange) -> None:
        self._conversations.append_history(exchange)

    def find_config(self, room: str, max_age_seconds: float = 0.0) -> DeskConfig | None:
        return next((self.configs[one] for one in desk_numbers(room) if one in self.configs), None)

    def read_config(self, number: str) -> DeskConfig | None:
        return self.configs.get(number)

    def list_configs(self) -> Sequence[DeskConfig]:
        return [config for _, config in sorted(self.configs.items())]

    def save_config(self, config: DeskConfig) -> None:
        self.configs[config.number] = config

    def delete_config(self, number: str) -> None:
        self.configs.pop(number, None)
