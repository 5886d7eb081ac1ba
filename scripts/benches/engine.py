"""The plan engine beside its peers: time to ready on the coach graph, cost a step, import, memory, growth.

Each peer runs in an environment of its own, made on first use and kept in the cache; its versions
are pinned in benches/peers. The floor is the standard library with no policies at all.
"""

from __future__ import annotations

import hashlib
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from benches.bare_threads import BareThreads
from benches.support.bars import bar_rows, check_bar
from benches.support.tables import render_table as drawn
from benches.support.workloads import COACH, chain, fan, plan_of
from repartee.plan import Graph, Pool
from repartee.plan.task import Task
from support.caches import make_once
from support.environments import install_pins

PEERS = Path(__file__).parent / "peers"
SHARED = Path(__file__).parents[2] / "shared"
RUNS = 5
LENGTH = 100
SPECULATING_BAR_MS = 1150
CLOCK_MS = 2.0
"""How far two runs of the same length differ on a busy machine."""


class Peer(NamedTuple):
    """An engine to measure: its script, the modules it imports, and the file that pins its packages."""

    name: str
    script: str
    imports: str
    pins: str | None = None
    arguments: tuple[str, ...] = ()


OURS = Peer("repartee", "with_repartee.py", "repartee.plan")
SPECULATING = Peer("repartee, speculating", "with_repartee.py", "repartee.plan", arguments=("speculating",))
FLOOR = Peer("graphlib and a queue", "with_graphlib.py", "graphlib, queue, concurrent.futures")
OTHERS = (
    FLOOR,
    Peer("Hamilton", "with_hamilton.py", "hamilton.driver, hamilton.plugins.h_threadpool", "hamilton.txt"),
    Peer("LangChain RunnableParallel", "with_langchain.py", "langchain_core.runnables", "langchain.txt"),
    Peer("Haystack", "with_haystack.py", "haystack", "haystack.txt"),
    Peer("LangGraph", "with_langgraph.py", "langgraph.graph", "langgraph.txt"),
    Peer("asyncio gather in phases", "with_asyncio.py", "asyncio, concurrent.futures"),
    Peer("executor per phase", "with_phases.py", "concurrent.futures"),
)


def measure() -> dict[str, Any]:
    """Return all figures; takes some minutes the first time, when the environments are made."""
    subprocess.run([sys.executable, "-m", "compileall", "-q", str(SHARED / "repartee" / "plan")], check=True)
    engines = {peer.name: _measured(peer) for peer in (OURS, SPECULATING, *OTHERS)}
    path = plan_of(COACH, speculate=False).build(COACH.targets).critical_path(COACH.durations)
    result = {
        "critical_path_ms": round(path.seconds * 1000, 1),
        "phases_ms": round(COACH.in_phases * 1000, 1),
        "engines": engines,
        "coach_cpu_ms": _coach_cpu_ms(Pool()),
        "coach_cpu_ms_on_bare_threads": _coach_cpu_ms(
            Pool(executor=BareThreads(), spare_executor=BareThreads())
        ),
        "hand_overs_a_step": _hand_overs(),
        "growth_us_a_step": _growth(),
    }
    return {**result, "bars": _bars(result)}


def table(result: dict[str, Any]) -> str:
    """Return the result as text for a terminal."""
    columns = {
        "ready_ms": "ready ms",
        "cpu_ms": "cpu ms",
        "deep_us": "deep us/step",
        "wide_us": "wide us/step",
        "import_ms": "import ms",
        "memory_mb": "memory MB",
    }
    rows = [
        (name, *(f"{figures[column]:.1f}" for column in columns))
        for name, figures in result["engines"].items()
    ]
    growth = [
        (shape, *(f"{us:.1f}" for us in by_size.values()))
        for shape, by_size in result["growth_us_a_step"].items()
    ]
    sizes = list(result["growth_us_a_step"]["deep"])
    about = (
        f"The coach graph: {len(COACH.steps)} steps, critical path {result['critical_path_ms']:g} ms, "
        f"in phases {result['phases_ms']:g} ms. CPU is the whole process's, the waking of sleepers included."
    )
    cpu = (
        f"CPU for the coach plan without latencies, on one processor: {result['coach_cpu_ms']:.3f} ms; "
        f"on bare threads instead of a ThreadPoolExecutor {result['coach_cpu_ms_on_bare_threads']:.3f} ms"
    )
    return "\n\n".join(
        (
            about,
            drawn(("engine", *columns.values()), rows),
            drawn(("us a step, of plans of", *sizes), growth),
            cpu,
            drawn(("bar", "measured", "allowed", ""), bar_rows(result)),
        )
    )


def _bars(result: dict[str, Any]) -> list[dict[str, Any]]:
    engines = result["engines"]
    ours, quickest = engines[OURS.name], min(engines[peer.name]["ready_ms"] for peer in OTHERS)
    return [
        check_bar("time to ready / critical path", ours["ready_ms"] / result["critical_path_ms"], 1.01),
        check_bar("ms behind the quickest peer", ours["ready_ms"] - quickest, CLOCK_MS),
        check_bar("ms to ready with speculation", engines[SPECULATING.name]["ready_ms"], SPECULATING_BAR_MS),
        check_bar("us a step, deep", ours["deep_us"], 30),
        check_bar("us a step, wide", ours["wide_us"], 30),
        check_bar("thread hand-overs a step", result["hand_overs_a_step"], 1),
        check_bar("ms of CPU for the coach plan, one processor", result["coach_cpu_ms"], 0.5),
        check_bar("ms to import", ours["import_ms"], 20),
        *(
            check_bar(f"growth from 100 to 10,000 steps, {shape}", us["10000"] / us["100"], 2)
            for shape, us in result["growth_us_a_step"].items()
        ),
    ]


def _measured(peer: Peer) -> dict[str, float]:
    python = _python(peer)
    steps = [step._asdict() for step in COACH.steps]
    coach = {"steps": steps, "targets": COACH.targets, "phases": COACH.phases}
    sizes = {"coach": coach, "runs": RUNS, "length": LENGTH}
    command = [python, str(PEERS / peer.script), *peer.arguments]
    done = subprocess.run(
        command, input=json.dumps(sizes), env=_environment(), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{peer.name} could not be measured:\n{done.stderr[-2000:]}")
    figures = json.loads(done.stdout.splitlines()[-1])
    return {**figures, "import_ms": _import_ms(python, peer.imports)}


def _import_ms(python: str, imports: str) -> float:
    """Return the milliseconds of CPU to import in a fresh process, with bytecode: the least of twenty.

    On a busy machine wall time would also measure the other processes.
    """
    script = f"import time; began = time.process_time(); import {imports}; print(time.process_time() - began)"
    command = [python, "-c", script]
    runs = [
        subprocess.run(command, env=_environment(), capture_output=True, text=True, check=True)
        for _ in range(20)
    ]
    return min(float(run.stdout) for run in runs) * 1000


def _python(peer: Peer) -> str:
    if peer.pins is None:
        return sys.executable
    pins = PEERS / peer.pins
    name = f"bench-{pins.stem}-{hashlib.sha256(pins.read_bytes() + sys.version.encode()).hexdigest()[:12]}"
    print(f"Preparing {peer.name}", file=sys.stderr, flush=True)
    return str(make_once(name, lambda folder: install_pins(folder, pins)) / "bin" / "python")


def _environment() -> dict[str, str]:
    """Return our environment with the telemetry of the peers turned off."""
    quiet = {
        "HAYSTACK_TELEMETRY_ENABLED": "False",
        "HAMILTON_TELEMETRY_ENABLED": "false",
        "LANGSMITH_TRACING": "false",
    }
    return {**os.environ, **quiet, "PYTHONPATH": str(SHARED)}


class _CountingPool(Pool):
    """A pool that counts the tasks that it is given."""

    hand_overs = 0

    def submit(self, task: Task) -> bool:
        self.hand_overs += 1
        return super().submit(task)


def _hand_overs() -> float:
    pool = _CountingPool()
    with plan_of(COACH, speculate=True).build(COACH.targets).start({}, pool=pool) as run:
        list(run.until_ended())
    return pool.hand_overs / len(COACH.steps)


def _coach_cpu_ms(pool: Pool) -> float:
    """Return the milliseconds of CPU of all threads for the coach plan, whose steps do nothing."""
    plan = plan_of(
        COACH, speculate=True, sleep=lambda _: None, policy=lambda _: {"timeout": 2.0, "fallback": None}
    )
    graph = plan.build(COACH.targets)
    _cpu_ms(graph, pool, 50)
    with _one_processor():
        return statistics.median(_cpu_ms(graph, pool, 50) for _ in range(20))


@contextmanager
def _one_processor() -> Iterator[None]:
    """Pin all threads of this process to one processor, as many as a Lambda of 1,769 MB has."""
    if not hasattr(os, "sched_getaffinity"):  # not everywhere; then it is measured on all there are
        yield
        return
    before = os.sched_getaffinity(0)
    try:
        _pin({min(before)})
        yield
    finally:
        _pin(before)


def _pin(processors: set[int]) -> None:
    for thread in Path("/proc/self/task").iterdir():
        os.sched_setaffinity(int(thread.name), processors)


def _cpu_ms(graph: Graph, pool: Pool, runs: int) -> float:
    began = time.process_time()
    for _ in range(runs):
        with graph.start({}, pool=pool, deadline=8.0) as run:
            list(run.until_ended())
    return (time.process_time() - began) / runs * 1000


def _growth() -> dict[str, dict[str, float]]:
    """Return the microseconds of a step in plans of very different size, deep and wide."""
    pool = Pool()
    sizes = (10, 100, 1_000, 10_000)
    shapes = {
        "deep": {size: chain(size).build((f"s{size - 1}",)) for size in sizes},
        "wide": {size: fan(size).build([f"s{number}" for number in range(size)]) for size in sizes},
    }
    return {
        shape: {
            str(size): _best_us(graph, pool, max(12, 5_000 // size)) / size for size, graph in graphs.items()
        }
        for shape, graphs in shapes.items()
    }


def _best_us(graph: Graph, pool: Pool, runs: int) -> float:
    def once() -> float:
        began = time.perf_counter()
        with graph.start({}, pool=pool) as run:
            list(run.until_ready())
        return time.perf_counter() - began

    return min(once() for _ in range(runs)) * 1e6
