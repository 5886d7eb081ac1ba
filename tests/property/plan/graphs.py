"""Random plans for hypothesis: what their steps need, take and give, and how they fail."""

from __future__ import annotations

from typing import Any, NamedTuple

from hypothesis import strategies as st

from repartee.plan import REQUIRED, Plan, Retry, Speculation
from tests.support.plan_world import PlanWorld, rename_function
from tests.support.virtual_time import FOREVER_SECONDS

TICK = 0.125
"""Durations are multiples of it, so that sums of them are exact."""


class Drawn(NamedTuple):
    """One random step."""

    needs: tuple[str, ...]
    gate: str | None
    takes: float
    fails: bool
    optional: bool
    speculate: bool
    prior: str | None
    status: bool | str
    writes: bool
    retried: int
    hedge_after: float | None
    timeout: float | None
    breaker: bool


def plans(
    *,
    most: int = 8,
    failures: bool = True,
    policies: bool = False,
    statuses: bool = False,
    stuck: bool = False,
) -> st.SearchStrategy[list[Drawn]]:
    """Steps ``s0``, ``s1`` … each of which needs earlier ones; the last is always a target."""

    @st.composite
    def draw_plan(draw: Any) -> list[Drawn]:
        count = draw(st.integers(1, most))
        steps: list[Drawn] = []
        for index in range(count):
            earlier = [f"s{i}" for i in range(index) if not steps[i].status]
            some = st.lists(st.sampled_from(earlier), unique=True, max_size=3) if earlier else st.just([])
            one = st.none() | st.sampled_from(earlier) if earlier else st.none()
            gate = draw(one)
            status = statuses and index < count - 1 and draw(st.sampled_from([False, False, True, "s"]))
            writes = policies and not status and draw(st.booleans())
            speculate = gate is not None and not writes and draw(st.booleans())
            timeout = draw(st.none() | st.integers(4, 30)) if policies else None
            takes = draw(st.integers(0, 24))
            steps.append(
                Drawn(
                    needs=tuple(draw(some)),
                    gate=gate,
                    takes=FOREVER_SECONDS if stuck and draw(st.integers(0, 4)) == 0 else takes * TICK,
                    fails=failures and draw(st.integers(0, 3)) == 0,
                    optional=not status and draw(st.booleans()),
                    speculate=speculate,
                    prior=draw(one) if speculate else None,
                    status=draw(st.sampled_from(earlier)) if status == "s" and earlier else bool(status),
                    writes=writes,
                    retried=draw(st.integers(1, 3)),
                    hedge_after=draw(st.none() | st.sampled_from([0.5, 1.0, 1.5]))
                    if policies and not writes
                    else None,
                    timeout=None if timeout is None else timeout * TICK * 4,
                    breaker=policies and draw(st.booleans()),
                )
            )
        return steps

    return draw_plan()


def declared(
    drawn: list[Drawn], world: PlanWorld, *, hedge_share: float = 0.05, budget: Speculation | None = None
) -> Plan:
    """The plan that was drawn, in this world."""
    plan = Plan("drawn", hedge_share=hedge_share, speculation=budget or Speculation())
    for index, step in enumerate(drawn):
        plan.step(
            fallback=("fallback", index) if step.optional else REQUIRED,
            when=_gate(step.gate),
            speculate=_gate(step.prior) if step.speculate and step.prior else step.speculate,
            status=step.status,
            writes=step.writes,
            retry=Retry(step.retried, retry_on=(OSError,), initial_interval=TICK, max_interval=1.0),
            hedge_after=step.hedge_after,
            timeout=step.timeout,
            breaker="backend" if step.breaker else None,
            cost=1.0,
        )(
            world.make_step(
                f"s{index}", *step.needs, takes=step.takes, gives=_Value(index), fails=_failure(step)
            )
        )
    return plan


def targets(drawn: list[Drawn]) -> tuple[str, ...]:
    """Every third step and the last; statuses never."""
    last = len(drawn) - 1
    return tuple(f"s{i}" for i, step in enumerate(drawn) if not step.status and (i == last or i % 3 == 0))


class _Value:
    """A step's value: made of its number and all that it was given, so that a wrong input shows."""

    def __init__(self, index: int) -> None:
        self.index = index

    def __call__(self, **given: Any) -> object:
        return (self.index, tuple(sorted(given.items())))


def _failure(step: Drawn) -> Exception | None:
    return OSError("drawn") if step.fails else None


def _gate(name: str | None) -> Any:
    """Open for two values in three."""
    return (
        None
        if name is None
        else rename_function(lambda **given: _stable(given[name]) % 3 != 0, "gate", (name,))
    )


def _stable(value: object) -> int:
    return sum(repr(value).encode())
