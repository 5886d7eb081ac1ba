"""The command scripts/simulate: checks a simulation against a measured run, says what more would need."""

from __future__ import annotations

import argparse
import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from benches.load_test.scenario import LoadScenario
from benches.support.tables import render_table
from operations.cost import PRICES_FILE
from simulation.capacity import DayLoad, list_needs, price_month
from simulation.queue_model import MeasuredTimes, QueueModel
from support.suggestions import CommandParser

MAX_DEVIATION_SHARE = 0.2
CONVERSATIONS_PER_DAY = (10_000, 100_000, 1_000_000)
TURN_SECONDS = 6.0
"""How long a turn holds its worker with a real model, of which its reply takes most."""

DESCRIPTION = """Reads the result of `scripts/bench load --json`, runs the same messages through a simulation
of queue and workers, and compares. Then it calculates what more conversations a day need, and what AWS is
paid."""


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; 0 if every simulated run is within 20 % of the measured one."""
    options = _make_parser().parse_args(arguments)
    result = json.loads(options.result.read_text())
    rows = [row for name, run in result["runs"].items() for row in compare_run(name, run)]
    largest = max(result["runs"].values(), key=lambda run: run["chats"])
    print(render_table(("", "measured", "simulated", "deviation"), [_format_row(row) for row in rows]))
    print()
    print(describe_capacity(largest, options.conversations or CONVERSATIONS_PER_DAY, options.turn_seconds))
    return int(any(abs(deviation) > MAX_DEVIATION_SHARE for *_, deviation in rows))


def compare_run(name: str, run: Mapping[str, Any]) -> list[tuple[str, float, float, float]]:
    """Returns what was measured and simulated, and by which share they differ."""
    scenario = msgspec.convert(run["scenario"], LoadScenario)
    simulated = QueueModel(scenario, MeasuredTimes.of_run(run)).run()
    pairs = (
        ("messages a second", run["messages_a_second"], simulated.messages_a_second),
        (
            "p95 of the wait, s",
            run["waits_ms"]["all, until the reply is whole"]["p95"] / 1000,
            simulated.p95_seconds,
        ),
    )
    return [(f"{name}: {what}", one, other, other / one - 1) for what, one, other in pairs]


def describe_capacity(run: Mapping[str, Any], days: tuple[int, ...], turn_seconds: float) -> str:
    """Returns the tables of limits and of the bill for so many conversations a day."""
    prices = tomllib.loads(PRICES_FILE.read_text())["unit"]
    loads = [DayLoad(count) for count in days]
    needs = [list_needs(load, run, turn_seconds) for load in loads]
    bills = [price_month(load, run, prices, turn_seconds) for load in loads]
    heads = [f"{load.conversations:,} a day" for load in loads]
    limits = [
        (row[0].what, f"{row[0].limit:g}", *(f"{need.needed:.1f} ({need.share:.0%})" for need in row))
        for row in zip(*needs, strict=True)
    ]
    limits.insert(
        0, ("messages a second at the peak", "", *(f"{one.peak_messages_per_second:.1f}" for one in loads))
    )
    costs = [(name, *(f"{bill[name]:,.0f}" for bill in bills)) for name in bills[0]]
    costs.append(("all", *(f"{sum(bill.values()):,.0f}" for bill in bills)))
    return "\n\n".join(
        (render_table(("limit", "of", *heads), limits), render_table(("dollars a month", *heads), costs))
    )


def _format_row(row: tuple[str, float, float, float]) -> tuple[str, ...]:
    return (row[0], f"{row[1]:.2f}", f"{row[2]:.2f}", f"{row[3]:+.0%}")


def _make_parser() -> argparse.ArgumentParser:
    parser = CommandParser(
        "scripts/simulate", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("result", type=Path, metavar="FILE", help="what scripts/bench load --json printed")
    parser.add_argument("--conversations", type=int, nargs="+", help="how many conversations a day")
    parser.add_argument(
        "--turn-seconds", type=float, default=TURN_SECONDS, help="how long a turn takes with the real model"
    )
    return parser


if __name__ == "__main__":
    from repartee.plan import run_main

    run_main(main)
