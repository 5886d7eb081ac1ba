"""The waterfall's bars stand where the steps ran."""

from __future__ import annotations

import pytest

from local.channel_view import render_markdown
from local.message_way import WayRow
from local.waterfall import TimeScale, render_parts


@pytest.mark.parametrize(
    "start,end,bar",
    [
        (0.0, 1.0, "━━━━━━━━━━"),
        (0.5, 0.8, "     ━━━"),
        (0.0, 0.001, "╸"),
        (0.999, 0.999, "         ╸"),
        (1.2, 3.0, "         →"),
    ],
)
def test_bar(start: float, end: float, bar: str) -> None:
    """A bar reaches from the step's start to its end; what took no time is a mark, and what comes after the
    axis an arrow."""
    assert TimeScale(1000, 10).render_bar(1000 * start, 1000 * end, "").plain == bar


def test_axis() -> None:
    """The axis has round times where they are."""
    axis = TimeScale(1000, 50).render_axis().plain

    assert axis.index("200") == 10
    assert axis.index("800") == 40


LONG_NAME = "relevant_assistant_messages"
ROWS = (
    WayRow("queue", "stage", 10.0, 40.0, is_awaited=True),
    WayRow("redactor", "step", 40.0, 40.1),
    WayRow("parsed_command", "step", 40.0, 40.0, "skipped", "not needed"),
    WayRow(LONG_NAME, "step", 40.0, 440.0, "fallback", "fell back, timeout"),
    WayRow("embedding", "step", 40.0, 40.2, "failed", "failed, " + 9 * "a long reason "),
    WayRow("delivery, first words", "stage", 440.0, 500.0, is_awaited=True),
    WayRow("persist", "stage", 900.0, 1900.0),
)


@pytest.mark.parametrize("columns", [60, 110])
def test_parts_fit_their_columns(columns: int) -> None:
    """Names, bars and milliseconds fit a narrow terminal, and use a wide one."""
    lines = [line.plain for line in render_parts(ROWS, columns)]

    assert max(len(line) for line in lines) <= columns - 2
    assert any(line.startswith(f"  {LONG_NAME}") and line.endswith("    400") for line in lines)


def test_what_took_nothing_is_one_line() -> None:
    """Steps of 0 ms, and those that were not needed, are counted; what failed is shown however quick."""
    lines = [line.plain for line in render_parts(ROWS, 60)]

    assert lines[-1] == "  and 1 took 0 ms, 1 not needed (--show)"
    assert not any("redactor" in line or "parsed_command" in line for line in lines)
    assert any("embedding" in line for line in lines)


def test_every_part_is_shown_on_demand() -> None:
    """Nothing is folded then."""
    lines = [line.plain for line in render_parts(ROWS, 60, show_all=True)]

    assert all(any(row.name in line for line in lines) for row in ROWS)


def test_a_fallback_says_why() -> None:
    """The line below the step has the reason."""
    lines = [line.plain.strip() for line in render_parts(ROWS, 60)]

    assert lines[lines.index(next(line for line in lines if LONG_NAME in line)) + 1] == "fell back, timeout"


def test_message() -> None:
    """A chat message is shown as Slack shows it."""
    shown = render_markdown("Hi <@U0ADA>, **yes** &amp; _no_\n> said before\n`code`")

    assert shown.plain == "Hi @Ada, yes & no\n▏ said before\ncode"
