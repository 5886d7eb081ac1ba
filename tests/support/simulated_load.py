"""Many chats, a limited number of workers and the queue between them, on virtual time: every run is the same.

Each worker is a thread, of which one runs at a time: who waits hands on to the one that is due next.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Any

import msgspec

from repartee.turn.heartbeat import Heartbeat
from repartee.turn.received_wake import ReceivedWake
from tests.support.crashing_telegram_world import CrashingTelegramWorld
from tests.support.crashing_world import SynchronousHeartbeat, WorkerKilled, WorkerLife
from tests.support.memory_stores import MemoryWakes

QUEUE_VISIBILITY_SECONDS = 300.0
MAX_RECEIVES = 5
POLL_SECONDS = 0.1
DEATH_SHARE = 0.05
"""The share of workers that die on their way, until as many have died as are to."""

SECONDS_PER_MESSAGE = 2.0
"""Seconds that the model thinks about a message, beside what it takes to write."""


class Turns:
    """Virtual time for threads, of which one runs at a time."""

    def __init__(self, now: float) -> None:
        self.now = now
        self._due: list[tuple[float, int, threading.Semaphore]] = []
        self._scheduled = 0
        self._over = threading.Semaphore(0)

    def start(self, work: Callable[[], None]) -> None:
        """Runs it in a thread of its own, from now on."""
        begin = self._schedule(0.0)

        def run() -> None:
            begin.acquire()
            try:
                work()
            finally:
                self._hand_on()

        threading.Thread(target=run, daemon=True).start()

    def sleep(self, seconds: float) -> None:
        """Lets the others run until then."""
        again = self._schedule(seconds)
        self._hand_on()
        again.acquire()

    def run_all(self) -> None:
        """Runs what was started, until all of it is over."""
        self._hand_on()
        self._over.acquire()

    def _schedule(self, seconds: float) -> threading.Semaphore:
        begin = threading.Semaphore(0)
        self._scheduled += 1
        heappush(self._due, (self.now + seconds, self._scheduled, begin))
        return begin

    def _hand_on(self) -> None:
        if not self._due:
            self._over.release()
            return
        due, _, begin = heappop(self._due)
        self.now = max(self.now, due)
        begin.release()


class OrderedWakes(MemoryWakes):
    """The queue, with those that are due at hand."""

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__(clock)
        self._by_time: list[tuple[float, str]] = []

    def send(
        self,
        chat: str,
        delay: float = 0.0,
        correlation: str = "",
        successor_due: float = 0.0,
        *,
        message_id: str = "",
        is_safety_net: bool = False,
    ) -> None:
        super().send(
            chat,
            delay,
            correlation,
            successor_due,
            message_id=message_id,
            is_safety_net=is_safety_net,
        )
        receipt = next(reversed(self.queued))
        heappush(self._by_time, (self.queued[receipt].visible_at, receipt))

    def extend_visibility(self, receipt: str, seconds: float) -> None:
        super().extend_visibility(receipt, seconds)
        if receipt in self.queued:
            heappush(self._by_time, (self.queued[receipt].visible_at, receipt))

    def receive(self) -> str:
        """The receipt of the wake that has waited longest, hidden from now on. Empty if there is none."""
        while self._by_time and self._by_time[0][0] <= self.clock():
            due, receipt = heappop(self._by_time)
            letter = self.queued.get(receipt)
            if letter is None or letter.visible_at != due:
                continue
            letter.receive_count += 1
            if letter.receive_count > MAX_RECEIVES:
                self.dead_lettered.append((letter.chat, (), "received too often"))
                self.delete_wake(receipt)
                continue
            self.extend_visibility(receipt, QUEUE_VISIBILITY_SECONDS)
            return receipt
        return ""


@dataclass
class LoadResult:
    """The figures of a run."""

    messages: int = 0
    answered: int = 0
    wakes: int = 0
    woken_by_sweep: int = 0
    killed: int = 0
    dead_letters: int = 0
    left_open: int = 0
    seconds: float = 0.0
    waits: list[float] = field(default_factory=list)

    @property
    def wakes_per_message(self) -> float:
        return self.wakes / self.messages


class LoadedWorld(CrashingTelegramWorld):
    """The world with many chats, answered by at most so many workers at once."""

    def __init__(self, chats: int, workers: int, killed: int = 0, seed: int = 1) -> None:
        self.turns_of_threads = Turns(1_789_000_000.0)
        super().__init__()
        own: Any = self
        own.wakes = OrderedWakes(self.clock)
        own.intake_wakes = type(self.intake_wakes)(self.wakes, self.clock, self.inbox)
        self._random = random.Random(seed)
        self._chats, self._workers, self._active = chats, workers, 0
        self._own = threading.local()
        self.result = LoadResult()
        self._to_kill = killed
        self._arriving = True
        self.between_pieces = lambda: self.pass_time(SECONDS_PER_MESSAGE)

    @property
    def now(self) -> float:
        return self.turns_of_threads.now

    @now.setter
    def now(self, value: float) -> None:
        """Time passes where a thread waits."""

    def clock(self) -> float:
        return self.turns_of_threads.now

    def pass_time(self, seconds: float) -> None:
        """Waits, while the turn's heartbeat does what is due."""
        while seconds > 0:
            self.turns_of_threads.sleep(min(seconds, 1.0))
            seconds -= 1.0
            if watch := getattr(self._own, "watch", None):
                watch.tick()

    def run(self, seconds: float) -> LoadResult:
        """People write for so long, and then all is answered."""
        began = self.now
        for work in (lambda: self._arrive(seconds), self._dispatch, self._sweep_each_minute):
            self.turns_of_threads.start(work)
        self.turns_of_threads.run_all()
        self.result.wakes = self.wakes.sent
        self.result.dead_letters = len(self.wakes.dead_lettered)
        self.result.left_open = len(self.inbox.open)
        self.result.answered = len({one.id for e in self.inbox.exchanges.values() for one in e.messages})
        self.result.seconds = self.now - began
        return self.result

    def _arrive(self, seconds: float) -> None:
        """Each chat has three or four messages, some seconds apart."""
        arrivals: list[tuple[float, int]] = []
        for chat in range(1, self._chats + 1):
            at = self.now + self._random.uniform(0.0, seconds)
            for _ in range(self._random.choice((3, 4))):
                arrivals.append((at, chat))
                at += self._random.uniform(1.0, 8.0)
        for at, chat in sorted(arrivals):
            self.turns_of_threads.sleep(max(0.0, at - self.now))
            self.chat = 10_000 + chat
            self.ask_in_telegram(f"{len(self.inbox.messages)}.")
            self.result.messages += 1
        self._arriving = False

    @property
    def _is_over(self) -> bool:
        return not (self._arriving or self._active or self.wakes.queued or self.inbox.open)

    def _dispatch(self) -> None:
        """Hands wakes to workers, as Lambda does, as long as there is anything to do."""
        wakes: Any = self.wakes
        while not self._is_over:
            while self._active < self._workers and (receipt := wakes.receive()):
                self._active += 1
                self.turns_of_threads.start(lambda receipt=receipt: self._work(receipt))  # type: ignore[misc]
            self.turns_of_threads.sleep(POLL_SECONDS)

    def _work(self, receipt: str) -> None:
        letter = self.wakes.queued[receipt]
        life = WorkerLife(self._interruptions(letter.receive_count))
        order = ReceivedWake(
            letter.chat,
            receipt,
            self.now + 270,
            letter.correlation,
            letter.successor_due,
            letter.message_id,
            letter.is_safety_net,
        )
        try:
            if not self._make_worker(life).answer_all([order]):
                self.wakes.delete_wake(receipt)
        except WorkerKilled:
            self.result.killed += 1
            self._to_kill -= 1
        finally:
            self._active -= 1

    def _interruptions(self, receive_count: int) -> dict[int, Callable[[], None] | None]:
        """Now and then a worker dies somewhere on its way, also before its first call."""
        if self._to_kill > 0 and receive_count == 1 and self._random.random() < DEATH_SHARE:
            return {self._random.randint(1, 40): None}
        return {}

    def _sweep_each_minute(self) -> None:
        while not self._is_over:
            self.turns_of_threads.sleep(60.0)
            self.result.woken_by_sweep += self.run_sweep()

    def _run_heartbeats(self, *arguments: Any, **named: Any) -> Heartbeat:
        self._own.watch = SynchronousHeartbeat(*arguments, **named)
        return self._own.watch  # type: ignore[no-any-return]

    def visible_texts_of(self, chat: int) -> list[str]:
        """The assistant's texts in a chat."""
        shown = self.telegram.visible_chat(10_000 + chat)["messages"]
        return [said["text"] for said in shown if said["bot"]]


def describe(result: LoadResult) -> dict[str, Any]:
    """The result as a bench tells it."""
    return {
        "messages": result.messages,
        "wakes_per_message": round(result.wakes_per_message, 3),
        **{
            name: value
            for name, value in msgspec.to_builtins(result).items()
            if name in ("answered", "wakes", "woken_by_sweep", "killed", "dead_letters", "left_open")
        },
        "seconds": round(result.seconds),
    }
