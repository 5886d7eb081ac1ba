"""The load bench says how its runs stand to each other: beside a commit, and from few chats to many."""

from __future__ import annotations

from typing import Any

from benches.load_test.result_page import render_page
from benches.load_test.result_tables import describe_runs
from benches.load_test.run_ratios import COMPARED_FIGURES, compare_sizes, compare_with_before, select_own


def measured(chats: int, cpu_ms: float) -> dict[str, Any]:
    """Builds the figures of a run."""
    return {
        "chats": chats, "messages": 1, "seconds": 1.0, "messages_a_second": 1.0, "turns": 1,
        "refused_posts": 0, "dead_letters": 0, "activity_signs_left": 0, "faults": {}, "faults_listed": {},
        "interruptions": {},
        "wakes": {"a_message": 1.2}, "cpu_ms": {"a message": cpu_ms}, "hot_chat_relevance": {},
        "table": {"items_a_message": 3.8, "bytes_a_message": 2378},
        "memory_mb": {"webhook": {}, "turn": {}}, "queue": [],
        "waits_ms": {"all, until the reply is whole": {"p50": 1200.0, "p95": 2000.0, "p99": 3000.0}},
        "costs": {"calls_a_message": 19.4, "write_units_a_message": 21.8, "read_units_a_message": 5.9,
                  "operations_a_message": {}},
    }  # fmt: skip


RUNS = {
    "100 chats": measured(100, 50.0),
    "100 chats, before": measured(100, 100.0),
    "2000 chats": measured(2000, 60.0),
    "2000 chats, before": measured(2000, 90.0),
}


def test_each_size_is_compared_with_its_run_before() -> None:
    """By each figure: before, now, and the ratio."""
    head, rows = compare_with_before(RUNS)

    assert head == (
        "this against before",
        "100 chats, before",
        "this",
        "x",
        "2000 chats, before",
        "this",
        "x",
    )
    assert ("CPU a message, ms", "100", "50", "0.50", "90", "60", "0.67") in rows
    assert len(rows) == len(COMPARED_FIGURES)


def test_growth_is_that_of_what_is_checked_out() -> None:
    """From the fewest chats to the most, whatever order they were asked for in."""
    backwards = dict(reversed(RUNS.items()))

    head, rows = compare_sizes(backwards)

    assert head == ("growth", "100 chats", "2000 chats", "x")
    assert ("CPU a message, ms", "50", "60", "1.20") in rows


def test_what_was_not_measured_has_no_ratio() -> None:
    """Workers that were all killed leave no memory to compare."""
    _, rows = compare_sizes(RUNS)

    assert ("memory of a turn's process, most, MB", "0", "0", "-") in rows


def test_one_run_is_compared_with_nothing() -> None:
    """Neither table is there, in the terminal or in the page."""
    result = {"store": "sqlite", "runs": {"100 chats": RUNS["100 chats"]}, "bars": []}

    assert "growth" not in describe_runs(result)
    assert "From few chats to many" not in render_page(result)


def test_both_comparisons_are_in_the_terminal_and_in_the_page() -> None:
    """With a chart of the ratios."""
    result = {"store": "sqlite", "runs": RUNS, "bars": []}

    shown, page = describe_runs(result), render_page(result)

    assert "this against before" in shown
    assert "growth" in shown
    assert page.index("Against the commit before") < page.index("From few chats to many")
    assert page.count("ratios of the last two") == 2


def test_bars_are_those_of_what_is_checked_out() -> None:
    """A fault of the commit before is shown, and fails nothing."""
    assert list(select_own(RUNS)) == ["100 chats", "2000 chats"]
