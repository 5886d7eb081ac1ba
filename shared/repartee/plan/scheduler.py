"""The dataflow of one run: which steps may start, and what follows when one ends."""

from __future__ import annotations

from collections import deque
from heapq import heappop, heappush
from typing import Any

from repartee.plan.errors import StepFailed
from repartee.plan.invoker import Invoker
from repartee.plan.outcome import Outcome, Resolution, Status
from repartee.plan.policy import Predicate
from repartee.plan.step_state import DATA_ROLE, GATE_ROLE, SPECULATION_ROLE, StepState
from repartee.plan.topology import Topology


class Scheduler:
    """Counts down what each step waits for, and starts the step when nothing is left.

    Certain calls start before speculative ones, and what was declared first before the rest: also what a
    step frees that ends while others are still being started. In the serial mode nothing starts while a step
    runs.
    """

    def __init__(
        self,
        topology: Topology,
        known: dict[str, Any],
        invoker: Invoker,
        steps: list[StepState],
        *,
        parallel: bool,
    ) -> None:
        self._topology = topology
        self._invoker = invoker
        self._parallel = parallel
        self._steps = steps
        self._startable: list[int] = []
        self._just_ended: deque[StepState] = deque()
        self._latest: StepState | None = None
        """The step that was started last. Serially, the next starts when it has ended."""
        self.known = known
        """The inputs, and the values of the steps as far as they are known."""
        self.outcomes: list[Outcome] = []
        self.awaited = len(topology.targets)
        self.unended = len(steps)
        self.failure: StepFailed | None = None

    def begin(self) -> None:
        """Start every step that needs no other step."""
        for step in self._steps:
            if not step.ended:
                self._update(step)
        self.advance()

    def advance(self) -> None:
        """Go on until nothing follows from what has ended and nothing more can be started."""
        while True:
            if self._just_ended:
                self._notify_consumers(self._just_ended.popleft())
            elif self._startable and self._may_start():
                self._start(self._steps[heappop(self._startable) % len(self._steps)])
                if self._startable:
                    self._invoker.take_results()  # one may free a step that goes before those
            else:
                return

    def end(self, step: StepState, resolution: Resolution) -> None:
        """End the step: record its outcome, and notify its consumers later."""
        step.ended = True
        self._invoker.abandon(step)
        if resolution.known:
            self.known[step.step.name] = resolution.value
            self.awaited -= step.index in self._topology.targets
        self.outcomes.append(self._outcome(step, resolution))
        self.unended -= 1
        if resolution.status == "failed" and self._topology.required[step.index]:
            self._fail(step.step.name, resolution)
        else:
            self._just_ended.append(step)

    def stop(self, reason: str) -> None:
        """End all steps that have not ended; start nothing any more."""
        self._startable.clear()
        for step in self._steps:
            if not step.ended:
                self.end(step, Resolution("discarded", known=False, reason=reason))
        self._just_ended.clear()

    def _fail(self, name: str, resolution: Resolution) -> None:
        self.failure = StepFailed(name, resolution.reason)
        self.failure.__cause__ = resolution.error
        self.stop("failed")

    def _outcome(self, step: StepState, resolution: Resolution) -> Outcome:
        now, since_start = self._invoker.now(), self._invoker.since_start
        return Outcome(
            step.step.name,
            resolution.status,
            resolution.value,
            resolution.error,
            since_start(step.calls[0].begin) if step.calls else now,
            now if resolution.ended_at is None else since_start(resolution.ended_at),
            len(step.calls),
            step.hedged,
            step.speculated,
            resolution.reason,
        )

    def _notify_consumers(self, ended: StepState) -> None:
        """Tell the steps that waited for this one that it has ended."""
        known = ended.step.name in self.known
        for index, role in self._topology.consumers[ended.index]:
            waiting = self._steps[index]
            waiting.waits[role] -= 1
            if not waiting.ended:
                waiting.upstream_failed = not known and role != SPECULATION_ROLE
                self._update(waiting)
        for index in self._topology.announcers[ended.index]:
            if not self._steps[index].ended:
                self.end(self._steps[index], Resolution("discarded", known=False, reason="announced"))

    def _update(self, step: StepState) -> None:
        """Decide what a step that has not ended may do, now that more is known."""
        if step.upstream_failed:
            self._pass_over(step, "upstream", known=step.step.optional)
            return
        if step.gate_open is None and not step.waits[GATE_ROLE]:
            self._evaluate_gate(step)
        if step.ended or step.committed or step.waits[DATA_ROLE]:
            return
        if step.gate_open:
            heappush(self._startable, step.index)
        elif step.step.policy.speculate and not step.waits[SPECULATION_ROLE]:
            heappush(self._startable, step.index + len(self._steps))

    def _evaluate_gate(self, step: StepState) -> None:
        """Evaluate the gate, and keep or discard the result of a speculative call."""
        try:
            step.gate_open = bool(self._evaluate(step.step.policy.when, step.step.gate))
        except Exception as error:  # noqa: BLE001 - an error in a predicate is an error of its step
            self._invoker.resolve_failed(step, error, "error")
            return
        if not step.gate_open:
            self._pass_over(step, "gate")
        elif step.early_result is not None:
            self.end(step, Resolution("ok", step.early_result.value, ended_at=step.early_result.end))
        elif step.live_calls:
            step.committed = True
            self._invoker.commit(step)

    def _pass_over(self, step: StepState, reason: str, *, known: bool = True) -> None:
        status: Status = "discarded" if step.speculated else "skipped"
        self.end(step, Resolution(status, step.step.stand_in, known, reason=reason))

    def _start(self, step: StepState) -> None:
        if step.ended or step.committed:
            return
        if step.gate_open:
            step.committed = True
            self._latest = step
            self._invoker.invoke(step)
        elif not step.speculated and self._should_speculate(step):
            self._invoker.speculate(step)

    def _may_start(self) -> bool:
        return self._parallel or self._latest is None or self._latest.ended

    def _should_speculate(self, step: StepState) -> bool:
        predicate = step.step.policy.speculate
        try:
            return not callable(predicate) or bool(self._evaluate(predicate, step.step.speculate_when))
        except Exception:  # noqa: BLE001 - a predicate that fails only means that the step does not speculate
            return False

    def _evaluate(self, predicate: Predicate | None, names: tuple[str, ...]) -> object:
        known = self.known
        return predicate is None or predicate(**{name: known[name] for name in names})
