"""Runs many chats at once while workers die and backends fail, and reads from what people saw how it went.

Webhook, turn and sweep are processes, with DynamoDB Local, ElasticMQ, SQLite or Weaviate, and stand-ins of
Slack, Telegram and WhatsApp with their limits. The model is a stand-in that names each question it answers.
With `--desk` customers write to a desk, of whom a team in Slack takes over one in twenty.
`--chats 100,2000` measures both and compares what a message costs, `--short` is the run of continuous
integration, `--before COMMIT` measures a commit after the same plan, `--html FILE` draws a page.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from benches.load_test.desk_run import DeskLoadRun, describe_desk, list_desk_bars
from benches.load_test.load_run import LoadRun
from benches.load_test.load_stack import LoadStack
from benches.load_test.memory_figures import check_memory
from benches.load_test.old_messages import store_old_messages
from benches.load_test.result_page import write_page
from benches.load_test.result_tables import describe_runs
from benches.load_test.run_figures import CLEAN_FAULTS, collect_figures, describe_faulty_chats
from benches.load_test.run_ratios import BEFORE_SUFFIX, select_own
from benches.load_test.scenario import LoadScenario, calm_scenario, full_scenario, short_scenario
from benches.support.bars import check_bar
from benches.support.commit_trees import ROOT, check_out

MAX_WAKES_PER_MESSAGE, MAX_COST_GROWTH_RATIO = 1.3, 1.15
MIN_CHATS_FOR_WAKES = 2000
"""Chats from which on there is a backlog, in which messages share wakes; a lone one has one in reserve."""


def measure(
    before: str = "",
    chats: str = "100",
    short: bool = False,
    calm: bool = False,
    desk: bool = False,
    seed: int = 1,
    store: str = "sqlite",
    drain: float = 0.0,
    workers: int = 0,
    html: str = "",
) -> dict[str, Any]:
    """Returns all figures; a short run takes under two minutes, 2,000 chats some twenty."""
    if short:
        scenarios = [short_scenario(seed)]
    else:
        make = calm_scenario if calm else full_scenario
        scenarios = [make(int(number), seed) for number in chats.split(",")]
    if drain:
        scenarios = [replace(scenario, drain_seconds=drain) for scenario in scenarios]
    if workers:
        scenarios = [replace(scenario, turn_workers=workers) for scenario in scenarios]
    trees = {"": ROOT} | ({BEFORE_SUFFIX: check_out(before)} if before else {})
    runs = {
        f"{scenario.chats} chats{suffix}": _run(scenario, tree, store, DeskLoadRun if desk else LoadRun)
        for scenario in scenarios
        for suffix, tree in trees.items()
    }
    result = {"store": store, "runs": runs, "bars": _check_bars(select_own(runs))}
    if html:
        write_page(Path(html), result)
    return result


def table(result: dict[str, Any]) -> str:
    """Returns the result for a terminal."""
    return describe_runs(result)


def _run(scenario: LoadScenario, tree: Path, store: str, make: type[LoadRun]) -> dict[str, Any]:
    with (
        tempfile.TemporaryDirectory(prefix="repartee-load-") as scratch,
        LoadStack.running(Path(scratch), store) as stack,
    ):
        if scenario.old_messages:
            store_old_messages(stack, scenario.old_messages)
        run = make(stack, scenario, tree)
        run.run()
        figures = collect_figures(run)
        if isinstance(run, DeskLoadRun):
            figures["desk"] = describe_desk(run)
        kept_for = ("faults_listed", "open_at_end", "dead_letters", "activity_signs_left")
        of_desk = figures.get("desk", {}).get("faults_listed")
        if of_desk or any(figures[name] for name in kept_for):
            _keep_log(run, figures)
        return figures


def _keep_log(run: LoadRun, figures: dict[str, Any]) -> None:
    """Keeps the functions' log and the calls in the chats in which something is wrong."""
    kept = Path(tempfile.gettempdir()) / f"repartee-load-{run.scenario.chats}.log"
    kept.write_text(f"{run.log.read_text(errors='replace')}\n{describe_faulty_chats(run, figures)}")
    print(f"the log of the functions is kept: {kept}", file=sys.stderr)


def _check_bars(runs: dict[str, Any]) -> list[dict[str, Any]]:
    bars = []
    for name, run in runs.items():
        bars += [
            check_bar(f"{name}: {fault.replace('_', ' ')}", run["faults"][fault], 0) for fault in CLEAN_FAULTS
        ]
        bars += [
            check_bar(f"{name}: chats open at the end", len(run["open_at_end"]), 0),
            check_bar(f"{name}: dead letters", run["dead_letters"], 0),
            check_bar(f"{name}: signs of activity left", run["activity_signs_left"], 0),
        ]
        bars += list_desk_bars(name, run)
        if run["chats"] >= MIN_CHATS_FOR_WAKES:
            wakes = run["wakes"]["a_message"]
            bars.append(check_bar(f"{name}: wakes a message", wakes, MAX_WAKES_PER_MESSAGE))
        bars += check_memory(name, run["memory_mb"]["turn"])
    return bars + _compare_sizes(runs)


def _compare_sizes(runs: dict[str, Any]) -> list[dict[str, Any]]:
    """Holds the costs of a message in the largest run to those in the smallest."""
    ordered = sorted(runs.values(), key=lambda run: run["chats"])
    if len(ordered) < 2:
        return []
    small, large = ordered[0], ordered[-1]
    sizes = f"{large['chats']} / {small['chats']} chats"
    return [
        check_bar(
            f"{sizes}: CPU a message",
            large["cpu_ms"]["a message"] / small["cpu_ms"]["a message"],
            MAX_COST_GROWTH_RATIO,
        ),
        check_bar(
            f"{sizes}: AWS calls a message",
            large["costs"]["calls_a_message"] / small["costs"]["calls_a_message"],
            MAX_COST_GROWTH_RATIO,
        ),
    ]
