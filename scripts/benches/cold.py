"""Cold starts on one core, of the built functions and of peers with the same job, and a SnapStart restore.

Each function runs under the emulator on Lambda's runtime, on one core; local stack and Weaviate are beside
it. Nothing is injected, so what the stack's own answers take is counted too. Reading a snapshot from Lambda's
storage is not: a restored process was only stopped. The subjects take turns, so that a busy moment of the
machine meets them all, and the bars are ratios of their medians. `--before COMMIT` starts the functions of a
commit besides, which its own tree is built to.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benches.support.bars import bar_rows, check_bar
from benches.support.cold_starts import BuiltFunction, ColdStarts, Start, link_timed_layer, run_around
from benches.support.commit_trees import check_out
from benches.support.peer_packages import install_peer
from benches.support.tables import render_table
from standins.openai.server import Pace
from support import layers, sam
from support.environments import ROOT

PEERS_FOLDER = Path(__file__).parent / "peers"
START_COUNT = 7
FAST_PACE = Pace(0.0, 10_000)

WEBHOOK_LAYERS, TURN_LAYERS = ("BaseLayer", "PackageLayer"), ("BaseLayer", "TurnLayer", "PackageLayer")
OURS, BEFORE, RESTORED = "repartee", "before", "repartee, restored"
BOLT, LANGGRAPH = "Bolt for Python", "LangGraph"
NOISE_SHARE = 1.05
"""How much more than before a start may seem to take though nothing has changed."""


@dataclass(frozen=True)
class Subjects:
    """The functions that are started, by the names that the tables give them."""

    webhooks: Mapping[str, BuiltFunction]
    turns: Mapping[str, BuiltFunction]


def measure(before: str = "") -> dict[str, Any]:
    """Returns all figures; about two minutes, and more the first time."""
    with tempfile.TemporaryDirectory(prefix="repartee-cold-") as scratch, ExitStack() as running:
        _print_progress("building")
        subjects = _build_subjects(Path(scratch), before)
        starts = running.enter_context(run_around(link_timed_layer(Path(scratch)), FAST_PACE))
        webhooks = _start_webhooks(starts, subjects.webhooks)
        turns = _start_turns(starts, subjects)
    result = {"starts": START_COUNT, "webhooks": webhooks, "turns": turns}
    return result | {"bars": _check_bars(webhooks, turns)}


def table(result: Mapping[str, Any]) -> str:
    """Returns the result for a terminal."""
    return "\n\n".join(
        (
            f"{result['starts']} cold starts each on one core, median milliseconds",
            _render_starts("webhook", "first answer", result["webhooks"]),
            _render_starts("turn", "first model call", result["turns"]),
            render_table(("bar", "measured", "allowed", ""), bar_rows(result)),
        )
    )


def _build_subjects(scratch: Path, before: str) -> Subjects:
    trees = {OURS: ROOT} | ({BEFORE: check_out(before)} if before else {})
    webhooks, turns = {}, {}
    for name, tree in trees.items():
        built = scratch / name
        sam.run_build(built, sam.machine_architecture(), tree)
        webhooks[name] = BuiltFunction(built / "Webhook", tuple(built / each for each in WEBHOOK_LAYERS))
        turns[name] = BuiltFunction(built / "Turn", tuple(built / each for each in TURN_LAYERS))
    webhooks[BOLT] = BuiltFunction(PEERS_FOLDER / "bolt", (install_peer("bolt"),))
    turns[LANGGRAPH] = BuiltFunction(PEERS_FOLDER / "langgraph_turn", (install_peer("langgraph_turn"),))
    return Subjects(webhooks, turns)


def _start_webhooks(starts: ColdStarts, webhooks: Mapping[str, BuiltFunction]) -> dict[str, dict[str, float]]:
    found: dict[str, list[Start]] = {name: [] for name in webhooks}
    for number in range(START_COUNT):
        _print_progress(f"webhooks, start {number + 1} of {START_COUNT}")
        for name, webhook in webhooks.items():
            found[name].append(starts.start_webhook(webhook))
    warm = {name: median(starts.measure_warm_cpu(webhook)) for name, webhook in webhooks.items()}
    return {
        name: _summarise(some) | {"warm_cpu_ms": warm[name], "megabytes": _layers_megabytes(webhooks[name])}
        for name, some in found.items()
    }


def _start_turns(starts: ColdStarts, subjects: Subjects) -> dict[str, dict[str, float]]:
    """The first start of each makes what later ones find, such as the vectors of routes' examples."""
    found: dict[str, list[Start]] = {name: [] for name in subjects.turns}
    restored = []
    with ExitStack() as running:
        webhooks = {
            name: running.enter_context(starts.run_function(subjects.webhooks[name]))
            for name in subjects.turns
            if name in subjects.webhooks
        }
        for number in range(START_COUNT + 1):
            _print_progress(f"turns, start {number} of {START_COUNT}")
            for name, turn in subjects.turns.items():
                found[name].append(starts.start_turn(webhooks.get(name, webhooks[OURS]), turn))
            restored.append(starts.restore_turn(webhooks[OURS], subjects.turns[OURS]))
    summaries = {
        name: _summarise(some[1:]) | {"megabytes": _layers_megabytes(subjects.turns[name])}
        for name, some in found.items()
    }
    return summaries | {RESTORED: {"done_ms": median(restored[1:])}}


def _check_bars(
    webhooks: Mapping[str, Mapping[str, float]], turns: Mapping[str, Mapping[str, float]]
) -> list[dict[str, Any]]:
    yardstick = turns[LANGGRAPH]["done_ms"]
    bars = [
        check_bar("webhook's start / Bolt's", webhooks[OURS]["ready_ms"] / webhooks[BOLT]["ready_ms"], 0.6),
        check_bar("turn, to its first model call / LangGraph", turns[OURS]["done_ms"] / yardstick, 0.85),
        check_bar("turn from a restore / LangGraph", turns[RESTORED]["done_ms"] / yardstick, 0.08),
    ]
    if BEFORE in webhooks:
        for kind, found in (("webhook", webhooks), ("turn", turns)):
            for part, about in (("cpu_ms", "CPU of its start"), ("done_ms", "to its first call done")):
                share = found[OURS][part] / found[BEFORE][part]
                bars.append(check_bar(f"{kind}: {about} / before", share, NOISE_SHARE))
        share = webhooks[OURS]["warm_cpu_ms"] / webhooks[BEFORE]["warm_cpu_ms"]
        bars.append(check_bar("webhook: CPU when warm / before", share, NOISE_SHARE))
    return bars


def _summarise(starts: Iterable[Start]) -> dict[str, float]:
    some = list(starts)
    return {part: median(getattr(each, part) for each in some) for part in ("ready_ms", "cpu_ms", "done_ms")}


def _render_starts(kind: str, done: str, found: Mapping[str, Mapping[str, float]]) -> str:
    parts = {"ready_ms": "start", "cpu_ms": "CPU of it", "done_ms": done, "megabytes": "MB"}
    if kind == "webhook":
        parts["warm_cpu_ms"] = "CPU warm"
    digits = {"warm_cpu_ms": 1}
    rows = [
        (name, *(f"{one[part]:.{digits.get(part, 0)}f}" if part in one else "" for part in parts))
        for name, one in found.items()
    ]
    return render_table((kind, *parts.values()), rows)


def _layers_megabytes(built: BuiltFunction) -> float:
    return sum(layers.folder_bytes(folder / "python") for folder in built.layers) / 1e6


def _print_progress(what: str) -> None:
    print(what, file=sys.stderr, flush=True)
