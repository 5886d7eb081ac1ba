"""The five workloads of the design, parallel and serial, against their critical paths; and what hedging buys.

Real threads sleep for the latencies that the design names. The assistants' own plans, hedged and not, run
on a virtual clock with reads that now and then take ten times as long.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping
from functools import partial
from typing import Any

from benches.support import coach_plan, desk_plan, hedging
from benches.support.bars import bar_rows, check_bar
from benches.support.coach_labels import NEED_FLAGS
from benches.support.tables import render_table as drawn
from benches.support.workloads import BRIEF, BUFFERED, COACH, OFFICE, Workload, plan_of
from repartee.plan import Graph, Plan, Pool, batched, gather

RUNS = 5
USERS, ENGAGEMENT, QUEUE, DUPLICATES = 100, 0.050, 0.020, 0.020


def measure() -> dict[str, Any]:
    """Return all figures; takes about a minute."""
    pool = Pool(threads=128)
    coach, waste = _coach(pool), coach_plan.measure_waste(pool)
    ratios = {
        **coach,
        "coach": _workload(COACH, pool, speculate=False),
        "coach, speculating": _workload(COACH, pool, speculate=True),
        "office": _workload(OFFICE, pool, speculate=True),
        "buffered message": _workload(BUFFERED, pool, speculate=False),
        "the desk's plan": _desk(pool),
        "brief": _workload(BRIEF, pool, speculate=False),
    }
    schedule, tails = _schedule(pool), {name: hedging.compare(name) for name in hedging.PLANS}
    bars = [
        *(
            check_bar(f"{name}: ready / critical path", each["ratio"], each["bar"])
            for name, each in ratios.items()
        ),
        check_bar("coach: wasted speculative reads, share", waste["wasted_reads"], 0.20),
        check_bar("coach: wasted speculative model calls, share", waste["wasted_model_calls"], 0.05),
        check_bar("schedule: ms of our own a page", schedule["own_ms"], 100),
        check_bar("schedule: duplicate queries per 100 users", schedule["queries"], 1),
        *(each for name, tail in tails.items() for each in _tail_bars(name, tail)),
    ]
    return {"workloads": ratios, "waste": waste, "schedule": schedule, "tails": tails, "bars": bars}


def table(result: dict[str, Any]) -> str:
    """Return the result as text for a terminal."""
    columns = ("critical_path_ms", "parallel_ms", "ratio", "phases_ms", "serial_ms", "serial_ratio")
    rows = [
        (name, *(f"{each[column]:g}" for column in columns)) for name, each in result["workloads"].items()
    ]
    tail = ("p50_ms", "p95_ms", "p99_ms", "late_steps", "failed_attempts", "extra_calls")
    tails = [
        (f"{name}, {mode}", *(f"{each[column]:.4g}" for column in tail))
        for name, modes in result["tails"].items()
        for mode, each in modes.items()
    ]
    schedule = ", ".join(f"{name} {value:g}" for name, value in result["schedule"].items())
    waste = ", ".join(f"{name} {value:.3g}" for name, value in result["waste"].items())
    return "\n\n".join(
        (
            drawn(("workload", *columns), rows),
            f"the coach's speculation: {waste}",
            f"schedule of {USERS} users: {schedule}",
            drawn((f"{hedging.TURNS} turns to the first model call, slow reads", *tail), tails),
            drawn(("bar", "measured", "allowed", ""), bar_rows(result)),
        )
    )


def _tail_bars(name: str, tail: Mapping[str, Mapping[str, float]]) -> list[dict[str, Any]]:
    plain, hedged = tail["without hedges"], tail["hedged"]
    return [
        check_bar(f"{name}: hedged p99 / p99 without hedges", hedged["p99_ms"] / plain["p99_ms"], 0.75),
        check_bar(f"{name}: extra calls by hedges, share", hedged["extra_calls"], 0.05),
    ]


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
    """Run the coach's plan for messages that need everything, one foreseen by its words and one not."""
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


def _desk(pool: Pool) -> dict[str, float]:
    """Run the desk's plan for a question: what the buffered message reads is one read of it."""
    path = desk_plan.measure_critical_path()
    desk_plan.measure_gathering(pool)
    seconds = statistics.median(desk_plan.measure_gathering(pool) for _ in range(RUNS))
    return {
        "critical_path_ms": round(path * 1000),
        "parallel_ms": round(seconds * 1000, 1),
        "ratio": round(seconds / path, 4),
        "bar": BUFFERED.bar,
        "phases_ms": round(BUFFERED.in_phases * 1000),
        "serial_ms": round(BUFFERED.serial * 1000),
        "serial_ratio": round(BUFFERED.serial / path, 2),
    }


def _ready_in(graph: Graph, pool: Pool, *, parallel: bool) -> float:
    began = time.perf_counter()
    with graph.start({}, pool=pool, parallel=parallel) as run:
        list(run.until_ready())
        return time.perf_counter() - began


def _all_ended_in(graph: Graph, pool: Pool) -> float:
    """Return the seconds of the serial mode, statuses included."""
    began = time.perf_counter()
    with graph.start({}, pool=pool, parallel=False) as run:
        list(run.until_ended())
    return time.perf_counter() - began


def _schedule(pool: Pool) -> dict[str, float]:
    """Run a page of users: engagement and one query for duplicates at once, then a job for each user."""
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
