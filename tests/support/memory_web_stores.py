"""The web's stores in memory, held to the same contracts as the real ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from uuid import uuid4

from repartee.ports import WebEvent
from repartee.ports.web import REPLY_EVENTS_SECONDS

MAX_PAGE_EVENTS = 3


@dataclass
class MemoryEvents:
    """`ports.Events` in memory."""

    clock: Callable[[], float]
    logs: dict[str, dict[str, tuple[WebEvent, float]]] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def append(self, log: str, events: Sequence[WebEvent], ttl_seconds: float = REPLY_EVENTS_SECONDS) -> None:
        with self.lock:
            kept = self.logs.setdefault(log, {})
            kept.update((event.id, (event, self.clock() + ttl_seconds)) for event in events)

    def read_after(self, log: str, id: str) -> Sequence[WebEvent]:
        with self.lock:
            kept = sorted(self.logs.get(log, {}).items())
            return [event for name, (event, until) in kept if name > id and until > self.clock()]

    def read_page(self, log: str, id: str) -> Sequence[WebEvent]:
        return self.read_after(log, id)[:MAX_PAGE_EVENTS]

    def find_newest_id(self, log: str) -> str:
        with self.lock:
            return max(self.logs.get(log, {}), default="")


@dataclass
class MemoryRates:
    """`ports.Rates` in memory."""

    clock: Callable[[], float]
    counted: dict[tuple[str, float], int] = field(default_factory=dict)
    events: set[tuple[str, float, str]] = field(default_factory=set)
    lock: Lock = field(default_factory=Lock)

    def admit(self, key: str, limit: int, window_seconds: float, amount: int = 1, event: str = "") -> float:
        with self.lock:
            now = self.clock()
            begun = now - now % window_seconds
            times = self.counted.get((key, begun), 0)
            if (key, begun, event) in self.events:
                return 0.0
            if times + amount > limit:
                return begun + window_seconds - now
            self.counted[key, begun] = times + amount
            if event:
                self.events.add((key, begun, event))
            return 0.0


@dataclass
class MemoryStreamSlots:
    """`ports.StreamSlots` in memory."""

    clock: Callable[[], float]
    taken: dict[tuple[str, int], tuple[str, float]] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def acquire(self, person: str, limit: int, seconds: float) -> str:
        with self.lock:
            for number in range(limit):
                _, until = self.taken.get((person, number), ("", 0.0))
                if until <= self.clock():
                    slot = f"{number}#{uuid4().hex}"
                    self.taken[person, number] = slot, self.clock() + seconds
                    return slot
            return ""

    def release(self, person: str, slot: str) -> None:
        with self.lock:
            key = person, int(slot.partition("#")[0] or -1)
            if self.taken.get(key, ("", 0.0))[0] == slot:
                del self.taken[key]
