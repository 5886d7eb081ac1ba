"""Helpers for lists of independent calls: the pool and the outcomes of a plan, without a plan.

A call is a function without arguments, or a ``NamedCall``, which adds a name and a default to one. Results
keep the order of the calls.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from repartee.plan import deadline
from repartee.plan.batch import Call, CallBatch, NamedCall
from repartee.plan.deadline import Clock
from repartee.plan.outcome import Outcome
from repartee.plan.policy import REQUIRED, Retry, uniform
from repartee.plan.pool import TaskPool

T = TypeVar("T")
U = TypeVar("U")

_CALLS_AHEAD = 8
"""``limit`` may begin this many times ``max_concurrency`` calls while it waits for an earlier one."""


def gather(
    calls: Iterable[Call[T]],
    *,
    pool: TaskPool,
    max_concurrency: int | None = None,
    timeout: float | None = None,
    clock: Clock = time.monotonic,
) -> list[T]:
    """Return all results, or raise the first error as soon as it happens.

    ``max_concurrency``: how many calls may run at the same time; ``timeout``: seconds for each. The error
    keeps its traceback and a note names the call; calls that still run are abandoned. A call with a default
    never fails.
    """
    results: dict[int, T] = {}
    with CallBatch(calls, pool, timeout, clock) as batch:
        for index, outcome in batch.outcomes(max_concurrency):
            if outcome.status == "failed" and outcome.error is not None:
                raise outcome.error
            results[index] = outcome.value
    return [results[index] for index in range(len(results))]


def settle(
    calls: Iterable[Call[Any]],
    *,
    pool: TaskPool,
    default: Any = REQUIRED,
    max_concurrency: int | None = None,
    timeout: float | None = None,
    clock: Clock = time.monotonic,
) -> list[Outcome]:
    """Return the outcomes of all calls. A call that fails has the status ``failed``; with a default, its own
    or this ``default`` of all, it has the status ``fallback`` and the default as its value."""
    ended: dict[int, Outcome] = {}
    with CallBatch(calls, pool, timeout, clock, default) as batch:
        ended.update(batch.outcomes(max_concurrency))
    return [ended[index] for index in range(len(ended))]


def limit(
    calls: Iterable[Call[Any]],
    max_concurrency: int,
    *,
    pool: TaskPool,
    timeout: float | None = None,
    clock: Clock = time.monotonic,
) -> Iterator[Outcome]:
    """Yield the outcomes one by one, while no more than ``max_concurrency`` calls run.

    ``calls`` may be endless: the next call is taken from it when there is room to run it, and never far ahead
    of the outcome that is yielded.
    """
    kept: dict[int, Outcome] = {}
    with CallBatch(calls, pool, timeout, clock) as batch:
        for index, outcome in batch.outcomes(max_concurrency, max_concurrency * _CALLS_AHEAD):
            kept[index] = outcome
            while batch.yielded in kept:
                yield kept.pop(batch.yielded)
                batch.yielded += 1


def in_batches(
    calls: Iterable[Call[Any]],
    size: int,
    *,
    pool: TaskPool,
    default: Any = REQUIRED,
    timeout: float | None = None,
    clock: Clock = time.monotonic,
) -> Iterator[list[Outcome]]:
    """Run ``size`` calls at the same time, and the next ``size`` when all of those have ended; yield each
    batch's outcomes.

    ``calls`` may be endless. A batch begins when it is asked for: sleep or stop between two of them at will.
    """
    for batch in _slices(calls, size):
        yield settle(batch, pool=pool, default=default, timeout=timeout, clock=clock)


def batched(
    call: Callable[[list[T]], Iterable[U]],
    items: Iterable[T],
    size: int,
    *,
    pool: TaskPool,
    max_concurrency: int | None = None,
    timeout: float | None = None,
    clock: Clock = time.monotonic,
) -> list[U]:
    """Make one call for every ``size`` items, all at the same time, or one batch after another with
    ``max_concurrency=1``; return their results in the order of the items."""
    calls = (partial(call, batch) for batch in _slices(items, size))
    results = gather(calls, pool=pool, max_concurrency=max_concurrency, timeout=timeout, clock=clock)
    return [one for batch in results for one in batch]


def retry(
    call: Call[T],
    policy: Retry = Retry(),  # noqa: B008 - an immutable value
    *,
    sleep: Callable[[float], None] = time.sleep,
    random: Callable[[], float] | None = None,
) -> T:
    """Make the call in this thread, again and again as the policy says, as long as the deadline allows.

    Inside a plan use the step's own ``retry``, which holds no thread between two attempts.
    """
    if contradiction := policy.contradiction():
        raise ValueError(contradiction)
    for attempts in range(1, policy.max_attempts + 1):
        try:
            return call()
        except Exception as error:
            delay = policy.delay(attempts, random or uniform())
            if attempts == policy.max_attempts or not policy.is_retryable(error) or _too_late(delay):
                raise
        sleep(delay)
    raise AssertionError("the last attempt returns or raises")


def timed(call: Call[Any], *, clock: Clock = time.monotonic) -> Outcome:
    """Make the call in this thread; return how it ended and how long it took."""
    named, start = NamedCall.of(call), clock()
    try:
        value = call()
    except Exception as error:  # noqa: BLE001 - the outcome carries the error
        return named.failed(error, 0.0, clock() - start, "error")
    return Outcome(named.label, "ok", value, None, 0.0, clock() - start, 1)


def _too_late(delay: float) -> bool:
    left = deadline.remaining()
    return left is not None and delay >= left


def _slices(items: Iterable[T], size: int) -> Iterator[list[T]]:
    if size < 1:
        raise ValueError("a batch has at least one item")
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
