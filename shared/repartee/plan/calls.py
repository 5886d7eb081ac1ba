"""Everyday help with lists of independent calls: the same pool, the same outcomes, no plan.

A call is anything that can be called without arguments. Results keep the order of the calls.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from itertools import islice
from queue import Empty
from typing import Any, TypeVar

from repartee.plan import deadline
from repartee.plan.deadline import Clock
from repartee.plan.errors import Saturated, StepLate
from repartee.plan.outcome import Outcome
from repartee.plan.policy import REQUIRED, Retry, even
from repartee.plan.pool import Executor
from repartee.plan.step import name_of
from repartee.plan.work import Work

T = TypeVar("T")
U = TypeVar("U")
Call = Callable[[], T]

_AHEAD = 8
"""How many times ``at_once`` calls ``limit`` may have begun or kept while it waits for an earlier one."""


def gather(
    calls: Iterable[Call[T]],
    *,
    pool: Executor,
    at_once: int | None = None,
    timeout: float | None = None,
    clock: Clock = time.monotonic,
) -> list[T]:
    """All results, or the first failure as soon as it happens.

    ``at_once``: how many may run at the same time; ``timeout``: seconds for each. The failure keeps
    its traceback and a note names the call; what still runs by then is abandoned.
    """
    results: dict[int, T] = {}
    with _Flight(calls, pool, timeout, clock) as flight:
        for index, outcome in flight.outcomes(at_once):
            if outcome.error is not None:
                raise outcome.error
            results[index] = outcome.value
    return [results[index] for index in range(len(results))]


def settle(
    calls: Iterable[Call[Any]],
    *,
    pool: Executor,
    default: Any = REQUIRED,
    at_once: int | None = None,
    timeout: float | None = None,
    clock: Clock = time.monotonic,
) -> list[Outcome]:
    """The outcomes of all, failures among them: with a ``default``, as fallbacks of that value."""
    ended: dict[int, Outcome] = {}
    with _Flight(calls, pool, timeout, clock) as flight:
        for index, outcome in flight.outcomes(at_once):
            stood_in = outcome.error is not None and default is not REQUIRED
            ended[index] = outcome._replace(kind="fallback", value=default) if stood_in else outcome
    return [ended[index] for index in range(len(ended))]


def limit(
    calls: Iterable[Call[Any]],
    at_once: int,
    *,
    pool: Executor,
    timeout: float | None = None,
    clock: Clock = time.monotonic,
) -> Iterator[Outcome]:
    """The outcomes one by one, while no more than ``at_once`` calls run.

    ``calls`` may be endless: it is asked for the next call when there is room for it, and never gets
    far ahead of the outcome that is given out.
    """
    kept: dict[int, Outcome] = {}
    with _Flight(calls, pool, timeout, clock) as flight:
        for index, outcome in flight.outcomes(at_once, at_once * _AHEAD):
            kept[index] = outcome
            while flight.given in kept:
                yield kept.pop(flight.given)
                flight.given += 1


def batched(
    call: Callable[[list[T]], Iterable[U]],
    items: Iterable[T],
    size: int,
    *,
    pool: Executor,
    at_once: int | None = None,
    timeout: float | None = None,
    clock: Clock = time.monotonic,
) -> list[U]:
    """One call for every ``size`` items, at the same time; their answers, in the order of the items."""
    calls = (partial(call, batch) for batch in _batches(items, size))
    return [
        one
        for batch in gather(calls, pool=pool, at_once=at_once, timeout=timeout, clock=clock)
        for one in batch
    ]


def retry(
    call: Call[T],
    policy: Retry,
    *,
    sleep: Callable[[float], None] = time.sleep,
    random: Callable[[], float] | None = None,
) -> T:
    """Make the call in this thread, again and again as the policy says, as long as the deadline allows.

    Inside a plan use the step's own ``retry``, which does not hold a thread while it rests.
    """
    for attempts in range(1, policy.attempts + 1):
        try:
            return call()
        except Exception as error:
            rest = policy.rest(attempts, random or even())
            left = deadline.remaining()
            if attempts == policy.attempts or not policy.covers(error) or (left is not None and rest >= left):
                raise
        sleep(rest)
    raise ValueError("retry needs at least 1 attempt")


def timed(call: Call[Any], *, clock: Clock = time.monotonic) -> Outcome:
    """Make the call in this thread; its outcome says how it ended and how long it took."""
    start = clock()
    try:
        value = call()
    except Exception as error:  # noqa: BLE001 - the outcome is where the error goes
        return Outcome(_name(call), "failed", None, error, 0.0, clock() - start, 1, reason="error")
    return Outcome(_name(call), "ok", value, None, 0.0, clock() - start, 1)


class _Flight:
    """Calls on their way, begun in their order, landing in any."""

    def __init__(
        self, calls: Iterable[Call[Any]], pool: Executor, timeout: float | None, clock: Clock
    ) -> None:
        self._calls = enumerate(calls)
        self._pool = pool
        self._timeout = timeout
        self._clock = clock
        self._origin = clock()
        self._limit = deadline.limit(clock)
        self._context = copy_context()
        self._mailbox = pool.mailbox()
        self._flying: dict[int, Work] = {}
        self._timed: deque[Work] = deque()
        self._landed: deque[Work] = deque()
        self.given = 0
        """How many outcomes were given out already, by a caller that keeps some back."""

    def __enter__(self) -> _Flight:
        return self

    def __exit__(self, *_: object) -> None:
        for work in self._flying.values():
            self._pool.abandon(work)
        self._flying.clear()

    def outcomes(self, at_once: int | None, ahead: int | None = None) -> Iterator[tuple[int, Outcome]]:
        """Each call's place and outcome as it lands; none begins more than ``ahead`` of what was given."""
        if at_once is not None and at_once < 1:
            raise ValueError("at_once is 1 at least, or None for as many as there are threads")
        begun, more = 0, True
        while more or self._flying:
            while more and _room(len(self._flying), at_once) and _room(begun - self.given, ahead):
                more = self._begin()
                begun += 1
            if self._flying:
                yield self._land()

    def _begin(self) -> bool:
        """Send the next call on its way; false if there is none."""
        index, call = next(self._calls, (0, None))
        if call is None:
            return False
        now = self._clock()
        work = Work(
            call,
            owner=(index, _name(call)),
            mailbox=self._mailbox,
            context=self._context.copy(),
            clock=self._clock,
            until=deadline.soonest(now, self._timeout, self._limit),
        )
        self._flying[index] = work
        if work.until is not None:
            self._timed.append(work)
        if self._pool.saturated:
            work.withdraw()
            work.error = Saturated("late work holds every thread")
            self._landed.append(work)
        elif not self._pool.submit(work):
            work.run_here()
        return True

    def _land(self) -> tuple[int, Outcome]:
        """The next call that ends, or whose time is over; what is here counts, even if a second late."""
        while True:
            while not self._mailbox.empty():
                self._landed.append(self._mailbox.get())
            oldest = self._next_due()
            left = None if oldest is None or oldest.until is None else oldest.until - self._clock()
            if oldest is not None and left is not None and left <= 0 and oldest not in self._landed:
                self._pool.abandon(oldest)
                return self._over(oldest, StepLate(f"{oldest.owner[1]} had not ended when its time was over"))
            if self._landed:
                work = self._landed.popleft()
                if work.owner[0] in self._flying:
                    return self._over(work, work.error)
            else:
                with suppress(Empty):
                    self._landed.append(self._mailbox.get(timeout=left))

    def _next_due(self) -> Work | None:
        """The oldest call in flight, as far as calls have a time that ends."""
        while self._timed and self._timed[0].owner[0] not in self._flying:
            self._timed.popleft()
        return self._timed[0] if self._timed else None

    def _over(self, work: Work, error: BaseException | None) -> tuple[int, Outcome]:
        index, name = work.owner
        del self._flying[index]
        start, now = work.begin - self._origin, self._clock() - self._origin
        if error is None:
            return index, Outcome(name, "ok", work.value, None, start, now, 1)
        error.add_note(f"in call {index}, {name}")
        return index, Outcome(name, "failed", None, error, start, now, 1, reason=_reason(error))


def _room(taken: int, most: int | None) -> bool:
    return most is None or taken < most


def _reason(error: BaseException) -> str:
    if isinstance(error, StepLate):
        return "timeout"
    return "saturated" if isinstance(error, Saturated) else "error"


def _name(call: Call[Any]) -> str:
    return name_of(call.func if isinstance(call, partial) else call)


def _batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    if size < 1:
        raise ValueError("a batch has at least one item")
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
