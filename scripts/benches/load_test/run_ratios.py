"""How runs of the load bench stand to each other: to the commit before, and the largest to the smallest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from benches.support.tables import render_table

BEFORE_SUFFIX = ", before"
"""Ends the name of a run that was made on the commit to compare with."""

ReadFigure = Callable[[Mapping[str, Any]], float]
ANSWERED_PART = "all, until the reply is whole"


def _read_wait(share: str) -> ReadFigure:
    return lambda run: float(run["waits_ms"].get(ANSWERED_PART, {}).get(share, 0.0))


COMPARED_FIGURES: Mapping[str, ReadFigure] = {
    "messages a second": lambda run: float(run["messages_a_second"]),
    "wait until the reply is whole, p50, ms": _read_wait("p50"),
    "wait until the reply is whole, p95, ms": _read_wait("p95"),
    "CPU a message, ms": lambda run: float(run["cpu_ms"]["a message"]),
    "AWS calls a message": lambda run: float(run["costs"]["calls_a_message"]),
    "write units a message": lambda run: float(run["costs"]["write_units_a_message"]),
    "read units a message": lambda run: float(run["costs"]["read_units_a_message"]),
    "wakes a message": lambda run: float(run["wakes"]["a_message"]),
    "items a message": lambda run: float(run["table"]["items_a_message"]),
    "bytes a message": lambda run: float(run["table"]["bytes_a_message"]),
    "memory of a turn's process, most, MB": lambda run: float(run["memory_mb"]["turn"].get("most", 0.0)),
}
"""The figures that say what a message costs, and what people wait for."""

Rows = list[tuple[str, ...]]


def compare_with_before(runs: Mapping[str, Any]) -> tuple[tuple[str, ...], Rows]:
    """Returns the head and the rows of a table: each figure before, now, and by how much it is another. No
    rows where no commit was measured before."""
    pairs = [(name, runs[name], runs[name + BEFORE_SUFFIX]) for name in runs if name + BEFORE_SUFFIX in runs]
    head = ("this against before", *(cell for name, *_ in pairs for cell in (f"{name}, before", "this", "x")))
    if not pairs:
        return head, []
    return head, [
        (
            label,
            *(cell for _, this, before in pairs for cell in _format_pair(read(before), read(this))),
        )
        for label, read in COMPARED_FIGURES.items()
    ]


def compare_sizes(runs: Mapping[str, Any]) -> tuple[tuple[str, ...], Rows]:
    """Returns the head and the rows of a table: each figure by the number of chats, and the largest run's to
    the smallest's. No rows where all runs have one size."""
    ordered = sorted(select_own(runs).items(), key=lambda named: named[1]["chats"])
    head = ("growth", *(name for name, _ in ordered), "x")
    if len(ordered) < 2:
        return head, []
    return head, [
        (
            label,
            *(f"{read(run):g}" for _, run in ordered),
            format_ratio(read(ordered[0][1]), read(ordered[-1][1])),
        )
        for label, read in COMPARED_FIGURES.items()
    ]


def select_own(runs: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the runs of what is checked out: the bars are its own."""
    return {name: run for name, run in runs.items() if not name.endswith(BEFORE_SUFFIX)}


def render_ratios(runs: Mapping[str, Any]) -> list[str]:
    """Returns both tables for a terminal, as far as there is something to compare."""
    return [
        render_table(head, rows) for head, rows in (compare_with_before(runs), compare_sizes(runs)) if rows
    ]


def _format_pair(before: float, this: float) -> tuple[str, str, str]:
    return f"{before:g}", f"{this:g}", format_ratio(before, this)


def format_ratio(base: float, other: float) -> str:
    """Returns how many times the one is as large as the base; a dash where there is none."""
    return f"{other / base:.2f}" if base else "-"
