"""The result of the load bench as tables for a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benches.load_test.run_ratios import render_ratios
from benches.support.bars import bar_rows
from benches.support.tables import render_table

SHOWN_ROWS = (
    *("messages", "seconds", "messages_a_second", "turns", "refused_posts", "dead_letters"),
    "activity_signs_left",
)
NESTED_ROWS = ("faults", "interruptions", "wakes", "cpu_ms", "table", "hot_chat_relevance")


def describe_runs(result: Mapping[str, Any]) -> str:
    """Returns all runs side by side, and the bars."""
    runs = result["runs"]
    parts = list(dict.fromkeys(part for run in runs.values() for part in run["waits_ms"]))
    heads = [head for name in runs for head in (f"{name} p50", "p95", "p99")]
    waits = [
        (
            part,
            *(
                f"{run['waits_ms'].get(part, {}).get(at, 0):.0f}"
                for run in runs.values()
                for at in ("p50", "p95", "p99")
            ),
        )
        for part in parts
    ]
    return "\n\n".join(
        (
            render_table(("", *runs), list_rows(runs)),
            render_table(("milliseconds", *heads), waits),
            *render_ratios(runs),
            render_table(("bar", "measured", "allowed", ""), bar_rows(result)),
            *(
                f"{name}, {fault}: {'; '.join(listed)}"
                for name, run in runs.items()
                for fault, listed in run["faults_listed"].items()
            ),
        )
    )


def list_rows(runs: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Returns the figures of the runs by name, one run a column."""
    rows = [(name.replace("_", " "), *(f"{run[name]:g}" for run in runs.values())) for name in SHOWN_ROWS]
    for group in NESTED_ROWS:
        figures = [_flatten(run[group]) for run in runs.values()]
        rows += [
            (f"{group}: {key}".replace("_", " "), *(f"{own.get(key, 0):g}" for own in figures))
            for key in dict.fromkeys(key for own in figures for key in own)
        ]
    for function in ("webhook", "turn"):
        memories = [run["memory_mb"][function] for run in runs.values()]
        ages = dict.fromkeys(age for memory in memories for age in memory.get("by_calls", {}))
        rows += [
            (
                f"memory of {function}, MB, from {age} calls on",
                *(f"{memory.get('by_calls', {}).get(age, 0):g}" for memory in memories),
            )
            for age in sorted(ages, key=int)
        ]
        rows.append(
            (f"memory of {function}, MB, most", *(f"{memory.get('most', 0):g}" for memory in memories))
        )
    for key in ("calls_a_message", "write_units_a_message", "read_units_a_message"):
        rows.append((key.replace("_", " "), *(f"{run['costs'][key]:g}" for run in runs.values())))
    operations = dict.fromkeys(name for run in runs.values() for name in run["costs"]["operations_a_message"])
    rows += [
        (
            f"{name} a message",
            *(f"{run['costs']['operations_a_message'].get(name, 0):g}" for run in runs.values()),
        )
        for name in operations
    ]
    return rows


def _flatten(figures: Mapping[str, Any]) -> dict[str, float]:
    """Returns the figures, and those of a group in them by the names of both."""
    flat: dict[str, float] = {}
    for name, value in figures.items():
        if isinstance(value, Mapping):
            flat |= {f"{name}, {key}": own for key, own in _flatten(value).items()}
        else:
            flat[name] = value
    return flat
