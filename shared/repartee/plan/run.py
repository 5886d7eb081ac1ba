"""A run of a plan, as its owner sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Self

from repartee.plan.attempts import Attempts
from repartee.plan.budget import HedgeBudget
from repartee.plan.deadline import Clock
from repartee.plan.links import Links
from repartee.plan.outcome import Bar, Ending, Outcome
from repartee.plan.policy import Speculation
from repartee.plan.pool import Executor
from repartee.plan.progress import Progress
from repartee.plan.scheduler import Scheduler
from repartee.plan.work import Work


class Run:
    """One run of a plan, made by ``Graph.start``. It belongs to one thread.

    The scheduler works in its owner's thread, while outcomes are asked for. So handle an outcome
    quickly: as long as the owner does something else, nothing new is started.
    """

    def __init__(
        self,
        links: Links,
        known: dict[str, Any],
        pool: Executor,
        hedges: HedgeBudget,
        speculation: Speculation,
        *,
        parallel: bool,
        deadline: float | None,
        clock: Clock,
        random: Callable[[], float] | None,
    ) -> None:
        self._attempts = Attempts(
            pool, known, hedges, speculation, end=self._end, seconds=deadline, clock=clock, random=random
        )
        self._steps = [
            Progress(
                rank, step, waits, pool.breakers.of(step.policy.breaker) if step.policy.breaker else None
            )
            for rank, (step, waits) in enumerate(zip(links.steps, links.waits, strict=True))
        ]
        self._scheduler = Scheduler(links, known, self._attempts, self._steps, parallel=parallel)
        self._told = 0
        self._scheduler.begin()

    def until_ready(self) -> Iterator[Outcome]:
        """The outcomes as they happen, until the targets are known.

        ``StepFailed``, with its cause attached, when a required step has failed.
        """
        return self._outcomes_while(lambda: self._scheduler.awaited > 0)

    def until_ended(self) -> Iterator[Outcome]:
        """The outcomes as they happen, until every step has ended, late ones and statuses too."""
        return self._outcomes_while(lambda: True)

    def arrived(self) -> Iterator[Outcome]:
        """The outcomes that nobody has seen yet. Never waits and never raises ``StepFailed``."""
        self._turn(wait=False)
        return self._fresh()

    @property
    def ready(self) -> bool:
        """Whether the targets are known."""
        return self._scheduler.awaited == 0

    @property
    def values(self) -> Mapping[str, Any]:
        """What is known of each step by now, by its name; fallback values included."""
        known = self._scheduler.known
        return {step.step.name: known[step.step.name] for step in self._steps if step.step.name in known}

    @property
    def starved(self) -> bool:
        """Whether no thread could be had at some time, so that a step ran in the owner's own."""
        return self._attempts.starved

    def close(self) -> tuple[Outcome, ...]:
        """Abandon what still runs, and give all outcomes in the order of their ends.

        Afterwards nothing that a step still does can reach anybody. Closing twice is closing once.
        """
        self._scheduler.stop("closed")
        return tuple(self._scheduler.outcomes)

    def waterfall(self) -> tuple[Bar, ...]:
        """The steps that have ended, as the rows of a picture, in the order of their starts."""
        calls = {step.step.name: tuple(map(self._span, step.calls)) for step in self._steps}
        bars = [
            Bar(o.name, o.kind, o.start, o.end, calls[o.name], o.hedged, o.speculated, o.reason)
            for o in self._scheduler.outcomes
        ]
        return tuple(sorted(bars, key=lambda bar: (bar.start, bar.end)))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _outcomes_while(self, wanting: Callable[[], bool]) -> Iterator[Outcome]:
        while True:
            yield from self._fresh()
            if self._scheduler.failure is not None:
                raise self._scheduler.failure
            if not wanting() or not self._scheduler.unended:
                return
            self._turn(wait=True)

    def _end(self, step: Progress, ending: Ending) -> None:
        self._scheduler.end(step, ending)

    def _turn(self, *, wait: bool) -> None:
        self._attempts.turn(wait=wait)
        self._scheduler.advance()

    def _fresh(self) -> Iterator[Outcome]:
        outcomes = self._scheduler.outcomes
        while self._told < len(outcomes):
            self._told += 1
            yield outcomes[self._told - 1]

    def _span(self, work: Work) -> tuple[float, float | None]:
        since_start = self._attempts.since_start
        return since_start(work.begin), None if work.end is None else since_start(work.end)
