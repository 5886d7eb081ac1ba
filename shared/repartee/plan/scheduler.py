"""Who may start, and what follows from a step's end: the dataflow of one run."""

from __future__ import annotations

from collections import deque
from heapq import heappop, heappush
from typing import Any

from repartee.plan.attempts import Attempts
from repartee.plan.errors import StepFailed
from repartee.plan.links import Links
from repartee.plan.outcome import Ending, Kind, Outcome
from repartee.plan.policy import Predicate
from repartee.plan.progress import DATA, GATE, PRIOR, Progress


class Scheduler:
    """Counts down what each step waits for and starts it when nothing is left.

    Work that is certain starts before work that is speculative; in the serial mode nothing starts
    while something runs.
    """

    def __init__(
        self,
        links: Links,
        known: dict[str, Any],
        attempts: Attempts,
        steps: list[Progress],
        *,
        parallel: bool,
    ) -> None:
        self._links = links
        self._attempts = attempts
        self._parallel = parallel
        self._steps = steps
        self._startable: list[int] = []
        self._just_ended: deque[Progress] = deque()
        self._latest: Progress | None = None
        """The step that was started last. Serially, nothing else is started before it has ended."""
        self.known = known
        """The inputs, and the values of the steps as far as they are known."""
        self.outcomes: list[Outcome] = []
        self.awaited = len(links.targets)
        self.unended = len(steps)
        self.failure: StepFailed | None = None

    def begin(self) -> None:
        """Start all that needs no other step."""
        for step in self._steps:
            if not step.ended:
                self._consider(step)
        self.advance()

    def advance(self) -> None:
        """Go on until nothing follows from what has ended and nothing more can be started."""
        while True:
            if self._just_ended:
                self._spread(self._just_ended.popleft())
            elif self._startable and self._may_start():
                self._start(self._steps[heappop(self._startable) % len(self._steps)])
            else:
                return

    def end(self, step: Progress, ending: Ending) -> None:
        """The step is over: keep its outcome, and see later what follows from it."""
        step.ended = True
        self._attempts.let_go(step)
        if ending.known:
            self.known[step.step.name] = ending.value
            self.awaited -= step.rank in self._links.targets
        self.outcomes.append(self._outcome(step, ending))
        self.unended -= 1
        if ending.kind == "failed" and self._links.required[step.rank]:
            self._fail(step.step.name, ending)
        else:
            self._just_ended.append(step)

    def stop(self, reason: str) -> None:
        """End all that has not ended; nothing is started any more."""
        self._startable.clear()
        for step in self._steps:
            if not step.ended:
                self.end(step, Ending("discarded", known=False, reason=reason))
        self._just_ended.clear()

    def _fail(self, name: str, ending: Ending) -> None:
        self.failure = StepFailed(name, ending.reason)
        self.failure.__cause__ = ending.error
        self.stop("failed")

    def _outcome(self, step: Progress, ending: Ending) -> Outcome:
        now, since_start = self._attempts.now(), self._attempts.since_start
        return Outcome(
            step.step.name,
            ending.kind,
            ending.value,
            ending.error,
            since_start(step.calls[0].begin) if step.calls else now,
            now if ending.at is None else since_start(ending.at),
            len(step.calls),
            step.hedged,
            step.speculated,
            ending.reason,
        )

    def _spread(self, ended: Progress) -> None:
        """Tell those that waited for the step that it is over."""
        known = ended.step.name in self.known
        for rank, role in self._links.feeds[ended.rank]:
            waiting = self._steps[rank]
            waiting.waits[role] -= 1
            if not waiting.ended:
                waiting.lost = not known and role != PRIOR
                self._consider(waiting)
        for rank in self._links.announcers[ended.rank]:
            if not self._steps[rank].ended:
                self.end(self._steps[rank], Ending("discarded", known=False, reason="announced"))

    def _consider(self, step: Progress) -> None:
        """Look again at a step that has not ended, now that more is known."""
        if step.lost:
            self._pass_over(step, "upstream", known=step.step.optional)
            return
        if step.gate_open is None and not step.waits[GATE]:
            self._decide(step)
        if step.ended or step.running or step.waits[DATA]:
            return
        if step.gate_open:
            heappush(self._startable, step.rank)
        elif step.step.policy.speculate and not step.waits[PRIOR]:
            heappush(self._startable, step.rank + len(self._steps))

    def _decide(self, step: Progress) -> None:
        """Ask the gate, and keep or discard what was done ahead of it."""
        try:
            step.gate_open = bool(self._ask(step.step.policy.when, step.step.gate))
        except Exception as error:  # noqa: BLE001 - a predicate is the plan's code: its faults are its step's
            self._attempts.give_up(step, error, "error")
            return
        if not step.gate_open:
            self._pass_over(step, "gate")
        elif step.held is not None:
            self.end(step, Ending("ok", step.held.value, at=step.held.end))
        elif step.live:
            step.running = True
            self._attempts.commit(step)

    def _pass_over(self, step: Progress, reason: str, *, known: bool = True) -> None:
        kind: Kind = "discarded" if step.speculated else "skipped"
        self.end(step, Ending(kind, step.step.stand_in, known, reason=reason))

    def _start(self, step: Progress) -> None:
        if step.ended or step.running:
            return
        if step.gate_open:
            step.running = True
            self._latest = step
            self._attempts.begin(step)
        elif not step.speculated and self._worth_it(step):
            self._attempts.speculate(step)

    def _may_start(self) -> bool:
        return self._parallel or self._latest is None or self._latest.ended

    def _worth_it(self, step: Progress) -> bool:
        prior = step.step.policy.speculate
        try:
            return not callable(prior) or bool(self._ask(prior, step.step.prior))
        except Exception:  # noqa: BLE001 - to speculate is a favour: whoever cannot say that it is worth it, waits
            return False

    def _ask(self, predicate: Predicate | None, names: tuple[str, ...]) -> object:
        known = self.known
        return predicate is None or predicate(**{name: known[name] for name in names})
