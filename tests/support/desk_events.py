"""Builders of a desk's events, and a small world in which they are sent on one clock."""

from __future__ import annotations

import heapq
import itertools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from repartee.domain.desk import DeskConfig, DeskWebhook
from repartee.domain.desk_event import DeadEvent, DeskEvent, EventBatch, EventLane
from repartee.domain.message import Exchange
from repartee.outbox.delivery import BREAKER_FAILURES, BREAKER_SECONDS, EventDelivery
from repartee.outbox.endpoints import DeskEndpoints
from repartee.outbox.sweeping import LaneSweep
from repartee.plan.breaker import Breakers
from repartee.ports.outbox import PostResult
from tests.support.crashing_world import SILENT_LOGGER, InterruptiblePort, WorkerKilled, WorkerLife
from tests.support.memory_desk import MemoryDesk
from tests.support.memory_outbox import MemoryOutbox
from tests.support.memory_stores import MemoryInbox, MemoryRecords

NUMBER, CHAT = "whatsapp:100", "whatsapp:100:34600"
URL = "https://service.example.com/hook"
SECRET = "whsec_" + "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
WEBHOOK = DeskWebhook(url=URL, secret="desk-hook")
LANE = EventLane(CHAT, WEBHOOK.endpoint_id)

QUEUE_VISIBILITY_SECONDS = 70.0
RECEIVE_LIMIT = 5


def make_batch(*messages: str, chat: str = CHAT, endpoint: str = LANE.endpoint, **changes: Any) -> EventBatch:
    """A batch of events about messages."""
    events = tuple(
        DeskEvent(id=f"evt_{one}", kind="message.received", at=1000.0, message=one) for one in messages
    )
    made = EventBatch(
        number=NUMBER, endpoint=endpoint, chat=chat, channel="whatsapp", turn="t1", at=1000.0, events=events
    )
    return msgspec.structs.replace(made, **changes)


@dataclass(frozen=True)
class QueuedLane:
    """A message in the queue."""

    lane: EventLane
    visible_at: float
    received: int = 0


@dataclass
class MemoryEventQueue:
    """`ports.EventQueue` in memory, with the visibility and the redrive of the real one."""

    clock: Callable[[], float]
    waiting: dict[int, QueuedLane] = field(default_factory=dict)
    dead: list[DeadEvent | EventLane] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)
    schedule: list[tuple[float, int]] = field(default_factory=list)
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    def send(self, lane: EventLane, delay: float = 0.0) -> None:
        delay = min(max(delay, 0.0), 900.0)
        self.delays.append(delay)
        self._hide(next(self.numbers), QueuedLane(lane, self.clock() + delay))

    def _hide(self, number: int, queued: QueuedLane) -> None:
        self.waiting[number] = queued
        heapq.heappush(self.schedule, (queued.visible_at, number))

    def bury(self, dead: DeadEvent) -> None:
        self.dead.append(dead)

    def receive(self) -> tuple[int, EventLane] | None:
        """Returns a message that is visible, and hides it for a while."""
        while (due := self.next_due()) is not None and due <= self.clock():
            _, number = heapq.heappop(self.schedule)
            queued = self.waiting.pop(number)
            if queued.received == RECEIVE_LIMIT:
                self.dead.append(queued.lane)
                continue
            until = self.clock() + QUEUE_VISIBILITY_SECONDS
            self._hide(number, QueuedLane(queued.lane, until, queued.received + 1))
            return number, queued.lane
        return None

    def next_due(self) -> float | None:
        """Returns when the next message is visible."""
        while self.schedule and self.schedule[0][1] not in self.waiting:
            heapq.heappop(self.schedule)
        return self.schedule[0][0] if self.schedule else None


@dataclass
class Receiver:
    """A receiver, which notes what it has taken. `answers` says what it does with the next request."""

    answers: Callable[[str], PostResult] = lambda id: PostResult(204)
    taken: list[dict[str, Any]] = field(default_factory=list)
    requests: list[tuple[str, Mapping[str, str], bytes]] = field(default_factory=list)
    meanwhile: Callable[[], None] = lambda: None

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> PostResult:
        self.requests.append((url, headers, body))
        self.meanwhile()
        result = self.answers(headers["webhook-id"])
        if result.is_taken:
            self.taken.append({"id": headers["webhook-id"], **json.loads(body)})
        return result

    def taken_of(self, chat: str) -> list[str]:
        """The ids that it has taken of a conversation, each once, in the order in which they came first."""
        ids = (one["id"] for one in self.taken if one["data"]["conversation"] == chat)
        return list(dict.fromkeys(ids))


class EventWorld:
    """The outbox, the queue, its workers and a receiver, on one clock."""

    def __init__(self, *webhooks: DeskWebhook) -> None:
        self.now = 1000.0
        self.inbox = MemoryInbox()
        self.outbox = MemoryOutbox(self.inbox)
        self.queue = MemoryEventQueue(self.clock)
        self.receiver = Receiver()
        self.secrets: dict[str, tuple[str, ...]] = {"desk-hook": (SECRET,)}
        self.desk = MemoryDesk(MemoryRecords(self.clock))
        self.configure(*(webhooks or (WEBHOOK,)))
        self.metrics: list[tuple[str, int]] = []
        self.broken: set[str] = set()
        self.breakers = Breakers(BREAKER_FAILURES, BREAKER_SECONDS)
        self._ids = itertools.count(1)

    def clock(self) -> float:
        return self.now

    def configure(self, *webhooks: DeskWebhook) -> None:
        self.desk.save_config(DeskConfig(number=NUMBER, name="Lumen", webhooks=webhooks))

    def close_turn(self, *messages: str, chat: str = CHAT, exchange: Exchange | None = None) -> None:
        """Closes a turn with events about messages, and has them announced."""
        self.keep_turn(*messages, chat=chat, exchange=exchange)
        self.queue.send(EventLane(chat, LANE.endpoint))

    def keep_turn(self, *messages: str, chat: str = CHAT, exchange: Exchange | None = None) -> None:
        """Closes a turn, whose worker dies before it announces the events."""
        turn = exchange.turn if exchange else f"t{next(self._ids)}"
        lease = self.inbox.acquire_lease(chat, turn, self.now, self.now + 20)
        closed = exchange or Exchange(
            turn=turn, chat=chat, room=chat, assistant="desk", messages=(), reply="", answered_at=self.now
        )
        self.inbox.close_turn(
            lease, closed, events=[make_batch(*messages, chat=chat, turn=turn, at=self.now)]
        )

    def make_delivery(self, life: WorkerLife | None = None) -> EventDelivery:
        """One worker."""
        life = life or WorkerLife({})

        def tapped(port: Any, name: str) -> Any:
            return InterruptiblePort(port, name, life, self.broken)

        return EventDelivery(
            tapped(self.outbox, "outbox"),
            tapped(self.queue, "queue"),
            tapped(self.receiver, "receiver"),
            DeskEndpoints(self.desk, self.outbox, lambda name: self.secrets.get(name, ())),
            self.breakers,
            self.clock,
            lambda least, most: most,
            lambda: f"worker-{next(self._ids)}",
            SILENT_LOGGER,
            lambda name, number: self.metrics.append((name, number)),
        )

    def run_worker(self, life: WorkerLife | None = None, seconds: float = 60.0) -> bool:
        """Receives a message, if one is visible, and carries it out. False if none was."""
        received = self.queue.receive()
        if received is None:
            return False
        number, lane = received
        try:
            failed = self.make_delivery(life).deliver_all({"m": lane}, self.now + seconds)
        except WorkerKilled:
            return True
        if not failed:
            self.queue.waiting.pop(number, None)
        return True

    def run_all_workers(self) -> None:
        """Carries out all that is visible now."""
        while self.run_worker():
            pass

    def sweep(self) -> int:
        """Does what the sweep does for forgotten lanes."""
        return LaneSweep(self.outbox, self.queue, self.clock, SILENT_LOGGER).wake_idle_lanes()

    def run_until(self, end: float) -> None:
        """Lets time go by until then: with the workers, and with the sweep every ten minutes."""
        swept = self.now
        self.run_all_workers()
        while self.now < end:
            due = self.queue.next_due()
            self.now = min(end, swept + 600.0, end if due is None else max(due, self.now))
            if self.now >= swept + 600.0:
                swept = self.now
                self.sweep()
            self.run_all_workers()

    def events_waiting(self) -> int:
        return sum(map(len, self.inbox.batches.values()))
