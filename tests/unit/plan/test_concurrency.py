"""The everyday helpers over lists of independent calls."""

from __future__ import annotations

import gc
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count, islice
from typing import Any

import pytest

from repartee.plan import (
    NamedCall,
    Outcome,
    Pool,
    Retry,
    StepLate,
    batched,
    deadline,
    gather,
    in_batches,
    limit,
    retry,
    settle,
    timed,
)
from tests.support.plan_world import PlanWorld
from tests.support.virtual_time import FOREVER_SECONDS


@pytest.fixture
def world() -> PlanWorld:
    return PlanWorld()


def options(world: PlanWorld) -> dict[str, Any]:
    return {"pool": world.pool, "clock": world.time.clock}


def calls(world: PlanWorld, *seconds: float) -> list[Callable[[], str]]:
    return [world.make_step(f"call{index}", takes=takes) for index, takes in enumerate(seconds)]


def test_gather_keeps_the_order_of_the_calls(world: PlanWorld) -> None:
    """Results come in the order of the calls, whichever ends first, after as long as the longest."""
    assert gather(calls(world, 3, 1, 2), **options(world)) == ["call0", "call1", "call2"]
    assert world.time.clock() == 3


def test_gather_of_nothing_is_nothing(world: PlanWorld) -> None:
    """No calls, no results."""
    assert gather([], **options(world)) == []


def test_gather_fails_as_soon_as_one_call_does(world: PlanWorld) -> None:
    """The first failure is raised when it happens, with its traceback and a note that names the call."""
    failing = world.make_step("failing", takes=1, fails=OSError("no"))

    with pytest.raises(OSError, match="no") as failed:
        gather([world.make_step("slow", takes=9), failing], **options(world))

    assert world.time.clock() == 1
    assert failed.value.__notes__ == ["in call 1, failing"]
    assert traceback.extract_tb(failed.value.__traceback__)[-1].name == "call"


def test_gather_asks_for_no_more_calls_once_one_has_failed(world: PlanWorld) -> None:
    """After a failure nothing more is begun."""
    asked: list[int] = []

    def endless() -> Iterator[Callable[[], str]]:
        for number in count():
            asked.append(number)
            yield world.make_step("call", takes=1, fails=OSError("no") if number == 4 else None)

    with pytest.raises(OSError, match="no"):
        gather(endless(), max_concurrency=2, **options(world))

    assert len(asked) == 6


def test_a_limit_holds(world: PlanWorld) -> None:
    """No more than so many calls run at the same time."""
    assert len(gather(calls(world, *[1] * 6), max_concurrency=2, **options(world))) == 6
    assert [second for _, second in world.begun] == [0, 0, 1, 1, 2, 2]


def test_a_limit_of_nothing_is_a_mistake(world: PlanWorld) -> None:
    """Calls that may never run would be waited for in vain."""
    with pytest.raises(ValueError, match="max_concurrency is at least 1"):
        gather(calls(world, 1), max_concurrency=0, **options(world))


def test_a_late_call_is_abandoned(world: PlanWorld) -> None:
    """A call whose time is over fails with that; others have their own time."""
    outcomes = settle(calls(world, 1, FOREVER_SECONDS, 2), timeout=2, **options(world))

    assert [o.status for o in outcomes] == ["ok", "failed", "ok"]
    assert isinstance(outcomes[1].error, StepLate)
    assert (outcomes[1].reason, outcomes[1].end) == ("timeout", 2)


def test_the_time_of_a_call_begins_when_it_does(world: PlanWorld) -> None:
    """Under a limit, a call that has to wait for its turn is not late for that."""
    outcomes = settle(calls(world, 2, FOREVER_SECONDS, 2, 2), max_concurrency=1, timeout=3, **options(world))

    assert [o.reason for o in outcomes] == [None, "timeout", None, None]
    assert world.time.clock() == 9


def test_settle_gives_all_outcomes(world: PlanWorld) -> None:
    """Failures are outcomes among the others, or fallbacks where a default is given."""
    assert [o.reason for o in settle([world.make_step("bad", fails=OSError())], **options(world))] == [
        "error"
    ]
    some = [world.make_step("good"), world.make_step("bad", fails=OSError())]

    assert [(o.name, o.status, o.value) for o in settle(some, **options(world))] == [
        ("good", "ok", "good"),
        ("bad", "failed", None),
    ]
    assert [(o.status, o.value) for o in settle(some, default=0, **options(world))] == [
        ("ok", "good"),
        ("fallback", 0),
    ]


def test_each_call_has_its_own_name_and_default(world: PlanWorld) -> None:
    """A call may have a name for its outcome and a default of its own, which goes before that of all."""
    bad = world.make_step("bad", takes=1, fails=OSError())
    some: list[Callable[[], Any]] = [
        NamedCall(bad, name="profile", default={}),
        NamedCall(bad, default=()),
        NamedCall(bad, name="history"),
        NamedCall(world.make_step("good"), name="notes", default=()),
        partial(bad),
    ]

    assert [(o.name, o.status, o.value) for o in settle(some, default=0, **options(world))] == [
        ("profile", "fallback", {}),
        ("bad", "fallback", ()),
        ("history", "fallback", 0),
        ("notes", "ok", "good"),
        ("bad", "fallback", 0),
    ]
    assert [o.status for o in settle(some, **options(world))] == [
        "fallback",
        "fallback",
        "failed",
        "ok",
        "failed",
    ]


def test_a_default_of_none_is_a_default(world: PlanWorld) -> None:
    """None may stand in for a result like any other value."""
    some = [NamedCall(world.make_step("bad", fails=OSError()), default=None)]

    (outcome,) = settle(some, default=0, **options(world))
    assert (outcome.status, outcome.value, outcome.reason) == ("fallback", None, "error")


def test_a_default_stands_in_for_a_late_call(world: PlanWorld) -> None:
    """A call that is late gives its default, its error says that it was late, and its note names it."""
    (outcome,) = settle(
        [NamedCall(world.make_step("slow", takes=9), "profile", default={})], timeout=2, **options(world)
    )

    assert (outcome.name, outcome.status, outcome.value, outcome.reason) == (
        "profile", "fallback", {}, "timeout",
    )  # fmt: skip
    assert str(outcome.error) == "profile had not ended when its time was over"
    assert world.time.clock() == 2


def test_a_call_with_a_default_never_fails_the_whole(world: PlanWorld) -> None:
    """Where all must succeed, a call with a default cannot fail; one without fails all, and is named."""
    bad = world.make_step("bad", fails=OSError("no"))

    some: list[Callable[[], Any]] = [NamedCall(bad, default="d"), world.make_step("good")]
    assert gather(some, **options(world)) == ["d", "good"]
    with pytest.raises(OSError, match="no") as failed:
        gather([NamedCall(bad, default="d"), NamedCall(bad, name="profile")], **options(world))
    assert failed.value.__notes__[-1] == "in call 1, profile"
    assert [o.status for o in limit([NamedCall(bad, default="d"), bad], 2, **options(world))] == [
        "fallback",
        "failed",
    ]
    assert timed(NamedCall(bad, "profile", default="d"), clock=world.time.clock)[:3] == (
        "profile", "fallback", "d",
    )  # fmt: skip


def test_batches_run_one_after_another(world: PlanWorld) -> None:
    """The calls of a batch run at the same time; the next batch begins when all of them have ended."""
    batches = in_batches(calls(world, 3, 1, 2, 2, 5), 2, **options(world))

    assert [[o.name for o in batch] for batch in batches] == [
        ["call0", "call1"],
        ["call2", "call3"],
        ["call4"],
    ]
    assert [second for _, second in world.begun] == [0, 0, 3, 3, 5]
    assert world.time.clock() == 10


def test_a_batch_is_begun_when_it_is_asked_for(world: PlanWorld) -> None:
    """No batch is begun ahead: between two of them time may pass, and no more need be asked for."""
    asked: list[int] = []

    def endless() -> Iterator[Callable[[], str]]:
        for number in count():
            asked.append(number)
            yield world.make_step("call", takes=1)

    batches = in_batches(endless(), 3, **options(world))
    assert asked == []
    next(batches)
    world.time.sleep(7)
    next(batches)

    assert len(asked) == 6
    assert [second for _, second in world.begun] == [0, 0, 0, 8, 8, 8]


def test_a_failure_does_not_stop_the_batches(world: PlanWorld) -> None:
    """What fails or is late is an outcome of its batch, with the default if there is one."""
    some = [world.make_step("bad", fails=OSError()), *calls(world, 1, 9)]

    batches = [*in_batches(some, 1, default=0, timeout=2, **options(world))]
    assert [[(o.status, o.reason) for o in batch] for batch in batches] == [
        [("fallback", "error")],
        [("ok", None)],
        [("fallback", "timeout")],
    ]
    with pytest.raises(ValueError, match=r"^a batch has at least one item$"):
        next(in_batches([int], 0, **options(world)))


def test_outcomes_tell_when(world: PlanWorld) -> None:
    """Start and end are seconds since the calls were given away."""
    world.time.sleep(7)
    bad = world.make_step("bad", takes=2, fails=OSError())
    first, second = settle([world.make_step("good", takes=1), bad], max_concurrency=1, **options(world))

    assert first == Outcome("good", "ok", "good", None, 0, 1, 1)
    assert second == Outcome("bad", "failed", None, second.error, 1, 3, 1, reason="error")


def test_a_saturated_pool_refuses_calls(world: PlanWorld) -> None:
    """Where late work holds every thread a call fails at once."""
    world.pool.saturated = True

    assert [o.reason for o in settle(calls(world, 1), **options(world))] == ["saturated"]
    assert world.begun == []


def test_without_threads_calls_are_made_here(world: PlanWorld) -> None:
    """When no thread can be had the calls are made one after another."""
    world.pool.threadless = True

    assert gather(calls(world, 1, 1), **options(world)) == ["call0", "call1"]


def test_limit_gives_outcomes_in_order_as_they_come(world: PlanWorld) -> None:
    """Outcomes are given out in the order of the calls, each as soon as those before it have been."""
    outcomes = limit(calls(world, 2, 1, 3), 2, **options(world))

    assert [(outcome.name, world.time.clock()) for outcome in outcomes] == [
        ("call0", 2),
        ("call1", 2),
        ("call2", 4),
    ]


def test_limit_does_not_run_far_ahead(world: PlanWorld) -> None:
    """While one call is slow only so many others are made."""
    slow = limit((world.make_step("call", takes=0 if n else 9) for n in count()), 2, **options(world))

    next(slow)

    assert len(world.begun) == 16


def test_a_long_stream_of_calls_uses_constant_memory() -> None:
    """Under a limit, as many calls as you like take no more memory than a few."""
    pool = Pool(threads=4)
    outcomes = limit((partial(int, "7") for _ in range(20_000)), 4, pool=pool)

    def alive() -> int:
        gc.collect()
        return sum(isinstance(thing, Outcome) for thing in gc.get_objects())

    assert sum(outcome.value for outcome in islice(outcomes, 100)) == 700
    before = alive()
    assert sum(outcome.value for outcome in islice(outcomes, 10_000)) == 70_000
    assert alive() <= before + 4 * 8
    outcomes.close()  # type: ignore[attr-defined]
    pool.close()


def test_batched_makes_one_call_for_many_items(world: PlanWorld) -> None:
    """Items are handed over in batches, and the answers come in the items' order."""
    sizes: list[int] = []

    def double(batch: list[int]) -> list[int]:
        sizes.append(len(batch))
        return [2 * item for item in batch]

    assert batched(double, range(5), 2, **options(world)) == [0, 2, 4, 6, 8]
    assert sizes == [2, 2, 1]
    assert batched(double, range(2), 1, **options(world)) == [0, 2]
    with pytest.raises(ValueError, match=r"^a batch has at least one item$"):
        batched(double, range(5), 0, **options(world))


def test_batches_have_limits_too(world: PlanWorld) -> None:
    """Batches can be bounded in number and in time, as any calls."""

    def slowly(batch: list[int]) -> list[int]:
        world.time.sleep(2)
        return batch

    assert batched(slowly, range(4), 2, max_concurrency=1, **options(world)) == [0, 1, 2, 3]
    assert world.time.clock() == 4
    with pytest.raises(StepLate):
        batched(slowly, range(4), 2, timeout=1, **options(world))


def test_a_late_call_fails_the_whole(world: PlanWorld) -> None:
    """With a timeout, gather raises when the first call is late, and limit tells of each that is."""
    with pytest.raises(StepLate, match="call0 had not ended"):
        gather(calls(world, 9, 1), timeout=2, **options(world))
    assert world.time.clock() == 2
    assert [o.reason for o in limit(calls(world, 1, 9), 2, timeout=2, **options(world))] == [None, "timeout"]


def test_retry_rests_longer_every_time() -> None:
    """A call is made again on errors that are retryable, with growing rests, drawn by chance."""
    world = PlanWorld()
    rests: list[float] = []
    shaky = world.make_step("shaky", fails=[OSError(), OSError(), OSError(), None])

    assert (
        retry(
            shaky,
            Retry(4, retry_on=(OSError,), initial_interval=1, max_interval=3),
            sleep=rests.append,
            random=lambda: 0.5,
        )
        == "shaky"
    )
    assert rests == [0.5, 1, 1.5]


@pytest.mark.parametrize(
    "error, made",
    [
        (ConnectionResetError(), 3),
        (TimeoutError(), 3),
        (StepLate(), 3),
        (PermissionError(), 1),
        (ValueError(), 1),
        (KeyError(), 1),
    ],
)
def test_retry_without_a_policy_retries_what_passes(error: Exception, made: int) -> None:
    """By default broken connections and timeouts are retried, three attempts in all, and nothing else."""
    world = PlanWorld()
    rests: list[float] = []

    with pytest.raises(type(error)):
        retry(world.make_step("shaky", fails=error), sleep=rests.append, random=lambda: 1.0)

    assert len(world.begun) == made
    assert rests == [0.1, 0.2][: made - 1]


def test_the_delay_grows_by_its_factor_up_to_its_maximum() -> None:
    """The delay starts at initial_interval, is multiplied by backoff_factor and stays below max_interval."""
    policy = Retry(max_attempts=9, initial_interval=1, backoff_factor=3, max_interval=10)

    assert [policy.delay(attempts, lambda: 1.0) for attempts in (1, 2, 3, 4)] == [1, 3, 9, 10]
    assert policy.delay(2, lambda: 0.5) == 1.5
    assert Retry(initial_interval=1, max_interval=60, backoff_factor=1).delay(5, lambda: 1.0) == 1


@pytest.mark.parametrize("attempts, error, made", [(3, ValueError(), 1), (3, OSError(), 3)])
def test_retry_gives_up(attempts: int, error: Exception, made: int) -> None:
    """An error that is not retryable, and the last one, are raised."""
    world = PlanWorld()

    with pytest.raises(type(error)):
        retry(
            world.make_step("wrong", fails=error), Retry(attempts, retry_on=(OSError,)), sleep=lambda _: None
        )

    assert len(world.begun) == made


def test_retry_heeds_the_deadline() -> None:
    """There is no rest that would outlast the deadline."""
    world = PlanWorld()
    shaky = world.make_step("shaky", fails=OSError("no"))
    often = Retry(9, retry_on=(OSError,), initial_interval=2, max_interval=9)

    with deadline.limited_to(6, world.time.clock), pytest.raises(OSError, match="no"):
        retry(shaky, often, sleep=world.time.sleep, random=lambda: 1.0)

    assert world.call_times("shaky") == [0, 2]


def test_retry_needs_an_attempt() -> None:
    """No attempts is a mistake."""
    with pytest.raises(ValueError, match=r"^retry needs max_attempts of at least 1$"):
        retry(int, Retry(0, retry_on=()))


def test_timed_tells_how_long_a_call_took(world: PlanWorld) -> None:
    """A call made here becomes an outcome, failed or not."""
    world.time.sleep(5)
    good = timed(world.make_step("good", takes=2), clock=world.time.clock)
    bad = timed(partial(world.make_step("bad", takes=3, fails=OSError())), clock=world.time.clock)

    assert good == Outcome("good", "ok", "good", None, 0, 2, 1)
    assert bad == Outcome("bad", "failed", None, bad.error, 0, 3, 1, reason="error")
    assert isinstance(bad.error, OSError)


def test_deadlines_travel_into_calls(world: PlanWorld) -> None:
    """A call can ask how long it has: its own timeout, or what is left of an earlier deadline."""
    assert settle([deadline.remaining], **options(world))[0].value is None
    assert settle([deadline.remaining], timeout=4, **options(world))[0].value == 4
    with deadline.limited_to(3, world.time.clock):
        assert settle([deadline.remaining], timeout=4, **options(world))[0].value == 3
        with deadline.limited_to(9, world.time.clock):
            assert deadline.remaining() == 3
        with deadline.limited_to(1, world.time.clock):
            assert deadline.remaining() == 1
            world.time.sleep(2)
            assert deadline.remaining() == 0
        assert deadline.remaining() == 1
    assert deadline.remaining() is None
