"""How every engine is measured, in its own process and environment: nothing but the standard library.

The workload comes as JSON on standard input and the figures leave as JSON on standard output. A
peer is a function that imports its engine and returns ``build``; ``build(graph)`` returns a
function that makes one run and returns when the targets are known.
"""

from __future__ import annotations

import json
import resource
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any, NamedTuple


class Step(NamedTuple):
    """One step of a graph; it sleeps for so many seconds."""

    name: str
    seconds: float
    needs: tuple[str, ...]
    gate: str | None
    status: bool

    @property
    def befores(self) -> tuple[str, ...]:
        """All that must be known before it may start, for engines that have no gates."""
        return (*self.needs, self.gate) if self.gate else self.needs

    def call(self, *_: object, **__: object) -> str:
        """Take as long as it takes."""
        if self.seconds:
            time.sleep(self.seconds)
        return self.name


class Graph(NamedTuple):
    """Steps after those they need, what is waited for, and a grouping for those who know only barriers."""

    steps: tuple[Step, ...]
    targets: tuple[str, ...]
    phases: tuple[tuple[str, ...], ...]


Go = Callable[[], None]
Build = Callable[[Graph], Go]


def main(load: Callable[[], Build]) -> None:
    """Measure the engine that ``load`` imports, and print the figures."""
    asked = json.load(sys.stdin)
    began = time.perf_counter()
    build = load()
    import_ms = (time.perf_counter() - began) * 1000
    figures = {
        "import_ms": import_ms,
        **_coach(build, _graph(asked["coach"]), asked["runs"]),
        "deep_us": _per_step(build, _chain(asked["length"])),
        "wide_us": _per_step(build, _fan(asked["length"])),
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print(json.dumps(figures), flush=True)


def _coach(build: Build, graph: Graph, runs: int) -> dict[str, float]:
    go = build(graph)
    go()
    ready, cpu = [], []
    for _ in range(runs):
        time.sleep(0.35)  # for what a run left behind: its cost is no other's
        began, worked = time.perf_counter(), time.process_time()
        go()
        ready.append((time.perf_counter() - began) * 1000)
        time.sleep(0.35)
        cpu.append((time.process_time() - worked) * 1000)
    return {
        "ready_ms": statistics.median(ready),
        "worst_ready_ms": max(ready),
        "cpu_ms": statistics.median(cpu),
    }


def _per_step(build: Build, graph: Graph) -> float:
    """Microseconds of wall time a step, of the best of many runs of steps that do nothing."""
    go = build(graph)
    best = min(_timed(go) for _ in range(60))
    return best / len(graph.steps) * 1e6


def _timed(go: Go) -> float:
    began = time.perf_counter()
    go()
    return time.perf_counter() - began


def _graph(asked: dict[str, Any]) -> Graph:
    steps = tuple(
        Step(s["name"], s["seconds"], tuple(s["needs"]), s["gate"], s["status"]) for s in asked["steps"]
    )
    return Graph(steps, tuple(asked["targets"]), tuple(map(tuple, asked["phases"])))


def _chain(length: int) -> Graph:
    steps = tuple(Step(f"s{n}", 0.0, (f"s{n - 1}",) if n else (), None, False) for n in range(length))
    return Graph(steps, (steps[-1].name,), tuple((step.name,) for step in steps))


def _fan(length: int) -> Graph:
    steps = tuple(Step(f"s{n}", 0.0, (), None, False) for n in range(length))
    names = tuple(step.name for step in steps)
    return Graph(steps, names, (names,))
