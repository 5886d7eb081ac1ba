"""A comparison as a table for the terminal, and as a page."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

from benches.support.bars import bar_rows
from benches.support.tables import render_table
from evaluation.comparison import Comparison, Difference

MAX_SHOWN_CHARS = 60

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem }
table { border-collapse: collapse; width: 100%; margin: 1rem 0 }
th, td { border: 1px solid #ccc; padding: .3rem .6rem; text-align: left; vertical-align: top }
td { white-space: pre-wrap }
.missed { background: #fdd } .met { background: #dfd }
"""


def render_terminal(comparison: Comparison, names: tuple[str, str]) -> str:
    """Returns the comparison for a terminal."""
    sums = [(name, f"{one:g}", f"{other:g}") for name, (one, other) in comparison.sums.items()]
    changed = [
        (difference.conversation, _shorten(difference.text), name, _shorten(_show(old)), _shorten(_show(new)))
        for difference in comparison.differences
        for name, (old, new) in difference.changes.items()
    ]
    judged = [f"{one.conversation}: {one.judgement}" for one in comparison.differences if one.judgement]
    return "\n\n".join(
        (
            f"{comparison.steps} steps, {len(comparison.differences)} of them changed",
            render_table(("sum", *names), sums),
            render_table(("conversation", "said", "what", *names), changed)
            if changed
            else "Nothing changed.",
            render_table(("bar", "measured", "allowed", ""), bar_rows({"bars": comparison.bars})),
            *judged,
        )
    )


def render_page(comparison: Comparison, names: tuple[str, str]) -> str:
    """Returns the comparison as an HTML page that needs nothing else."""
    sums = "".join(_row(name, f"{one:g}", f"{other:g}") for name, (one, other) in comparison.sums.items())
    bars = "".join(
        f'<tr class="{"met" if bar["met"] else "missed"}">'
        f"<td>{escape(bar['name'])}<td>{bar['value']:g}<td>{bar['bar']:g}"
        for bar in comparison.bars
    )
    changed = "".join(part for one in comparison.differences for part in _difference_rows(one))
    first, second = map(escape, names)
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{first} and {second}</title>'
        f"<style>{STYLE}</style><h1>{first} and {second}</h1>"
        f"<p>{comparison.steps} steps, {len(comparison.differences)} of them changed.</p>"
        f"<h2>Bars</h2><table><tr><th>bar<th>measured<th>allowed</tr>{bars}</table>"
        f"<h2>Sums</h2><table><tr><th>sum<th>{first}<th>{second}</tr>{sums}</table>"
        "<h2>What changed</h2><table>"
        f"<tr><th>conversation<th>what<th>{first}<th>{second}</tr>{changed}</table></html>\n"
    )


def _difference_rows(difference: Difference) -> Iterator[str]:
    where = f"{difference.conversation}\n{difference.text}"
    for name, (old, new) in difference.changes.items():
        yield _row(where, name, _show(old), _show(new))
    if difference.judgement:
        yield _row(where, "judgement", difference.judgement, "")


def _row(*cells: str) -> str:
    return f"<tr>{''.join(f'<td>{escape(cell)}' for cell in cells)}</tr>"


def _show(value: Any) -> str:
    if isinstance(value, list):
        return "\n".join(map(str, value))
    return "" if value is None else str(value)


def _shorten(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= MAX_SHOWN_CHARS else f"{line[: MAX_SHOWN_CHARS - 1]}…"
