"""The web's stores in memory, held to the same contracts as the real ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock

from repartee.ports import WebEvent

HOUR_SECONDS = 3600.0


@dataclass
class MemoryEvents:
    """`ports.Events` in memory."""

    clock: Callable[[], float]
    logs: dict[str, dict[str, tuple[WebEvent, float]]] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def append(self, log: str, events: Sequence[WebEvent]) -> None:
        with self.lock:
            kept = self.logs.setdefault(log, {})
            kept.update((event.id, (event, self.clock() + HOUR_SECONDS)) for event in events)

    def read_after(self, log: str, id: str) -> Sequence[WebEvent]:
        with self.lock:
            kept = sorted(self.logs.get(log, {}).items())
            return [event for name, (event, until) in kept if name > id and until > self.clock()]


@dataclass
class MemoryRates:
    """`ports.Rates` in memory."""

    clock: Callable[[], float]
    counted: dict[tuple[str, float], int] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def admit(self, who: str, limit: int, seconds: float) -> float:
        with self.lock:
            now = self.clock()
            begun = now - now % seconds
            times = self.counted.get((who, begun), 0)
            if times >= limit:
                return begun + seconds - now
            self.counted[who, begun] = times + 1
            return 0.0
