"""Runs queue, chats and workers of a load run as events in time, drawn from what was measured of it."""

from __future__ import annotations

import heapq
import itertools
import random
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from benches.load_test.scenario import LoadMessage, LoadScenario, Outage, OutageKind, plan_messages
from benches.support.tables import percentile
from repartee.domain.backend_failures import COOLDOWN_SECONDS
from repartee.ports.inbox import LEASE_SECONDS, WAKE_MARGIN_SECONDS
from repartee.turn.failures import MAX_KNOWN_OUTAGE_WAIT_SECONDS, MIN_RESERVE_WAIT_SECONDS
from repartee.turn.worker import STORE_RETRY_SECONDS

REPLACEMENT_SECONDS = LEASE_SECONDS + WAKE_MARGIN_SECONDS
"""Seconds after which the chat of a worker that died has another."""

RETRY_SECONDS: dict[OutageKind, tuple[float, float]] = {
    "model": (MAX_KNOWN_OUTAGE_WAIT_SECONDS / 2, MAX_KNOWN_OUTAGE_WAIT_SECONDS),
    "table": STORE_RETRY_SECONDS,
}
"""Seconds, at least and at most, until a turn that an outage has stopped is tried again, by what failed."""


@dataclass(frozen=True)
class MeasuredTimes:
    """Quantiles of how long a worker is busy, in seconds: with a turn, with a wake that finds nothing to do,
    and with its start; a webhook with a post. `closing` is the end of a turn, after its reply is whole."""

    turn: Sequence[float]
    idle: Sequence[float]
    start: Sequence[float]
    closing: float = 0.0
    post: Sequence[float] = (0.0,)

    @classmethod
    def of_run(cls, run: Mapping[str, Any]) -> MeasuredTimes:
        """Reads them from the result of scripts/bench load."""
        times, closing = run["worker_seconds"], run["waits_ms"].get("closing", {}).get("p50", 0.0)
        return cls(
            times["turn"],
            times["idle"] or [0.0],
            times["start"] or [0.0],
            closing / 1000,
            times.get("post") or [0.0],
        )


@dataclass
class SimulatedChat:
    """A chat: its messages that nobody answers yet, and until when a worker has it."""

    platform: str
    open: list[float] = field(default_factory=list)
    busy_until: float = 0.0
    guard_due: float = 0.0


@dataclass(frozen=True)
class SimulatedRun:
    """The figures of a simulated run."""

    messages: int
    seconds: float
    waits: Sequence[float]
    wakes: int

    @property
    def messages_a_second(self) -> float:
        return self.messages / self.seconds

    @property
    def p95_seconds(self) -> float:
        return percentile(self.waits, 0.95)


class QueueModel:
    """Runs a scenario's messages through a number of workers. Times are seconds after the run began."""

    def __init__(self, scenario: LoadScenario, times: MeasuredTimes) -> None:
        self._scenario, self._times = scenario, times
        self._chance = random.Random(scenario.seed)
        self._chats: dict[int, SimulatedChat] = {}
        self._due: list[tuple[float, int, int]] = []
        self._numbers = itertools.count()
        self._kills = deque(
            [scenario.kills_began + scenario.kill_every * number for number in range(scenario.kills)]
        )
        self._freezes = deque(scenario.freezes)
        self._probe_at: dict[str, float] = {}
        self._waits: list[float] = []
        self._wakes, self._last = 0, 0.0

    def run(self) -> SimulatedRun:
        """Returns what it comes to when all is answered."""
        planned = plan_messages(self._scenario)
        arrivals = deque(self._plan_arrivals(planned))
        workers = [(0.0, number) for number in range(self._scenario.turn_workers)]
        while arrivals or self._due:
            free, number = heapq.heappop(workers)
            self._take_arrivals(arrivals, free)
            while arrivals and (not self._due or arrivals[0].due < self._due[0][0]):
                self._take_arrivals(arrivals, arrivals[0].due)
            due, _, chat = heapq.heappop(self._due)
            began = max(free, due)
            self._take_arrivals(arrivals, began)
            heapq.heappush(workers, (self._answer(chat, began), number))
        return SimulatedRun(len(planned), self._last, self._waits, self._wakes)

    def _plan_arrivals(self, planned: Sequence[LoadMessage]) -> Iterator[LoadMessage]:
        """Yields each message when a webhook has it: they take one at a time, too."""
        webhooks = [0.0] * self._scenario.webhook_workers
        for message in planned:
            began = max(heapq.heappop(webhooks), message.due)
            heapq.heappush(webhooks, began + self._draw(self._times.post))
            yield replace(message, due=began)

    def _take_arrivals(self, arrivals: deque[LoadMessage], until: float) -> None:
        """Every message sends a wake, and a chat has one in reserve."""
        while arrivals and arrivals[0].due <= until:
            message = arrivals.popleft()
            chat = self._chats.setdefault(message.chat, SimulatedChat(message.platform))
            chat.open.append(message.due)
            self._wake(message.chat, message.due)
            if chat.guard_due <= message.due:
                chat.guard_due = message.due + REPLACEMENT_SECONDS
                self._wake(message.chat, chat.guard_due)

    def _wake(self, chat: int, due: float) -> None:
        heapq.heappush(self._due, (due, next(self._numbers), chat))

    def _answer(self, number: int, began: float) -> float:
        """Answers what is open in the chat. Returns when the worker is free again."""
        chat, self._wakes = self._chats[number], self._wakes + 1
        if began < chat.busy_until or not any(arrived <= began for arrived in chat.open):
            return began + self._draw(self._times.idle)
        ends = began + self._draw(self._times.turn)
        if outage := self._find_outage(began, ends):
            return self._wait_for_backend(number, max(began, outage.at), outage.backend)
        if began < self._probe_at.get(chat.platform, 0.0):
            return self._wait_for_backend(number, began, "model")
        if self._kills and self._kills[0] <= ends:
            return self._interrupt(number, max(began, self._kills.popleft()), self._draw(self._times.start))
        if self._freezes and self._freezes[0] <= ends:
            return self._interrupt(number, max(began, self._freezes.popleft()), self._scenario.freeze_seconds)
        self._close(chat, began, ends)
        if chat.open:
            self._wake(number, ends)
        return ends

    def _wait_for_backend(self, number: int, at: float, backend: OutageKind) -> float:
        """Lets the chat wait for its wake in reserve, or for another. Returns when the worker is free.
        A model that is down is tried by one worker of a platform at a time, and the others wait on until that
        has worked."""
        chat = self._chats[number]
        if backend == "model" and at >= self._probe_at.get(chat.platform, 0.0):
            self._probe_at[chat.platform] = at + COOLDOWN_SECONDS
        if MIN_RESERVE_WAIT_SECONDS <= chat.guard_due - at <= MAX_KNOWN_OUTAGE_WAIT_SECONDS:
            chat.busy_until = chat.guard_due
        else:
            chat.busy_until = at + self._chance.uniform(*RETRY_SECONDS[backend])
            self._wake(number, chat.busy_until)
        return at + self._draw(self._times.idle)

    def _interrupt(self, number: int, at: float, worker_seconds: float) -> float:
        self._chats[number].busy_until = at + REPLACEMENT_SECONDS
        self._wake(number, at + REPLACEMENT_SECONDS)
        return at + worker_seconds

    def _close(self, chat: SimulatedChat, began: float, ends: float) -> None:
        in_time = max(began, ends - self._times.turn[0])  # the call goes on with what came meanwhile
        answered = [arrived for arrived in chat.open if arrived <= in_time]
        chat.open = [arrived for arrived in chat.open if arrived > in_time]
        chat.busy_until = ends
        replied = ends - self._times.closing
        self._waits.append(replied - answered[-1])
        self._last = max(self._last, replied)

    def _find_outage(self, began: float, ends: float) -> Outage | None:
        return next(
            (
                one
                for one in self._scenario.outages
                if one.backend in RETRY_SECONDS and one.at < ends and began < one.at + one.seconds
            ),
            None,
        )

    def _draw(self, quantiles: Sequence[float]) -> float:
        """Draws a duration, between two quantiles that are side by side."""
        place = self._chance.random() * (len(quantiles) - 1)
        low = int(place)
        high = min(low + 1, len(quantiles) - 1)
        return quantiles[low] + (quantiles[high] - quantiles[low]) * (place - low)
