"""One run of a plan, as its owner uses it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Self

from repartee.plan.budget import HedgeBudget
from repartee.plan.deadline import Clock
from repartee.plan.invoker import Invoker
from repartee.plan.outcome import Bar, Outcome, Resolution
from repartee.plan.policy import Speculation
from repartee.plan.pool import TaskPool
from repartee.plan.scheduler import Scheduler
from repartee.plan.step_state import StepState
from repartee.plan.task import Task
from repartee.plan.topology import Topology


class Run:
    """One run of a plan, made by ``Graph.start``. It belongs to one thread.

    The scheduler works in its owner's thread, while the owner asks for outcomes. So handle an outcome
    quickly: as long as the owner does something else, nothing new is started. In particular, the owner sees
    the outcome of a step before any step that waits for it is started, and may close the run instead.
    """

    def __init__(
        self,
        topology: Topology,
        known: dict[str, Any],
        pool: TaskPool,
        hedges: HedgeBudget,
        speculation: Speculation,
        *,
        parallel: bool,
        deadline: float | None,
        clock: Clock,
        random: Callable[[], float] | None,
    ) -> None:
        self._invoker = Invoker(
            pool, known, hedges, speculation,
            resolve=self._end, seconds=deadline, clock=clock, random=random,
        )  # fmt: skip
        self._steps = [
            StepState(
                index, step, waits, pool.breakers.of(step.policy.breaker) if step.policy.breaker else None
            )
            for index, (step, waits) in enumerate(zip(topology.steps, topology.waits, strict=True))
        ]
        self._scheduler = Scheduler(topology, known, self._invoker, self._steps, parallel=parallel)
        self._yielded = 0
        self._scheduler.begin()

    def until_ready(self) -> Iterator[Outcome]:
        """Yield the outcomes as they happen, until the targets are known.

        ``StepFailed``, with its cause attached, when a required step has failed.
        """
        return self._outcomes_while(lambda: self._scheduler.awaited > 0)

    def until_ended(self) -> Iterator[Outcome]:
        """Yield the outcomes as they happen, until every step has ended, late ones and statuses too."""
        return self._outcomes_while(lambda: True)

    def arrived(self) -> Iterator[Outcome]:
        """Yield the outcomes that were not yielded yet. Never waits and never raises ``StepFailed``."""
        self._invoker.run_once(wait=False)
        self._scheduler.advance()
        return self._unseen()

    @property
    def ready(self) -> bool:
        """Whether the targets are known."""
        return self._scheduler.awaited == 0

    @property
    def values(self) -> Mapping[str, Any]:
        """The values of the steps that are known by now, by name; fallback values included."""
        known = self._scheduler.known
        return {step.step.name: known[step.step.name] for step in self._steps if step.step.name in known}

    @property
    def starved(self) -> bool:
        """Whether a step ran in the owner's thread because no other was available."""
        return self._invoker.starved

    def close(self) -> tuple[Outcome, ...]:
        """Abandon what still runs, and return all outcomes in the order of their ends.

        Afterwards a step that still runs has no effect on the run. Closing twice is closing once.
        """
        self._scheduler.stop("closed")
        return tuple(self._scheduler.outcomes)

    def waterfall(self) -> tuple[Bar, ...]:
        """Return the steps that have ended as the rows of a waterfall, in the order of their starts."""
        calls = {step.step.name: tuple(map(self._span, step.calls)) for step in self._steps}
        bars = [
            Bar(o.name, o.status, o.start, o.end, calls[o.name], o.hedged, o.speculated, o.reason)
            for o in self._scheduler.outcomes
        ]
        return tuple(sorted(bars, key=lambda bar: (bar.start, bar.end)))

    def running(self) -> tuple[tuple[str, float], ...]:
        """Return the steps that were called and have not ended, each with the seconds at which it was.

        Any thread may ask, for instance one that shows a run while its owner goes on.
        """
        begun = [step for step in self._steps if step.calls and not step.ended]
        return tuple((step.step.name, self._span(step.calls[0])[0]) for step in begun)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _outcomes_while(self, wanting: Callable[[], bool]) -> Iterator[Outcome]:
        while True:
            yield from self._unseen()
            self._scheduler.advance()
            yield from self._unseen()
            if self._scheduler.failure is not None:
                raise self._scheduler.failure
            if not wanting() or not self._scheduler.unended:
                return
            self._invoker.run_once(wait=True)

    def _end(self, step: StepState, resolution: Resolution) -> None:
        self._scheduler.end(step, resolution)

    def _unseen(self) -> Iterator[Outcome]:
        outcomes = self._scheduler.outcomes
        while self._yielded < len(outcomes):
            self._yielded += 1
            yield outcomes[self._yielded - 1]

    def _span(self, task: Task) -> tuple[float, float | None]:
        since_start = self._invoker.since_start
        return since_start(task.begin), None if task.end is None else since_start(task.end)
