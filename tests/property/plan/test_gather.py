"""Fail-fast and settling, for any list of calls on a virtual clock."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.plan import gather, limit, settle
from tests.support.plan_world import PlanWorld

Calls = list[tuple[int, bool]]
calls = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 4).map(lambda n: n == 0)), max_size=12)


def made(world: PlanWorld, drawn: Calls) -> list[Callable[[], str]]:
    return [
        world.make_step(f"c{index}", takes=seconds, fails=OSError(str(index)) if fails else None)
        for index, (seconds, fails) in enumerate(drawn)
    ]


@given(calls)
def test_gather_ends_with_the_first_failure_or_the_last_result(drawn: Calls) -> None:
    """With threads enough, it takes as long as the first failure, or else as the longest call."""
    world = PlanWorld()
    failures = [seconds for seconds, fails in drawn if fails]

    if failures:
        with pytest.raises(OSError, match=r"\d") as failed:
            gather(made(world, drawn), pool=world.pool, clock=world.time.clock)
        assert drawn[int(str(failed.value))] == (min(failures), True)
        assert world.time.clock() == min(failures)
    else:
        results = gather(made(world, drawn), pool=world.pool, clock=world.time.clock)
        assert results == [f"c{index}" for index in range(len(drawn))]
        assert world.time.clock() == max((seconds for seconds, _ in drawn), default=0)


@given(calls, st.integers(1, 5))
def test_settle_and_limit_tell_the_same(drawn: Calls, at_once: int) -> None:
    """All at the end or one by one: the same outcomes in the order of the calls, within the limit."""
    first, second = PlanWorld(), PlanWorld()
    settled = settle(made(first, drawn), max_concurrency=at_once, pool=first.pool, clock=first.time.clock)
    limited = list(limit(made(second, drawn), at_once, pool=second.pool, clock=second.time.clock))

    assert [(o.name, o.status) for o in settled] == [(o.name, o.status) for o in limited]
    assert [o.status == "failed" for o in settled] == [fails for _, fails in drawn]
    for world in (first, second):
        spans = [(begin, begin + drawn[int(name[1:])][0]) for name, begin in world.begun]
        assert all(sum(b <= begin < e for b, e in spans) <= at_once for begin, _ in spans)


@given(calls, st.integers(1, 6))
def test_settle_is_over_when_the_timeouts_are(drawn: Calls, timeout: int) -> None:
    """A call that takes longer than its time fails then; one that takes just as long is in time."""
    world = PlanWorld()
    outcomes = settle(made(world, drawn), timeout=timeout, pool=world.pool, clock=world.time.clock)

    late = [o.reason == "timeout" for o in outcomes]
    assert late == [seconds > timeout for seconds, _ in drawn]
    assert world.time.clock() <= timeout
