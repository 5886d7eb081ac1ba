"""What holds for every plan, drawn at random and run on a virtual clock."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from repartee.plan import Outcome, Run, Speculation, StepFailed
from tests.property.plan.graphs import Drawn, declared, plans, targets
from tests.support.plan_world import PlanWorld


class Ran:
    """A whole run of a drawn plan: how it went, in which world."""

    def __init__(
        self, drawn: list[Drawn], threads: int = 1000, *, ended: bool = True, **options: Any
    ) -> None:
        self.world = PlanWorld(threads)
        budget = options.pop("budget", None)
        share = options.pop("hedge_share", 0.05)
        plan = declared(drawn, self.world, budget=budget, hedge_share=share)
        self.graph = plan.build(targets=targets(drawn))
        self.run: Run = self.graph.start({}, **{**self.world.run_options, **options})
        self.failed: StepFailed | None = None
        self.outcomes: list[Outcome] = []
        try:
            self.outcomes += self.run.until_ready()
            self.ready_at = self.world.time.clock()
            if ended:
                self.outcomes += self.run.until_ended()
        except StepFailed as failed:
            self.failed = failed
        self.over_at = self.world.time.clock()
        self.all = self.run.close()

    @property
    def statuses(self) -> dict[str, str]:
        """How each step ended, where what was discarded counts as skipped."""
        return {o.name: "skipped" if o.status == "discarded" else o.status for o in self.all}


@given(plans())
def test_parallel_and_serial_agree(drawn: list[Drawn]) -> None:
    """Where nothing depends on time, both modes give the same values and the same outcomes."""
    parallel = Ran(drawn)
    serial = Ran(drawn, parallel=False)

    assert (parallel.failed is None) == (serial.failed is None)
    if not parallel.failed:
        assert parallel.run.values == serial.run.values
        assert parallel.statuses == serial.statuses


@given(plans(), st.integers(1, 4))
def test_the_number_of_threads_changes_nothing_but_time(drawn: list[Drawn], threads: int) -> None:
    """A narrow pool gives the same values as a wide one."""
    narrow, wide = Ran(drawn, threads), Ran(drawn)

    assert (narrow.failed is None) == (wide.failed is None)
    if not wide.failed:
        assert narrow.run.values == wide.run.values
        assert narrow.statuses == wide.statuses


@given(plans(policies=True, statuses=True, stuck=True), st.booleans(), st.integers(1, 5))
def test_no_step_starts_before_its_inputs(drawn: list[Drawn], parallel: bool, threads: int) -> None:
    """A step is called when all its data is known, and when its gate is, unless it speculates."""
    ran = Ran(drawn, threads, parallel=parallel, deadline=20.0)

    ends = {outcome.name: outcome.end for outcome in ran.all}
    for name, second in ran.world.begun:
        step = drawn[int(name[1:])]
        assert all(ends[need] <= second for need in step.needs)
        assert step.gate is None or step.speculate or ends[step.gate] <= second


@given(plans(policies=True, statuses=True, stuck=True), st.booleans(), st.integers(1, 5), st.integers(1, 40))
def test_every_run_ends_by_its_deadline(
    drawn: list[Drawn], parallel: bool, threads: int, deadline: int
) -> None:
    """Whatever is stuck or slow: at its deadline the run is over, and every step has an outcome."""
    ran = Ran(drawn, threads, parallel=parallel, deadline=deadline / 4)

    assert ran.over_at <= deadline / 4
    assert sorted(o.name for o in ran.all) == sorted(f"s{i}" for i in range(len(drawn)))


@given(plans(policies=True, stuck=True), st.booleans(), st.integers(1, 5))
def test_nothing_starts_once_the_run_has_failed(drawn: list[Drawn], parallel: bool, threads: int) -> None:
    """After a required step's failure no call is begun, and so no write."""
    ran = Ran(drawn, threads, parallel=parallel, deadline=20.0)
    begun = len(ran.world.begun)

    if ran.failed:
        ran.world.time.advance_to_next(1000.0)
        ran.world.time.run_due_events()
        assert len(ran.world.begun) == begun
        assert all(second <= ran.over_at for _, second in ran.world.begun)


@given(plans(policies=True, stuck=True))
def test_what_writes_is_called_once_a_try(drawn: list[Drawn]) -> None:
    """A write is never hedged and never made ahead of its gate."""
    ran = Ran(drawn, deadline=20.0, hedge_share=1.0)

    for outcome in ran.all:
        if drawn[int(outcome.name[1:])].writes:
            assert not outcome.hedged
            assert not outcome.speculated


@given(plans(failures=False))
def test_a_wide_pool_is_ready_at_the_critical_path(drawn: list[Drawn]) -> None:
    """With as many threads as steps, the run is ready exactly when the critical path is over."""
    ran = Ran(drawn, ended=False)

    called = {o.name for o in ran.all if o.status in ("ok", "discarded") and o.reason != "gate"}
    durations = {f"s{i}": step.takes for i, step in enumerate(drawn) if f"s{i}" in called}
    path = ran.graph.critical_path(durations)
    unprioritised = all(step.prior is None for step in drawn)
    assert ran.ready_at == path.seconds if unprioritised else ran.ready_at >= path.seconds


@given(plans(policies=True), st.integers(0, 3), st.integers(0, 3))
def test_speculation_stays_within_its_budget(drawn: list[Drawn], calls: int, cost: int) -> None:
    """A run makes no more speculative calls than its plan allows, in number and in money."""
    ran = Ran(drawn, budget=Speculation(calls=calls, cost=cost))

    assert sum(outcome.speculated for outcome in ran.all) <= min(calls, cost)


@given(plans(policies=True), st.sampled_from([0.0, 0.05, 0.25, 1.0]), st.integers(1, 20))
def test_hedges_stay_within_their_share(drawn: list[Drawn], share: float, runs: int) -> None:
    """Over any number of runs, hedges are at most their share of the calls that could be hedged."""
    world = PlanWorld()
    graph = declared(drawn, world, hedge_share=share).build(targets=targets(drawn))

    hedges = calls = 0
    for _ in range(runs):
        with graph.start({}, **world.run_options, deadline=20.0) as run, suppress(StepFailed):
            list(run.until_ended())
        hedges += sum(outcome.hedged for outcome in run.close())
        calls += sum(
            o.attempts - o.hedged for o in run.close() if drawn[int(o.name[1:])].hedge_after is not None
        )

    assert hedges <= share * calls + 1e-9


@given(plans(statuses=True), st.integers(1, 4))
def test_statuses_delay_nothing(drawn: list[Drawn], threads: int) -> None:
    """Whatever statuses do, on however few threads, the run is ready at the same time and with the same."""
    silent = [
        step._replace(takes=0.0, needs=(), gate=None, speculate=False) if step.status else step
        for step in drawn
    ]
    loud, quiet = Ran(drawn, threads, ended=False), Ran(silent, threads, ended=False)

    assert (loud.failed is None) == (quiet.failed is None)
    if not loud.failed:
        assert loud.ready_at == quiet.ready_at
        assert {t: loud.run.values[t] for t in targets(drawn)} == {
            t: quiet.run.values[t] for t in targets(drawn)
        }


@given(plans(statuses=True))
def test_outcomes_come_in_the_order_of_their_ends(drawn: list[Drawn]) -> None:
    """Every outcome is told once, as it happens; statuses among them in the order they complete."""
    ran = Ran(drawn)

    if not ran.failed:
        assert tuple(ran.outcomes) == ran.all
        ends = [outcome.end for outcome in ran.all if not outcome.speculated]
        assert ends == sorted(ends)


@given(plans(policies=True, statuses=True, stuck=True), st.integers(1, 5))
def test_a_run_is_the_same_every_time(drawn: list[Drawn], threads: int) -> None:
    """The engine adds no chance of its own: the same world gives the same outcomes."""
    first, second = Ran(drawn, threads, deadline=20.0), Ran(drawn, threads, deadline=20.0)

    assert [o[:3] + o[4:] for o in first.all] == [o[:3] + o[4:] for o in second.all]
