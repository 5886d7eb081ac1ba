"""What each policy of a step promises, one sentence a test, on a virtual clock."""

from __future__ import annotations

from contextlib import suppress

import pytest

from repartee.plan import Bar, Plan, Retry, Speculation, StepFailed, StepLate, deadline
from repartee.plan.errors import BreakerOpen, Saturated
from tests.support.plan_world import PlanWorld, outcome_kinds, outcome_of
from tests.support.virtual_time import FOREVER_SECONDS


@pytest.fixture
def world() -> PlanWorld:
    return PlanWorld()


@pytest.fixture
def plan() -> Plan:
    return Plan("test")


def test_a_step_starts_the_moment_its_own_inputs_are_there(world: PlanWorld, plan: Plan) -> None:
    """A step starts when its own inputs are there, whatever else still runs."""
    plan.step()(world.make_step("quick", takes=1))
    plan.step()(world.make_step("slow", takes=5))
    plan.step()(world.make_step("after_quick", "quick"))

    list(world.run_plan(plan, "after_quick", "slow").until_ready())

    assert world.call_times("after_quick") == [1]


def test_a_late_step_takes_its_fallback(world: PlanWorld, plan: Plan) -> None:
    """A step that is late is stood in for when its time is over, and nobody listens to it afterwards."""
    plan.step(timeout=2, fallback="stand-in")(world.make_step("late", takes=3))

    run = world.run_plan(plan, "late")
    (outcome,) = run.until_ready()

    assert (outcome.status, outcome.value, outcome.reason, outcome.end) == (
        "fallback",
        "stand-in",
        "timeout",
        2,
    )
    assert isinstance(outcome.error, StepLate)
    world.time.advance_to_next(10)
    assert list(run.arrived()) == []
    assert run.values == {"late": "stand-in"}


def test_an_answer_at_the_last_moment_counts(world: PlanWorld, plan: Plan) -> None:
    """What is there when the time is over is taken."""
    plan.step(timeout=2, fallback=None)(world.make_step("just", takes=2))

    (outcome,) = world.run_plan(plan, "just").until_ready()

    assert outcome.status == "ok"


def test_a_required_step_that_fails_fails_the_run(world: PlanWorld, plan: Plan) -> None:
    """A required step's failure ends the run with the step named and the cause attached."""
    cause = ValueError("no")
    plan.step()(world.make_step("needed", takes=1, fails=cause))
    plan.step()(world.make_step("other", takes=5))
    plan.step()(world.make_step("after", "needed", "other"))
    run = world.run_plan(plan, "after")

    with pytest.raises(StepFailed) as failed:
        list(run.until_ready())

    assert (failed.value.step, failed.value.reason) == ("needed", "error")
    assert failed.value.__cause__ is cause
    assert not run.ready
    assert [(o.name, o.status, o.reason) for o in run.close()] == [
        ("needed", "failed", "error"),
        ("other", "discarded", "failed"),
        ("after", "discarded", "failed"),
    ]
    assert world.call_times("after") == []


def test_what_no_target_needs_cannot_fail_the_run(world: PlanWorld, plan: Plan) -> None:
    """A step that no target needs may fail: those that need it are skipped, and the run is ready."""
    plan.step()(world.make_step("target", takes=5))
    plan.step()(world.make_step("aside", takes=1, fails=OSError()))
    plan.step()(world.make_step("after_aside", "aside"))
    plan.step(fallback="none")(world.make_step("further", "after_aside"))

    run = world.run_plan(plan, "target")
    outcomes = list(run.until_ended())

    assert outcome_kinds(outcomes) == {
        "aside": "failed",
        "after_aside": "skipped",
        "further": "skipped",
        "target": "ok",
    }
    assert outcome_of("further", outcomes).reason == "upstream"
    assert run.values == {"target": "target", "further": "none"}


def test_a_late_step_outlives_readiness(world: PlanWorld, plan: Plan) -> None:
    """A run is ready when its targets are known; what still runs arrives afterwards, without waiting."""
    plan.step()(world.make_step("target", takes=1))
    plan.step()(world.make_step("later", takes=3))
    run = world.run_plan(plan, "target")

    assert outcome_kinds(list(run.until_ready())) == {"target": "ok"}
    assert list(run.arrived()) == []
    world.time.advance_to_next(5)
    assert outcome_kinds(list(run.arrived())) == {"later": "ok"}


def test_a_retry_rests_in_between(world: PlanWorld, plan: Plan) -> None:
    """A retryable error is tried again after a rest that doubles, up to the attempts."""
    retry = Retry(max_attempts=4, retry_on=(OSError,), initial_interval=1, max_interval=3)
    plan.step(retry=retry)(world.make_step("shaky", fails=[OSError(), OSError(), OSError(), None]))

    (outcome,) = world.run_plan(plan, "shaky").until_ready()

    assert world.call_times("shaky") == [0, 1, 3, 6]
    assert (outcome.status, outcome.attempts) == ("ok", 4)


def test_a_rest_occupies_no_thread(world: PlanWorld, plan: Plan) -> None:
    """While one step rests another has the only thread."""
    world = PlanWorld(threads=1)
    plan.step(retry=Retry(2, retry_on=(OSError,), initial_interval=10))(
        world.make_step("shaky", fails=[OSError(), None])
    )
    plan.step()(world.make_step("other", takes=1))

    list(world.run_plan(plan, "shaky", "other").until_ready())

    assert world.call_times("other") == [0]


@pytest.mark.parametrize("attempts, error", [(3, ValueError()), (1, OSError())])
def test_other_errors_are_not_retried(world: PlanWorld, plan: Plan, attempts: int, error: Exception) -> None:
    """An error that the step does not call retryable is final, as is the last attempt's."""
    plan.step(retry=Retry(attempts, retry_on=(OSError,)), fallback=0)(world.make_step("wrong", fails=error))

    (outcome,) = world.run_plan(plan, "wrong").until_ready()

    assert (outcome.status, outcome.attempts, outcome.error) == ("fallback", 1, error)


def test_no_rest_goes_beyond_the_steps_time(world: PlanWorld, plan: Plan) -> None:
    """If the rest would end after the step's time is over, the step gives up at once."""
    plan.step(
        retry=Retry(3, retry_on=lambda _: True, initial_interval=5, max_interval=5), timeout=5, fallback=0
    )(world.make_step("shaky", takes=1, fails=OSError()))

    (outcome,) = world.run_plan(plan, "shaky").until_ready()

    assert (outcome.end, outcome.attempts, outcome.reason) == (1, 1, "error")


def test_a_faulty_word_on_what_is_retryable_is_the_steps_failure(world: PlanWorld, plan: Plan) -> None:
    """When the step's own predicate on errors raises, the step fails with that."""
    fault = ZeroDivisionError()

    def judge(_: BaseException) -> bool:
        raise fault

    plan.step(retry=Retry(3, retry_on=judge), fallback=0)(world.make_step("shaky", fails=OSError()))

    (outcome,) = world.run_plan(plan, "shaky").until_ready()

    assert outcome.error is fault


def hedging(plan_name: str = "hedging") -> Plan:
    return Plan(plan_name, hedge_share=1.0)


def test_a_hedge_answers_for_a_slow_call(world: PlanWorld) -> None:
    """After ``hedge_after`` a second call is made, and the first answer is taken."""
    plan = hedging()
    plan.step(hedge_after=2)(world.make_step("slow", takes=[10, 1]))

    (outcome,) = world.run_plan(plan, "slow").until_ready()

    assert (outcome.status, outcome.end, outcome.attempts, outcome.hedged) == ("ok", 3, 2, True)


def test_a_quick_call_is_not_hedged(world: PlanWorld) -> None:
    """A call that answers in time is made once."""
    plan = hedging()
    plan.step(hedge_after=2)(world.make_step("quick", takes=1))

    (outcome,) = world.run_plan(plan, "quick").until_ready()
    assert (outcome.attempts, outcome.hedged) == (1, False)


def test_a_failed_hedge_leaves_the_first_call_its_chance(world: PlanWorld) -> None:
    """If one of the two fails the other may still answer."""
    plan = hedging()
    plan.step(hedge_after=2)(world.make_step("slow", takes=[5, 1], fails=[None, OSError()]))

    (outcome,) = world.run_plan(plan, "slow").until_ready()

    assert (outcome.status, outcome.end) == ("ok", 5)


def test_a_step_that_rests_is_not_hedged(world: PlanWorld) -> None:
    """A hedge goes beside a call that is slow: not beside none, and not beside a young one."""
    plan = Plan("resting", hedge_share=1.0)
    shaky = world.make_step("shaky", takes=[1, 3], fails=[OSError(), None])
    plan.step(hedge_after=4, retry=Retry(2, retry_on=(OSError,), initial_interval=2))(shaky)
    rested = world.make_step("rested", takes=[1, 1], fails=[OSError(), None])
    plan.step(hedge_after=2, retry=Retry(2, retry_on=(OSError,), initial_interval=2))(rested)

    outcomes = list(world.run_plan(plan, "shaky", "rested").until_ready())

    assert world.call_times("shaky") == [0, 3]
    assert world.call_times("rested") == [0, 3]
    assert not any(outcome.hedged for outcome in outcomes)


def test_a_second_try_is_hedged_in_its_own_time(world: PlanWorld) -> None:
    """A retry that is slow has a hedge after as long as the first call would have had."""
    plan = hedging()
    slow = world.make_step("slow", takes=[1, 9, 1], fails=[OSError(), None])
    plan.step(hedge_after=4, retry=Retry(2, retry_on=(OSError,), initial_interval=2))(slow)

    (outcome,) = world.run_plan(plan, "slow").until_ready()

    assert world.call_times("slow") == [0, 3, 7]
    assert (outcome.end, outcome.hedged) == (8, True)


def test_no_hedge_while_the_breaker_is_open(world: PlanWorld) -> None:
    """A backend that fails is not asked twice."""
    plan = hedging()
    plan.step(hedge_after=2, breaker="store")(world.make_step("slow", takes=5))
    run = world.run_plan(plan, "slow")
    for _ in range(5):
        world.pool.breakers.of("store").failed(0, probe=False)

    (outcome,) = run.until_ready()

    assert not outcome.hedged


def test_speculation_that_was_kept_may_be_hedged(world: PlanWorld) -> None:
    """A speculative call is hedged once its gate is open, if it is slow by then."""
    plan = hedging()
    plan.step()(world.make_step("route", takes=5))
    plan.step(when=lambda route: route, speculate=True, hedge_after=2)(world.make_step("read", takes=[9, 1]))
    run = world.run_plan(plan, "read")

    (_, outcome) = run.until_ready()

    assert (outcome.hedged, outcome.end, outcome.attempts) == (True, 6, 2)


def test_hedges_are_paid_from_a_share_of_the_calls(world: PlanWorld) -> None:
    """The budget is kept over runs: one hedge for every twenty calls at five percent."""
    plan = Plan("shared")
    plan.step(hedge_after=1)(world.make_step("slow", takes=2))
    graph = plan.build(targets=("slow",))

    hedged = 0
    for _ in range(60):
        (outcome,) = graph.start({}, **world.run_options).until_ready()
        hedged += outcome.hedged

    assert hedged == 3


def test_no_hedge_without_a_free_thread(plan: Plan) -> None:
    """A hedge that would have to wait for a thread helps nobody, so it is not made."""
    world = PlanWorld(threads=1)
    plan = hedging()
    plan.step(hedge_after=1)(world.make_step("slow", takes=2))

    (outcome,) = world.run_plan(plan, "slow").until_ready()

    assert not outcome.hedged


def test_an_open_breaker_means_fallback_at_once(world: PlanWorld, plan: Plan) -> None:
    """After five failures in a row the backend is not called until it has cooled down."""
    plan.step(breaker="store", fallback=0)(world.make_step("read", fails=[OSError()] * 5 + [None]))
    graph = plan.build(targets=("read",))

    def once() -> str | None:
        (outcome,) = graph.start({}, **world.run_options).until_ready()
        return outcome.reason

    assert [once() for _ in range(7)] == ["error"] * 5 + ["breaker"] * 2
    assert len(world.call_times("read")) == 5
    world.time.advance_to_next(10)
    assert [once(), once()] == [None, None]


def test_a_step_without_a_breaker_may_fail_as_often_as_it_likes(world: PlanWorld, plan: Plan) -> None:
    """Failures count for a backend only where the step names one."""
    plan.step(fallback=0)(world.make_step("read", fails=OSError()))
    graph = plan.build(targets=("read",))

    reasons = [o.reason for _ in range(9) for o in graph.start({}, **world.run_options).until_ready()]

    assert reasons == ["error"] * 9


def test_only_the_probe_gives_its_place_up(world: PlanWorld, plan: Plan) -> None:
    """A call from before the breaker opened, when it is abandoned, lets no second probe through."""
    breaker = world.pool.breakers.of("store")
    plan.step(breaker="store", fallback=0)(world.make_step("read", takes=FOREVER_SECONDS))
    graph = plan.build(targets=("read",))
    early = graph.start({}, **world.run_options)
    for _ in range(5):
        breaker.failed(0, probe=False)
    world.time.advance_to_next(10)
    graph.start({}, **world.run_options)

    early.close()

    assert breaker.admit(world.time.clock()) is None


def test_a_late_call_counts_for_the_breaker(world: PlanWorld, plan: Plan) -> None:
    """A call that is not answered in time is a failure of its backend."""
    plan.step(breaker="store", fallback=0, timeout=1)(world.make_step("read", takes=FOREVER_SECONDS))
    graph = plan.build(targets=("read",))

    reasons = [o.reason for _ in range(6) for o in graph.start({}, **world.run_options).until_ready()]

    assert reasons == ["timeout"] * 5 + ["breaker"]


def test_a_call_that_was_never_made_does_not_count_for_the_breaker(plan: Plan) -> None:
    """A backend is not to blame for a step whose time was over before it had a thread."""
    world = PlanWorld(threads=1)
    plan.step(fallback=0)(world.make_step("long", takes=9))
    plan.step(breaker="store", fallback=0, timeout=1)(world.make_step("read"))
    graph = plan.build(targets=("long", "read"))

    for _ in range(6):
        with graph.start({}, **world.run_options) as run:
            outcomes = list(run.until_ready())

    assert outcome_of("read", outcomes).reason == "timeout"
    assert world.call_times("read") == []
    assert world.pool.breakers.of("store").closed


def test_a_probe_that_is_abandoned_leaves_room_for_the_next(world: PlanWorld, plan: Plan) -> None:
    """A breaker whose probe never came back, because its run was closed, is probed again."""
    breaker = world.pool.breakers.of("store")
    for _ in range(5):
        breaker.failed(0, probe=False)
    plan.step(breaker="store", fallback=0)(world.make_step("read", takes=[FOREVER_SECONDS, 1]))
    graph = plan.build(targets=("read",))
    world.time.advance_to_next(10)

    graph.start({}, **world.run_options).close()
    (outcome,) = graph.start({}, **world.run_options).until_ready()

    assert outcome.status == "ok"
    assert breaker.closed


def test_a_probe_that_fails_keeps_the_breaker_open(world: PlanWorld, plan: Plan) -> None:
    """When the one call that tries a cooled breaker fails, the backend rests again as long."""
    plan.step(breaker="store", fallback=0)(world.make_step("read", fails=OSError()))
    graph = plan.build(targets=("read",))
    for _ in range(5):
        world.pool.breakers.of("store").failed(0, probe=False)
    world.time.advance_to_next(10)

    def reasons() -> list[str | None]:
        return [o.reason for _ in range(3) for o in graph.start({}, **world.run_options).until_ready()]

    assert reasons() == ["error", "breaker", "breaker"]
    world.time.advance_to_next(20)
    assert reasons() == ["error", "breaker", "breaker"]


def test_a_probe_that_is_late_keeps_the_breaker_open(world: PlanWorld, plan: Plan) -> None:
    """When the call that tries a cooled breaker is late, the next one may try after another rest."""
    plan.step(breaker="store", fallback=0, timeout=1)(world.make_step("read", takes=[FOREVER_SECONDS, 0]))
    graph = plan.build(targets=("read",))
    for _ in range(5):
        world.pool.breakers.of("store").failed(0, probe=False)

    def reasons() -> list[str | None]:
        return [o.reason for _ in range(2) for o in graph.start({}, **world.run_options).until_ready()]

    world.time.advance_to_next(10)
    assert reasons() == ["timeout", "breaker"]
    world.time.advance_to_next(21)
    assert reasons() == [None, None]


def test_a_breaker_that_is_open_is_no_error_to_retry(world: PlanWorld, plan: Plan) -> None:
    """A required step behind an open breaker fails with the breaker as its cause."""
    for _ in range(5):
        world.pool.breakers.of("store").failed(0, probe=False)
    plan.step(breaker="store", retry=Retry(3, retry_on=(Exception,)))(world.make_step("read"))

    with pytest.raises(StepFailed) as failed:
        list(world.run_plan(plan, "read").until_ready())

    assert isinstance(failed.value.__cause__, BreakerOpen)


def test_a_false_gate_skips(world: PlanWorld, plan: Plan) -> None:
    """A step whose gate is false is not called; its fallback, or None, stands for it."""
    plan.step()(world.make_step("route", takes=1, gives="chat"))
    plan.step(when=lambda route: route == "erp")(world.make_step("bare"))
    plan.step(when=lambda route: route == "erp", fallback=())(world.make_step("kind"))

    run = world.run_plan(plan, "bare", "kind")
    outcomes = list(run.until_ready())

    assert outcome_kinds(outcomes) == {"route": "ok", "bare": "skipped", "kind": "skipped"}
    assert run.values == {"route": "chat", "bare": None, "kind": ()}
    assert outcome_of("bare", outcomes).reason == "gate"


def test_a_true_gate_starts_the_step(world: PlanWorld, plan: Plan) -> None:
    """A step that does not speculate starts when its gate is known to be true."""
    plan.step()(world.make_step("route", takes=2, gives="erp"))
    plan.step(when=lambda route: route == "erp")(world.make_step("models"))

    list(world.run_plan(plan, "models").until_ready())

    assert world.call_times("models") == [2]


def test_a_false_gate_does_not_wait_for_data(world: PlanWorld, plan: Plan) -> None:
    """Whether the step is wanted is enough to skip it: its data need not be there."""
    plan.step()(world.make_step("route", takes=1, gives=False))
    plan.step(fallback=0)(world.make_step("data", takes=5))
    plan.step(when=lambda route: route)(world.make_step("gated", "data"))

    list((run := world.run_plan(plan, "gated")).until_ready())

    assert run.ready
    assert world.time.clock() == 1


def test_a_faulty_gate_is_its_steps_failure(world: PlanWorld, plan: Plan) -> None:
    """A gate that raises fails its step, and the fallback stands in."""
    plan.step()(world.make_step("route", gives=0))
    plan.step(when=lambda route: 1 / route, fallback="f")(world.make_step("gated"))

    run = world.run_plan(plan, "gated")
    outcomes = list(run.until_ready())

    assert isinstance(outcome_of("gated", outcomes).error, ZeroDivisionError)
    assert outcome_of("gated", outcomes).reason == "error"
    assert run.values["gated"] == "f"


def gated(
    world: PlanWorld, plan: Plan, *, open_: bool, route: float = 5, takes: float = 2, **policy: object
) -> Plan:
    plan.step()(world.make_step("route", takes=route, gives=open_))
    plan.step(when=lambda route: route, **{"speculate": True, "fallback": "f", **policy})(  # type: ignore[arg-type]
        world.make_step("read", takes=takes)
    )
    return plan


def test_speculation_is_kept_when_the_gate_opens(world: PlanWorld, plan: Plan) -> None:
    """A speculative answer counts from the moment that the gate is true."""
    run = world.run_plan(gated(world, plan, open_=True), "read")
    outcomes = list(run.until_ready())

    assert world.time.clock() == 5
    assert run.values["read"] == "read"
    assert outcome_of("read", outcomes)[1:] == ("ok", "read", None, 0, 2, 1, False, True, None)


def test_speculation_that_is_still_running_goes_on_when_the_gate_opens(world: PlanWorld, plan: Plan) -> None:
    """A speculative call is not made twice because the gate was quicker."""
    list(world.run_plan(gated(world, plan, open_=True, takes=8), "read").until_ready())

    assert world.call_times("read") == [0]
    assert world.time.clock() == 8


@pytest.mark.parametrize("takes", [2, 8])
def test_speculation_is_discarded_when_the_gate_stays_shut(
    world: PlanWorld, plan: Plan, takes: float
) -> None:
    """A speculative call whose gate is false is discarded, answered or not, and the fallback stands."""
    run = world.run_plan(gated(world, plan, open_=False, takes=takes), "read")
    outcomes = list(run.until_ready())

    assert world.time.clock() == 5
    assert run.values["read"] == "f"
    assert outcome_of("read", outcomes).status == "discarded"


def test_a_discarded_call_that_is_still_queued_is_never_started(plan: Plan) -> None:
    """Speculation that waits for a thread when its gate turns out false is not made at all."""
    world = PlanWorld(threads=1)
    gated(world, plan, open_=False)
    plan.step()(world.make_step("before_it", takes=9))

    list(world.run_plan(plan, "read", "before_it").until_ended())

    assert world.call_times("read") == []


@pytest.mark.parametrize("trouble", [{"fails": [OSError(), None]}, {"takes": [FOREVER_SECONDS, 1]}])
def test_failed_speculation_is_forgotten(world: PlanWorld, plan: Plan, trouble: dict[str, object]) -> None:
    """Speculation that failed or was late is made anew when the gate opens, as if it had never been."""
    plan.step()(world.make_step("route", takes=5))
    plan.step(when=lambda route: route, speculate=True, timeout=2)(world.make_step("read", **trouble))  # type: ignore[arg-type]

    (_, outcome) = world.run_plan(plan, "read").until_ready()

    assert world.call_times("read") == [0, 5]
    assert (outcome.status, outcome.attempts, outcome.speculated) == ("ok", 2, True)


@pytest.mark.parametrize("attempts, kind, made", [(1, "fallback", 1), (2, "ok", 2)])
def test_speculation_that_was_kept_counts_as_a_try(
    world: PlanWorld, plan: Plan, attempts: int, kind: str, made: int
) -> None:
    """A speculative call whose gate opens meanwhile is the step's first attempt."""
    plan.step()(world.make_step("route", takes=1))
    policy = {"speculate": True, "retry": Retry(attempts, retry_on=(OSError,)), "fallback": 0}
    shaky = world.make_step("read", takes=2, fails=[OSError(), None])
    plan.step(when=lambda route: route, **policy)(shaky)  # type: ignore[arg-type]

    (_, outcome) = world.run_plan(plan, "read").until_ready()

    assert (outcome.status, outcome.attempts) == (kind, made)


@pytest.mark.parametrize("trouble", ["saturated", "breaker"])
def test_no_speculation_in_hard_times(world: PlanWorld, plan: Plan, trouble: str) -> None:
    """Nothing is speculated while threads are late or the backend fails."""
    gated(world, plan, open_=False, breaker="store")
    run = plan.build(("read",))
    world.pool.saturated = trouble == "saturated"
    for _ in range(5 if trouble == "breaker" else 0):
        world.pool.breakers.of("store").failed(0, probe=False)

    with run.start({}, **world.run_options) as started, suppress(StepFailed):
        list(started.until_ready())

    assert world.call_times("read") == []


def test_forgotten_speculation_leaves_no_deadline_behind(world: PlanWorld, plan: Plan) -> None:
    """The step that is made anew has all of its time again."""
    plan.step()(world.make_step("route", takes=3))
    read = world.make_step("read", takes=[1, 3.5], fails=[OSError(), None])
    plan.step(when=lambda route: route, speculate=True, timeout=4)(read)

    (_, outcome) = world.run_plan(plan, "read").until_ready()

    assert (outcome.status, outcome.end) == ("ok", 6.5)


def test_a_predicate_decides_whether_to_speculate(world: PlanWorld, plan: Plan) -> None:
    """A prior over data says whether speculation is worth it."""
    plan.step()(world.make_step("hint", takes=1, gives=3))
    plan.step()(world.make_step("route", takes=5))
    plan.step(when=lambda route: route, speculate=lambda hint: hint > 2)(world.make_step("likely"))
    plan.step(when=lambda route: route, speculate=lambda hint: hint > 3)(world.make_step("unlikely"))
    plan.step(when=lambda route: route, speculate=lambda hint: hint.nonsense)(world.make_step("faulty"))

    list(world.run_plan(plan, "likely", "unlikely", "faulty").until_ready())

    assert (world.call_times("likely"), world.call_times("unlikely"), world.call_times("faulty")) == (
        [1],
        [5],
        [5],
    )


@pytest.mark.parametrize(
    "budget, begun", [(Speculation(calls=2), 2), (Speculation(cost=0.5), 1), (Speculation(), 3)]
)
def test_speculation_has_a_budget_in_calls_and_money(
    world: PlanWorld, budget: Speculation, begun: int
) -> None:
    """A run speculates as long as it has calls and money left for it."""
    plan = Plan("costly", speculation=budget)
    plan.step()(world.make_step("route", takes=5, gives=False))
    for name in ("a", "b", "c"):
        plan.step(when=lambda route: route, speculate=True, cost=0.3)(world.make_step(name))

    list(world.run_plan(plan, "a", "b", "c").until_ready())

    assert len([second for _, second in world.begun if second == 0]) - 1 == begun


def test_a_status_is_dropped_when_its_work_has_ended(world: PlanWorld, plan: Plan) -> None:
    """A status that is ready after what it announces has ended is dropped; one that is quicker is emitted."""
    plan.step()(world.make_step("work", takes=5))
    plan.step(status="work")(world.make_step("quick", takes=1))
    plan.step(status="work")(world.make_step("slow", takes=6))

    run = world.run_plan(plan, "work")
    outcomes = list(run.until_ended())

    assert [(o.name, o.status, o.reason) for o in outcomes] == [
        ("quick", "ok", None),
        ("work", "ok", None),
        ("slow", "discarded", "announced"),
    ]
    assert run.values == {"work": "work", "quick": "quick"}


def test_a_status_of_the_whole_run_outlives_readiness(world: PlanWorld, plan: Plan) -> None:
    """A status that announces nothing in particular is not dropped when the run is ready."""
    plan.step()(world.make_step("work", takes=5))
    plan.step(status=True)(world.make_step("said", takes=6))

    assert outcome_kinds(list(world.run_plan(plan, "work").until_ended())) == {"work": "ok", "said": "ok"}


def test_a_status_never_fails_the_run(world: PlanWorld, plan: Plan) -> None:
    """A status that fails is an outcome like others, and the run goes on."""
    plan.step()(world.make_step("work", takes=5))
    plan.step(status=True)(world.make_step("said", fails=OSError()))

    assert outcome_kinds(list(world.run_plan(plan, "work").until_ready())) == {"said": "failed", "work": "ok"}


def test_a_status_takes_no_thread_from_the_work(plan: Plan) -> None:
    """However few threads there are, the work has them all."""
    world = PlanWorld(threads=1)
    plan.step(status=True)(world.make_step("said", takes=9))
    plan.step()(world.make_step("first", takes=1))
    plan.step()(world.make_step("second", "first", takes=1))

    list(world.run_plan(plan, "second").until_ready())

    assert world.time.clock() == 2


def test_a_run_ends_by_its_deadline(world: PlanWorld, plan: Plan) -> None:
    """When the run's time is over, fallbacks stand in for all that is not known, begun or not."""
    plan.step(fallback="a")(world.make_step("stuck", takes=FOREVER_SECONDS))
    plan.step(fallback="b")(world.make_step("after", "stuck"))

    run = world.run_plan(plan, "after", deadline=3)
    outcomes = list(run.until_ready())

    assert world.time.clock() == 3
    assert [(o.name, o.value, o.reason) for o in outcomes] == [
        ("stuck", "a", "deadline"),
        ("after", "b", "deadline"),
    ]
    assert all(isinstance(outcome.error, StepLate) for outcome in outcomes)
    assert world.call_times("after") == []


def test_a_run_has_no_more_time_than_its_caller(world: PlanWorld, plan: Plan) -> None:
    """An earlier deadline bounds the whole run, and its steps are told."""
    plan.step(fallback="a")(world.make_step("stuck", takes=FOREVER_SECONDS))
    plan.step(name="told", timeout=9)(deadline.remaining)

    with deadline.limited_to(3, world.time.clock):
        run = world.run_plan(plan, "stuck", "told", deadline=5)
    list(run.until_ready())

    assert world.time.clock() == 3
    assert run.values == {"stuck": "a", "told": 3}


def test_times_are_the_runs_own(world: PlanWorld, plan: Plan) -> None:
    """Outcomes count from the run's start, and end when the call did, however late they are looked at."""
    plan.step()(world.make_step("first", takes=1))
    plan.step()(world.make_step("second", takes=2))
    world.time.advance_to_next(7)

    spans = []
    for outcome in world.run_plan(plan, "first", "second").until_ready():
        spans.append((outcome.start, outcome.end))
        world.time.advance_to_next(9)
        world.time.advance_to_next(20)

    assert spans == [(0, 1), (0, 2)]


def test_a_saturated_pool_means_fallback_at_once(world: PlanWorld, plan: Plan) -> None:
    """When late work holds every thread a step is not even queued."""
    world.pool.saturated = True
    plan.step(fallback=0)(world.make_step("optional"))
    plan.step()(world.make_step("needed", "optional"))
    run = world.run_plan(plan, "needed")

    with pytest.raises(StepFailed) as failed:
        list(run.until_ready())

    assert isinstance(failed.value.__cause__, Saturated)
    assert [o.reason for o in run.close()] == ["saturated", "saturated"]
    assert world.begun == []


def test_without_threads_the_run_goes_on_serially_and_says_so(world: PlanWorld, plan: Plan) -> None:
    """When no thread can be had the steps run in the caller's own, without statuses and speculation."""
    world.pool.threadless = True
    gated(world, plan, open_=True)
    plan.step(status=True)(world.make_step("said"))

    run = world.run_plan(plan, "read")
    outcomes = list(run.until_ended())

    assert run.starved
    assert run.values == {"route": True, "read": "read"}
    assert {o.name: (o.status, o.reason, o.speculated) for o in outcomes} == {
        "route": ("ok", "starved", False),
        "read": ("ok", "starved", False),
        "said": ("discarded", "starved", False),
    }


def test_the_serial_mode_does_one_thing_at_a_time_in_order(world: PlanWorld, plan: Plan) -> None:
    """Serially, what targets need comes first, as declared; then the rest; statuses last."""
    plan.step(status=True)(world.make_step("said", takes=1))
    plan.step()(world.make_step("aside", takes=1))
    plan.step(when=lambda b: b, speculate=True, hedge_after=0.5)(world.make_step("a", takes=1))
    plan.step()(world.make_step("b", takes=1))

    list(world.run_plan(plan, "a", parallel=False).until_ended())

    assert world.begun == [("b", 0), ("a", 1), ("aside", 2), ("said", 3)]


def test_a_closed_run_tells_nobody_anything(world: PlanWorld, plan: Plan) -> None:
    """After close nothing arrives, nothing starts, and closing again gives the same outcomes."""
    plan.step()(world.make_step("first", takes=1))
    plan.step()(world.make_step("second", "first"))
    with world.run_plan(plan, "second") as run:
        pass

    world.time.advance_to_next(5)

    assert [*run.arrived(), *run.until_ready()] == list(run.close())
    assert outcome_kinds(run.close()) == {"first": "discarded", "second": "discarded"}
    assert {outcome.reason for outcome in run.close()} == {"closed"}
    assert world.call_times("second") == []
    assert not run.ready


def test_a_waterfall_has_the_calls_of_every_step(world: PlanWorld) -> None:
    """A run as rows: when each step began and ended, and each of its calls."""
    plan = hedging()
    plan.step()(world.make_step("zeroth", takes=1))
    plan.step(hedge_after=2)(world.make_step("slow", "zeroth", takes=[9, 1]))
    plan.step(fallback=0)(world.make_step("broken", "slow", takes=1, fails=OSError()))
    run = world.run_plan(plan, "broken")
    list(run.until_ready())

    assert run.waterfall() == (
        Bar("zeroth", "ok", 0, 1, ((0, 1),), hedged=False, speculated=False, reason=None),
        Bar("slow", "ok", 1, 4, ((1, 10), (3, 4)), hedged=True, speculated=False, reason=None),
        Bar("broken", "fallback", 4, 5, ((4, 5),), hedged=False, speculated=False, reason="error"),
    )
