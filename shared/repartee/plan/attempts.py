"""The calls of a run's steps: first ones, second ones, early ones, and those that are given up."""

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
from repartee.plan.loop import Loop
from repartee.plan.outcome import Ending
from repartee.plan.policy import Speculation, even
from repartee.plan.pool import Executor
from repartee.plan.progress import Progress
from repartee.plan.work import Work


class Attempts:
    """Makes the calls of one run as its steps' policies say, and reports when a step is over."""

    def __init__(
        self,
        pool: Executor,
        known: Mapping[str, Any],
        hedges: HedgeBudget,
        speculation: Speculation,
        *,
        end: Callable[[Progress, Ending], None],
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
        self._limit = deadline.soonest(self._origin, seconds, deadline.limit(clock))
        self._mailbox = pool.mailbox()
        self._loop = Loop(self._mailbox, clock, self._arrived)
        self.turn = self._loop.turn
        self._end = end
        self.starved = False
        """Whether a step had to run in the caller's thread, because no other could be had."""

    def now(self) -> float:
        """Seconds since the run's start."""
        return self._clock() - self._origin

    def since_start(self, instant: float) -> float:
        """The clock's time as seconds since the run's start."""
        return instant - self._origin

    def begin(self, step: Progress) -> None:
        """All that it needs is known: call it, and see to it that it ends."""
        self._set_out(step)
        if step.due is not None and step.due <= self._clock():
            self.give_up(step, _late(step), "deadline")
        else:
            self._try(step)

    def speculate(self, step: Progress) -> None:
        """Its data is known and its gate is not: call it, if that is within what speculation may cost."""
        left = self._speculation.after(step.step.policy.cost)
        if left is None or self._pool.saturated or not _trusted(step):
            return
        self._set_out(step)
        step.speculated = self._submit(step, self._work(step))
        if step.speculated:
            self._speculation = left

    def commit(self, step: Progress) -> None:
        """The gate of a step that is being called ahead of it has opened: from now on it counts."""
        step.tries += 1
        self._watch(step)

    def give_up(self, step: Progress, error: BaseException, reason: str) -> None:
        """No call of the step will be waited for: its fallback stands in, or it has failed."""
        if step.step.optional:
            ending = Ending("fallback", step.step.policy.fallback, error=error, reason=reason)
        else:
            ending = Ending("failed", known=False, error=error, reason=reason)
        self._end(step, ending)

    def let_go(self, step: Progress) -> None:
        """Abandon the calls that are still being made."""
        for work in step.live:
            self._pool.abandon(work)
            if work.probe and step.breaker:
                step.breaker.gave_up()
        step.live.clear()

    def _set_out(self, step: Progress) -> None:
        step.due = deadline.soonest(self._clock(), step.step.policy.timeout, self._limit)
        if step.due is not None:
            self._loop.at(step.due, self._out_of_time, step)

    def _try(self, step: Progress) -> None:
        """One more call that counts, unless it would be in vain."""
        if self._pool.saturated:
            self.give_up(step, Saturated(f"{step.step.name}: late work holds every thread"), "saturated")
            return
        admitted = step.breaker.admit(self._clock()) if step.breaker else "call"
        if admitted is None:
            self.give_up(step, BreakerOpen(f"{step.step.name}: {step.step.policy.breaker} fails"), "breaker")
            return
        step.tries += 1
        work = self._work(step)
        work.probe = admitted == "probe"
        if not self._submit(step, work):
            self._run_here(step, work)
        else:
            self._watch(step)

    def _run_here(self, step: Progress, work: Work) -> None:
        """No thread can be had: go on serially, without statuses, which nobody should wait for."""
        if step.step.policy.status:
            self._end(step, Ending("discarded", known=False, reason="starved"))
            return
        self.starved = step.starved = True
        _count(step, work)
        work.run_here()

    def _submit(self, step: Progress, work: Work) -> bool:
        taken = self._pool.submit(work)
        if taken:
            _count(step, work)
        return taken

    def _work(self, step: Progress) -> Work:
        known = self._known
        return Work(
            partial(step.step.function, **{name: known[name] for name in step.step.data}),
            owner=step,
            mailbox=self._mailbox,
            context=self._context.copy(),
            clock=self._clock,
            until=step.due,
            extra=bool(step.step.policy.status),
        )

    # What comes back

    def _arrived(self, work: Work) -> None:
        step: Progress = work.owner
        if work not in step.live:
            return
        step.live.remove(work)
        if step.breaker:
            self._tell(step.breaker, work)
        if work.error is not None:
            self._failed(step, work.error)
        elif step.running:
            self._end(step, Ending("ok", work.value, at=work.end, reason="starved" if step.starved else None))
        else:
            step.held = work

    def _tell(self, breaker: Breaker, work: Work) -> None:
        if work.error is None:
            breaker.succeeded(probe=work.probe)
        else:
            breaker.failed(self._clock(), probe=work.probe)

    def _failed(self, step: Progress, error: BaseException) -> None:
        """Its hedge may still answer; a speculative call is forgotten; else try again or give up."""
        if step.live or not step.running:
            return
        try:
            rest = self._rest(step, error)
        except Exception as fault:  # noqa: BLE001 - the step's own word on what is retryable is the plan's code
            error, rest = fault, None
        if rest is None:
            self.give_up(step, error, "error")
        else:
            self._loop.at(rest, self._try, step)

    def _rest(self, step: Progress, error: BaseException) -> float | None:
        """When to try again, on the clock; ``None`` for not at all."""
        retry = step.step.policy.retry
        if retry is None or step.tries >= retry.attempts or not retry.covers(error):
            return None
        again = self._clock() + retry.rest(step.tries, self._random or even())
        return again if step.due is None or again < step.due else None

    # What falls due

    def _out_of_time(self, step: Progress) -> None:
        now = self._clock()
        if step.due is None or now < step.due:
            return  # an earlier, speculative call's time
        for work in step.live:
            if step.breaker and not work.withdraw():
                step.breaker.failed(now, probe=work.probe)
                work.probe = False
        if step.running:
            self.give_up(step, _late(step), "deadline" if step.due == self._limit else "timeout")
        else:
            self.let_go(step)

    def _watch(self, step: Progress) -> None:
        """See to it that the latest call has a second one beside it if it is slow."""
        after = step.step.policy.hedge_after
        if after:
            self._hedges.earn()
            step.slow_at = step.live[-1].begin + after
            self._loop.at(step.slow_at, self._hedge, step)

    def _hedge(self, step: Progress) -> None:
        """A second call, if the first still goes on, a thread is free, and the budget allows it."""
        if not step.live or step.hedged or self._clock() < step.slow_at:
            return
        if self._pool.roomy and _trusted(step) and self._hedges.spend():
            step.hedged = self._submit(step, self._work(step))


def _count(step: Progress, work: Work) -> None:
    step.live.append(work)
    step.calls.append(work)


def _trusted(step: Progress) -> bool:
    return step.breaker is None or step.breaker.closed


def _late(step: Progress) -> StepLate:
    return StepLate(f"{step.step.name} had not ended when its time was over")
