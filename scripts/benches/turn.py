"""The five workloads of the design, parallel and serial, against their critical paths; and hedging's worth.

Real threads sleep for the latencies that the design names. The tail is drawn at a tenth of them,
with many turns at once, so that it takes seconds.
"""

from __future__ import annotations

import random
import statistics
import time
from functools import partial
from threading import Thread
from typing import Any, NamedTuple

from benches.support import coach_plan
from benches.support.bars import bar_rows, check_bar
from benches.support.coach_labels import NEED_FLAGS
from benches.support.tables import percentile
from benches.support.tables import render_table as drawn
from benches.support.workloads import BRIEF, BUFFERED, COACH, OFFICE, Step, Workload, plan_of
from repartee.plan import Graph, Plan, Pool, batched, gather

RUNS = 5
USERS, ENGAGEMENT, QUEUE, DUPLICATES = 100, 0.050, 0.020, 0.020

SCALE = 0.1
TURNS, AT_ONCE = 2_400, 8
STRAGGLERS, ALPHA, SPREAD = 0.01, 1.5, 0.15
"""One call in a hundred takes four times as long or longer; the others vary by so much."""
HEDGE_AT = 2.0
"""A call is hedged when it has taken this many times what it usually takes."""


def measure() -> dict[str, Any]:
    """All figures; about a minute and a half."""
    pool = Pool(threads=128)
    coach, waste = _coach(pool), coach_plan.measure_waste(pool)
    ratios = {
        **coach,
        "coach": _workload(COACH, pool, speculate=False),
        "coach, speculating": _workload(COACH, pool, speculate=True),
        "office": _workload(OFFICE, pool, speculate=True),
        "buffered message": _workload(BUFFERED, pool, speculate=False),
        "brief": _workload(BRIEF, pool, speculate=False),
    }
    schedule, tails = _schedule(pool), _tails()
    bars = [
        *(
            check_bar(f"{name}: ready / critical path", each["ratio"], each["bar"])
            for name, each in ratios.items()
        ),
        check_bar("coach: wasted speculative reads, share", waste["wasted_reads"], 0.20),
        check_bar("coach: wasted speculative model calls, share", waste["wasted_model_calls"], 0.05),
        check_bar("schedule: ms of our own a page", schedule["own_ms"], 100),
        check_bar("schedule: duplicate queries per 100 users", schedule["queries"], 1),
        check_bar("hedged p99 / plain p99", tails["hedged"]["p99_ms"] / tails["plain"]["p99_ms"], 0.75),
        check_bar("hedging: extra calls, share", tails["hedged"]["extra_calls"], 0.05),
    ]
    return {"workloads": ratios, "waste": waste, "schedule": schedule, "tails": tails, "bars": bars}


def table(result: dict[str, Any]) -> str:
    """The result for a terminal."""
    columns = ("critical_path_ms", "parallel_ms", "ratio", "phases_ms", "serial_ms", "serial_ratio")
    rows = [
        (name, *(f"{each[column]:g}" for column in columns)) for name, each in result["workloads"].items()
    ]
    tail = ("p50_ms", "p95_ms", "p99_ms", "extra_calls")
    tails = [(name, *(f"{each[column]:.4g}" for column in tail)) for name, each in result["tails"].items()]
    schedule = ", ".join(f"{name} {value:g}" for name, value in result["schedule"].items())
    waste = ", ".join(f"{name} {value:.3g}" for name, value in result["waste"].items())
    return "\n\n".join(
        (
            drawn(("workload", *columns), rows),
            f"the coach's speculation: {waste}",
            f"schedule of {USERS} users: {schedule}",
            drawn((f"office, {TURNS} turns, heavy-tailed", *tail), tails),
            drawn(("bar", "measured", "allowed", ""), bar_rows(result)),
        )
    )


def _workload(workload: Workload, pool: Pool, *, speculate: bool) -> dict[str, float]:
    graph = plan_of(workload, speculate=speculate).build(workload.targets)
    path = graph.critical_path(workload.durations)
    _ready_in(graph, pool, parallel=True)
    parallel = statistics.median(_ready_in(graph, pool, parallel=True) for _ in range(RUNS))
    serial = _all_ended_in(graph, pool)
    return {
        "critical_path_ms": round(path.seconds * 1000),
        "parallel_ms": round(parallel * 1000, 1),
        "ratio": round(parallel / path.seconds, 4),
        "bar": workload.bar,
        "phases_ms": round(workload.in_phases * 1000),
        "serial_ms": round(serial * 1000),
        "serial_ratio": round(serial / path.seconds, 2),
    }


def _coach(pool: Pool) -> dict[str, dict[str, float]]:
    """The coach's own plan, for a message that needs everything, foreseen by its words and not."""
    given = coach_plan.coach_ports(lambda text: NEED_FLAGS)
    cases = (
        (coach_plan.UNFORESEEN_TEXT, False, "the coach's plan"),
        (coach_plan.ALL_NEEDS_TEXT, True, "the coach's plan, speculating"),
    )
    return {name: _coach_case(text, given, pool, speculate=speculate) for text, speculate, name in cases}


def _coach_case(text: str, given: dict[str, Any], pool: Pool, *, speculate: bool) -> dict[str, float]:
    path = plan_of(COACH, speculate=speculate).build(COACH.targets).critical_path(COACH.durations).seconds
    coach_plan.measure_gathering(text, given, pool)
    seconds = statistics.median(coach_plan.measure_gathering(text, given, pool)[0] for _ in range(RUNS))
    return {
        "critical_path_ms": round(path * 1000),
        "parallel_ms": round(seconds * 1000, 1),
        "ratio": round(seconds / path, 4),
        "bar": COACH.bar,
        "phases_ms": round(COACH.in_phases * 1000),
        "serial_ms": round(COACH.serial * 1000),
        "serial_ratio": round(COACH.serial / path, 2),
    }


def _ready_in(graph: Graph, pool: Pool, *, parallel: bool) -> float:
    began = time.perf_counter()
    with graph.start({}, pool=pool, parallel=parallel) as run:
        list(run.until_ready())
        return time.perf_counter() - began


def _all_ended_in(graph: Graph, pool: Pool) -> float:
    """Seconds of the serial mode, statuses included."""
    began = time.perf_counter()
    with graph.start({}, pool=pool, parallel=False) as run:
        list(run.until_ended())
    return time.perf_counter() - began


def _schedule(pool: Pool) -> dict[str, float]:
    """A page of users: engagement and one query for duplicates at the same time, then a job for each user."""
    queries = []

    def duplicates(users: list[int]) -> list[bool]:
        queries.append(len(users))
        time.sleep(DUPLICATES)
        return [False for _ in users]

    plan = Plan("schedule")
    plan.step(name="due")(lambda: gather([partial(time.sleep, ENGAGEMENT)] * USERS, pool=pool))
    plan.step(name="duplicate")(lambda: batched(duplicates, range(USERS), USERS, pool=pool))
    plan.step(name="jobs")(
        lambda due, duplicate: gather(
            [partial(time.sleep, QUEUE) for seen in duplicate if not seen], pool=pool
        )
    )
    graph = plan.build(("jobs",))
    path = graph.critical_path({"due": ENGAGEMENT, "duplicate": DUPLICATES, "jobs": QUEUE}).seconds
    _ready_in(graph, pool, parallel=True)
    seconds = statistics.median(_ready_in(graph, pool, parallel=True) for _ in range(RUNS))
    return {
        "critical_path_ms": path * 1000,
        "ms": round(seconds * 1000, 1),
        "own_ms": round((seconds - path) * 1000, 1),
        "queries": len(queries) / (RUNS + 1),
        "serial_ms": round(USERS * (ENGAGEMENT + QUEUE + DUPLICATES) * 1000),
    }


def _tails() -> dict[str, dict[str, float]]:
    """The office turn many times over under a heavy tail, without hedges and with them."""
    return {"plain": _tail(hedged=False), "hedged": _tail(hedged=True)}


def _tail(*, hedged: bool) -> dict[str, float]:
    chance = random.Random(20)

    def sleep(seconds: float) -> None:
        time.sleep(seconds * SCALE * _factor(chance))

    def policy(step: Step) -> dict[str, Any]:
        return {"hedge_after": step.seconds * SCALE * HEDGE_AT} if hedged and step.seconds else {}

    graph = plan_of(OFFICE, speculate=True, sleep=sleep, policy=policy).build(OFFICE.targets)
    turns = _many_turns(graph, Pool(threads=32 * AT_ONCE))
    seconds = [turn.seconds / SCALE for turn in turns]
    return {
        "p50_ms": round(percentile(seconds, 0.50) * 1000, 1),
        "p95_ms": round(percentile(seconds, 0.95) * 1000, 1),
        "p99_ms": round(percentile(seconds, 0.99) * 1000, 1),
        "extra_calls": round(sum(turn.hedges for turn in turns) / sum(turn.calls for turn in turns), 4),
    }


def _factor(chance: random.Random) -> float:
    """What a latency is multiplied by: a little, and now and then much, by Pareto's law."""
    body = chance.lognormvariate(0.0, SPREAD)
    return body * 4 * chance.paretovariate(ALPHA) if chance.random() < STRAGGLERS else body


class _Turn(NamedTuple):
    seconds: float
    calls: int
    hedges: int


def _many_turns(graph: Graph, pool: Pool) -> list[_Turn]:
    """``TURNS`` of them, ``AT_ONCE`` side by side."""
    turns: list[_Turn] = []

    def one_after_the_other() -> None:
        turns.extend(_turn(graph, pool) for _ in range(TURNS // AT_ONCE))

    threads = [Thread(target=one_after_the_other) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return turns


def _turn(graph: Graph, pool: Pool) -> _Turn:
    began = time.perf_counter()
    with graph.start({}, pool=pool) as run:
        outcomes = list(run.until_ready())
        seconds = time.perf_counter() - began
    hedges = sum(outcome.hedged for outcome in outcomes)
    return _Turn(seconds, sum(outcome.attempts for outcome in outcomes) - hedges, hedges)
