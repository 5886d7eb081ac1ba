"""What a built plan tells of itself: its critical path, its text, its picture; and that the docs are true."""

from __future__ import annotations

import io
import re
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from repartee.plan import Plan, Retry
from tests.support.plan_world import rename_function

DOCS = Path(__file__).parents[3] / "docs" / "plan.md"


def step(plan: Plan, name: str, *needs: str, **policy: Any) -> None:
    plan.step(**policy)(rename_function(lambda **_: None, name, needs))


@pytest.fixture
def coach() -> Plan:
    """The coach's graph, as far as its critical path goes."""
    plan = Plan("coach")
    step(plan, "profile")
    step(plan, "router", "profile")
    step(plan, "conversation")
    step(plan, "reading", when=lambda router: router)
    step(plan, "workout", when=lambda router: router, speculate=True)
    return plan


SECONDS = {"profile": 0.25, "router": 1.0, "conversation": 0.5, "reading": 0.5, "workout": 0.75}


@pytest.mark.parametrize(
    "target, seconds, steps",
    [
        ("router", 1.25, ("profile", "router")),
        ("reading", 1.75, ("profile", "router", "reading")),
        ("workout", 1.25, ("profile", "router", "workout")),
        ("conversation", 0.5, ("conversation",)),
    ],
)
def test_the_critical_path_is_the_longest_chain(
    coach: Plan, target: str, seconds: float, steps: tuple[str, ...]
) -> None:
    """A step is known after what it needs; one that speculates works while its gate is not known."""
    assert coach.build((target,)).critical_path(SECONDS) == (seconds, steps)


def test_speculation_may_be_what_takes_longest(coach: Plan) -> None:
    """If the speculative work outlasts its gate, the path leads through the work's own inputs."""
    path = coach.build(("workout", "router")).critical_path({**SECONDS, "workout": 2.0})

    assert path == (2.0, ("workout",))


def test_a_step_that_is_gated_off_takes_no_time(coach: Plan) -> None:
    """A step without a duration is known when its gate is."""
    seconds = {name: SECONDS[name] for name in ("profile", "router")}

    assert coach.build(("reading", "workout")).critical_path(seconds).seconds == 1.25
    assert coach.build(("profile",)).critical_path({}) == (0.0, ("profile",))
    assert coach.build(("workout",)).critical_path({"workout": 0.0}).seconds == 0.0


def test_a_plan_describes_itself() -> None:
    """Every policy is told, in the order of the serial mode."""
    plan = Plan("all", inputs=("message",))
    step(plan, "said", status="reading")
    step(plan, "hello", status=True)
    step(plan, "route", "message", timeout=2.0, breaker="db", hedge_after=0.5)
    step(plan, "store", "route", writes=True, retry=Retry(3, retry_on=(OSError,)))
    ahead: dict[str, Any] = {
        "when": rename_function(lambda **_: True, "wanted", ("route", "message")),
        "speculate": rename_function(lambda **_: True, "likely", ("message", "route")),
    }
    step(plan, "reading", **ahead, fallback=())

    assert plan.build(("reading", "route")).describe().splitlines() == [
        "all(message) -> reading, route",
        "  route    needs message; within 2.0 s; hedged after 0.5 s; breaker db",
        "  reading  needs nothing; when route, message; speculates if likely(message, route); else ()",
        "  store    needs route; up to 3 attempts; writes",
        "  said     needs nothing; announces reading",
        "  hello    needs nothing; announces the run",
    ]


def test_a_plan_draws_itself() -> None:
    """Data is an arrow, a gate a dotted one; targets are thick; writes and statuses have their own shapes."""
    plan = Plan("all", inputs=("message",))
    step(plan, "route", "message")
    step(plan, "store", "route", writes=True)
    step(plan, "reading", when=lambda route: route)
    step(plan, "said", status=True)

    assert plan.build(("reading",)).mermaid().splitlines() == [
        "graph LR",
        "    n0([message])",
        "    n1[route]",
        "    n0 --> n1",
        "    n2[reading]",
        "    n1 -. gate .-> n2",
        "    n3{{store}}",
        "    n1 --> n3",
        "    n4[/said/]",
        "    style n2 stroke-width:3px",
    ]


def test_the_page_about_plans_is_true() -> None:
    """The code of docs/plan.md runs, prints what the page says, and draws the page's picture."""
    blocks = re.findall(r"```(python|text|mermaid)\n(.*?)```", DOCS.read_text(), re.DOTALL)
    world: dict[str, Any] = {}
    printed = io.StringIO()
    with redirect_stdout(printed):
        for language, block in blocks:
            if language == "python":
                exec(compile(block, DOCS.name, "exec"), world)
    world["pool"].close()

    assert printed.getvalue() == "".join(block for language, block in blocks if language == "text")
    assert world["graph"].mermaid() + "\n" == next(
        block for language, block in blocks if language == "mermaid"
    )
