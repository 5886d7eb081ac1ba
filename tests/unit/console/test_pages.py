"""What the console makes of stored texts and numbers."""

from __future__ import annotations

import pytest

from repartee.console.pages import format_milliseconds, render_markdown


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[click](javascript:alert(1))",
        "![x](https://tracker.example/pixel.png)",
        '<a href="https://a.example" onclick="x()">a</a>',
    ],
)
def test_stored_text_is_never_markup(hostile: str) -> None:
    """A text that holds markup is shown as it was written, and loads nothing."""
    shown = str(render_markdown(hostile))
    assert "<script" not in shown
    assert "<img" not in shown
    assert 'href="javascript' not in shown
    assert "<a href" not in shown


def test_markdown_is_shown_as_markdown() -> None:
    """Bold words, lists, quotations and tables of a reply are shown as such."""
    shown = str(render_markdown("**14** desks\n\n- one\n\n> said\n\n| a | b |\n|---|---|\n| 1 | 2 |"))
    for tag in ("<strong>14</strong>", "<li>one</li>", "<blockquote>", "<table>"):
        assert tag in shown


@pytest.mark.parametrize(
    "given, shown",
    [
        (None, "\N{EN DASH}"),
        (0, "0 ms"),
        (0.42, "0.4 ms"),
        (84.4, "84 ms"),
        (1240, "1.24 s"),
        (125_000, "2 min 5 s"),
    ],
)
def test_durations_are_readable(given: float | None, shown: str) -> None:
    """A duration has the unit that people would use for it."""
    assert format_milliseconds(given) == shown
