"""Wakes a message in 2,000 chats: with a backlog, with workers that die in it, and with workers enough.

The real turns, webhook's wakes and sweep run on virtual time and a queue in memory that has SQS's delays and
visibility. A message needs one wake, and a chat one in reserve.
"""

from __future__ import annotations

from typing import Any

from benches.support.bars import bar_rows, check_bar
from benches.support.tables import render_table
from tests.support.simulated_load import LoadedWorld, describe

CHATS = 2000
ARRIVAL_SECONDS = 300.0
MAX_WAKES_PER_MESSAGE = 1.3

RUNS = {"backlog": (40, 0), "backlog, workers die": (40, 40), "no backlog": (100, 0)}
"""Workers, and how many of them die on their way."""


def measure() -> dict[str, Any]:
    """All of them; about two minutes."""
    runs = {
        name: describe(LoadedWorld(CHATS, workers, killed).run(ARRIVAL_SECONDS))
        for name, (workers, killed) in RUNS.items()
    }
    bars = [
        check_bar(f"{name}: wakes a message", run["wakes_per_message"], MAX_WAKES_PER_MESSAGE)
        for name, run in runs.items()
        if name != "no backlog"
    ]
    lost = [
        check_bar(f"{name}: messages lost", run["messages"] - run["answered"], 0)
        for name, run in runs.items()
    ]
    return {"runs": runs, "bars": bars + lost}


def table(result: dict[str, Any]) -> str:
    """Returns the result for a terminal."""
    columns = list(next(iter(result["runs"].values())))
    rows = [(name, *(str(run[column]) for column in columns)) for name, run in result["runs"].items()]
    return "\n\n".join(
        (
            render_table(("", *columns), rows),
            render_table(("bar", "measured", "allowed", ""), bar_rows(result)),
        )
    )
