"""The waterfall's bars stand where the steps ran."""

from __future__ import annotations

import pytest

from local.channel_view import render_markdown
from local.waterfall import TimeScale
from repartee.plan import Outcome


@pytest.mark.parametrize(
    "start,end,bar",
    [(0.0, 1.0, "━━━━━━━━━━"), (0.5, 0.8, "     ━━━"), (0.0, 0.001, "╸"), (1.0, 1.0, "         ╸")],
)
def test_bar(start: float, end: float, bar: str) -> None:
    """A bar reaches from the step's start to its end; what took no time is a mark."""
    outcome = Outcome("step", "ok", start=start, end=end)

    assert TimeScale(1000, 10).render_bar(outcome, "").plain == bar


def test_axis() -> None:
    """The axis has round times where they are."""
    axis = TimeScale(1000, 50).render_axis().plain

    assert axis.index("200") == 10
    assert axis.index("800") == 40


def test_message() -> None:
    """A chat message is shown as Slack shows it."""
    shown = render_markdown("Hi <@U0ADA>, **yes** &amp; _no_\n> said before\n`code`")

    assert shown.plain == "Hi @Ada, yes & no\n▏ said before\ncode"
