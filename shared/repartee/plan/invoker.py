"""Calls the functions of a run's steps: first calls, retries, hedges and speculative calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import copy_context
from functools import partial
from typing import Any

from repartee.plan import deadline
from repartee.plan.breaker import Breaker
from repartee.plan.budget import HedgeBudget
from repartee.plan.deadline import Clock
from repartee.plan.errors import BreakerOpen, Saturated, StepLate
from repartee.plan.outcome import Resolution
from repartee.plan.policy import Speculation, uniform
from repartee.plan.pool import TaskPool
from repartee.plan.step_state import StepState
from repartee.plan.task import Task
from repartee.plan.timers import EventLoop


class Invoker:
    """Makes the calls of one run as the steps' policies say, and resolves each step when it is over."""

    def __init__(
        self,
        pool: TaskPool,
        known: Mapping[str, Any],
        hedges: HedgeBudget,
        speculation: Speculation,
        *,
        resolve: Callable[[StepState, Resolution], None],
        seconds: float | None,
        clock: Clock,
        random: Callable[[], float] | None,
    ) -> None:
        self._pool = pool
        self._known = known
        self._hedges = hedges
        self._speculation = speculation
        self._clock = clock
        self._random = random
        self._context = copy_context()
        self._origin = clock()
        self._limit = deadline.earliest(self._origin, seconds, deadline.current_instant(clock))
        self._results = pool.result_queue()
        self._loop = EventLoop(self._results, clock, self._on_result)
        self.run_once, self.take_results = self._loop.run_once, self._loop.take_results
        self._resolve = resolve
        self.starved = False
        """Whether a step had to run in the caller's thread, because no other was available."""

    def now(self) -> float:
        """Return the seconds since the run's start."""
        return self._clock() - self._origin

    def since_start(self, instant: float) -> float:
        """Return an instant of the clock as seconds since the run's start."""
        return instant - self._origin

    def invoke(self, step: StepState) -> None:
        """Call a step whose inputs are all known, and start its timers."""
        self._start_timers(step)
        if step.deadline is not None and step.deadline <= self._clock():
            self.resolve_failed(step, _late(step), "deadline")
        else:
            self._call(step)

    def speculate(self, step: StepState) -> None:
        """Call a step whose gate is not known yet, if the budget for speculation allows it."""
        left = self._speculation.after(step.step.policy.cost)
        if left is None or self._pool.saturated or not _breaker_closed(step):
            return
        self._start_timers(step)
        step.speculated = self._submit(step, self._task(step))
        if step.speculated:
            self._speculation = left

    def commit(self, step: StepState) -> None:
        """Make a speculative call count, because the step's gate has opened."""
        step.tries += 1
        self._schedule_hedge(step)

    def resolve_failed(self, step: StepState, error: BaseException, reason: str) -> None:
        """Resolve the step without a result: with its fallback, or as failed."""
        if step.step.optional:
            resolution = Resolution("fallback", step.step.policy.fallback, error=error, reason=reason)
        else:
            resolution = Resolution("failed", known=False, error=error, reason=reason)
        self._resolve(step, resolution)

    def abandon(self, step: StepState) -> None:
        """Abandon the step's calls that have not ended."""
        for task in step.live_calls:
            self._pool.abandon(task)
            if task.probe and step.breaker:
                step.breaker.probe_abandoned()
        step.live_calls.clear()

    def _start_timers(self, step: StepState) -> None:
        step.deadline = deadline.earliest(self._clock(), step.step.policy.timeout, self._limit)
        if step.deadline is not None:
            self._loop.call_at(step.deadline, self._on_deadline, step)

    def _call(self, step: StepState) -> None:
        """Make one more call that counts, unless the pool or the breaker is against it."""
        if self._pool.saturated:
            error = Saturated(f"{step.step.name}: late tasks hold every thread")
            self.resolve_failed(step, error, "saturated")
            return
        admitted = step.breaker.admit(self._clock()) if step.breaker else "call"
        if admitted is None:
            failing = BreakerOpen(f"{step.step.name}: {step.step.policy.breaker} fails")
            self.resolve_failed(step, failing, "breaker")
            return
        step.tries += 1
        task = self._task(step)
        task.probe = admitted == "probe"
        if not self._submit(step, task):
            self._run_in_caller(step, task)
        else:
            self._schedule_hedge(step)

    def _run_in_caller(self, step: StepState, task: Task) -> None:
        """Go on serially because no thread is available, without statuses, which nothing waits for."""
        if step.step.policy.status:
            self._resolve(step, Resolution("discarded", known=False, reason="starved"))
            return
        self.starved = step.ran_in_caller = True
        _record(step, task)
        task.run_in_caller()

    def _submit(self, step: StepState, task: Task) -> bool:
        submitted = self._pool.submit(task)
        if submitted:
            _record(step, task)
        return submitted

    def _task(self, step: StepState) -> Task:
        known = self._known
        return Task(
            partial(step.step.function, **{name: known[name] for name in step.step.data}),
            owner=step,
            results=self._results,
            context=self._context.copy(),
            clock=self._clock,
            deadline=step.deadline,
            spare=bool(step.step.policy.status),
        )

    # Results

    def _on_result(self, task: Task) -> None:
        step: StepState = task.owner
        if task not in step.live_calls:
            return
        step.live_calls.remove(task)
        if step.breaker:
            self._update_breaker(step.breaker, task)
        if task.error is not None:
            self._on_error(step, task.error)
        elif step.committed:
            reason = "starved" if step.ran_in_caller else None
            self._resolve(step, Resolution("ok", task.value, ended_at=task.end, reason=reason))
        else:
            step.early_result = task

    def _update_breaker(self, breaker: Breaker, task: Task) -> None:
        if task.error is None:
            breaker.succeeded(probe=task.probe)
        else:
            breaker.failed(self._clock(), probe=task.probe)

    def _on_error(self, step: StepState, error: BaseException) -> None:
        """Wait for the hedge, forget a speculative call, retry, or resolve the step as failed."""
        if step.live_calls or not step.committed:
            return
        try:
            retry_at = self._retry_at(step, error)
        except Exception as fault:  # noqa: BLE001 - an error in the plan's own ``retry_on`` is the step's error
            error, retry_at = fault, None
        if retry_at is None:
            self.resolve_failed(step, error, "error")
        else:
            self._loop.call_at(retry_at, self._call, step)

    def _retry_at(self, step: StepState, error: BaseException) -> float | None:
        """Return the instant of the next attempt; ``None`` for no further attempt."""
        retry = step.step.policy.retry
        if retry is None or step.tries >= retry.max_attempts or not retry.is_retryable(error):
            return None
        instant = self._clock() + retry.delay(step.tries, self._random or uniform())
        return instant if step.deadline is None or instant < step.deadline else None

    # Timers

    def _on_deadline(self, step: StepState) -> None:
        now = self._clock()
        if step.deadline is None or now < step.deadline:
            return  # the deadline of an earlier, speculative call
        for task in step.live_calls:
            if step.breaker and not task.cancel():
                step.breaker.failed(now, probe=task.probe)
                task.probe = False
        if step.committed:
            reason = "deadline" if step.deadline == self._limit else "timeout"
            self.resolve_failed(step, _late(step), reason)
        else:
            self.abandon(step)

    def _schedule_hedge(self, step: StepState) -> None:
        """Look at the latest call again when it would be slow enough for a hedge."""
        after = step.step.policy.hedge_after
        if after:
            self._hedges.earn()
            step.hedge_at = step.live_calls[-1].begin + after
            self._loop.call_at(step.hedge_at, self._hedge, step)

    def _hedge(self, step: StepState) -> None:
        """Make a second call, if the first still runs, a thread is free, and the budget allows it."""
        if not step.live_calls or step.hedged or self._clock() < step.hedge_at:
            return
        if self._pool.has_capacity and _breaker_closed(step) and self._hedges.spend():
            step.hedged = self._submit(step, self._task(step))


def _record(step: StepState, task: Task) -> None:
    step.live_calls.append(task)
    step.calls.append(task)


def _breaker_closed(step: StepState) -> bool:
    return step.breaker is None or step.breaker.closed


def _late(step: StepState) -> StepLate:
    return StepLate(f"{step.step.name} had not ended when its time was over")
