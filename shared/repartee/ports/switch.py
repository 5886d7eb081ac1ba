"""Protocol of the switch between steps that run in parallel and steps that run one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec


class SwitchChange(msgspec.Struct, frozen=True, kw_only=True):
    """A turn of the switch: its version, when it took place (epoch seconds), in how many of a hundred chats
    steps ran in parallel from then on (None where that cannot be read any more), and how it went."""

    version: int
    at: float
    percent: int | None
    state: str


class ParallelSwitch(Protocol):
    """The switch, which all functions look at every half a minute."""

    def list_changes(self, limit: int) -> Sequence[SwitchChange]:
        """Returns the newest turns, the latest first: the first that is complete is what holds."""

    def turn(self, percent: int) -> int:
        """Has steps run in parallel in so many of a hundred chats. Returns the version. Raises `Throttled`
        where another turn is on its way, `NotFound` where the deployment has no flags."""
