"""Wakes that come late: who takes a message in answers it, too, and is only to be replaced if it dies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from repartee.ports import Wakes
from repartee.ports.inbox import LEASE_SECONDS


class DelayedWakes:
    """`ports.Wakes` for a process that answers what it takes in. A wake finds the chat when the lease of a
    process that died at once is over; as long as the lease is renewed it comes back by itself."""

    def __init__(self, wakes: Wakes) -> None:
        self._wakes = wakes

    def send(
        self,
        chat: str,
        delay: float = 0.0,
        correlation: str = "",
        successor_due: float = 0.0,
        *,
        message_id: str = "",
        is_safety_net: bool = True,
    ) -> None:
        self._wakes.send(chat, max(delay, LEASE_SECONDS), correlation, is_safety_net=True)

    def send_with_successor(
        self,
        chat: str,
        delay: float,
        correlation: str,
        successor_delay: float,
        successor_due: float,
        *,
        message_id: str = "",
    ) -> None:
        self.send(chat, delay, correlation)

    def send_all(self, chats: Sequence[str], correlation: str = "") -> None:
        for chat in chats:
            self.send(chat, correlation=correlation)

    def count_waiting(self) -> int:
        return self._wakes.count_waiting()

    def extend_visibility(self, receipt: str, seconds: float) -> None:
        self._wakes.extend_visibility(receipt, seconds)

    def dead_letter(self, chat: str, messages: Iterable[str], reason: str) -> None:
        self._wakes.dead_letter(chat, messages, reason)
