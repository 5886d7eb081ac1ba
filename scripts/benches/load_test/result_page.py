"""The result of the load bench as one page: tables, and charts as inline SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from benches.load_test.result_tables import list_rows
from benches.load_test.run_ratios import compare_sizes, compare_with_before
from benches.support.bars import bar_rows

WIDTH_PIXELS, ROW_PIXELS, LABEL_PIXELS, CHART_PIXELS = 860, 22, 250, 180
COLORS = ("#3b6ea8", "#c9773b", "#5b9a5b", "#8a5ba0")
STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:900px;margin:2em auto;padding:0 1em;color:#222}"
    "table{border-collapse:collapse;margin:1em 0}td,th{padding:.15em .8em;border-bottom:1px solid #ddd;"
    "text-align:right}td:first-child,th:first-child{text-align:left}svg{max-width:100%}.missed{color:#b00020}"
)


def write_page(file: Path, result: Mapping[str, Any]) -> None:
    """Writes the page, which loads nothing from elsewhere."""
    file.write_text(render_page(result))


def render_page(result: Mapping[str, Any]) -> str:
    """Returns the page."""
    runs = result["runs"]
    sections = [
        "<h1>Load of Repartee</h1>",
        f"<p>Messages are kept in {escape(result['store'])}; platforms and model are stand-ins.</p>",
        _table(("bar", "measured", "allowed", ""), bar_rows(result)),
        *_compare_runs(runs),
        "<h2>What a turn waited for (p50, milliseconds)</h2>",
        *(_draw_bars(name, {p: w["p50"] for p, w in run["waits_ms"].items()}) for name, run in runs.items()),
        "<h2>What a turn waited for (p95, milliseconds)</h2>",
        *(_draw_bars(name, {p: w["p95"] for p, w in run["waits_ms"].items()}) for name, run in runs.items()),
        "<h2>AWS calls a message</h2>",
        *(_draw_bars(name, run["costs"]["operations_a_message"]) for name, run in runs.items()),
        "<h2>Wakes in the queue</h2>",
        _draw_lines({name: [(q["seconds"], q["wakes"]) for q in run["queue"]] for name, run in runs.items()}),
        "<h2>All figures</h2>",
        _table(("", *runs), list_rows(runs)),
    ]
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Load of Repartee</title>'
        f"<style>{STYLE}</style>{''.join(sections)}</html>"
    )


def _compare_runs(runs: Mapping[str, Any]) -> list[str]:
    """Returns each comparison that there is: a table, and a chart of its ratios."""
    sections = []
    compared = (("Against the commit before", compare_with_before), ("From few chats to many", compare_sizes))
    for title, compare in compared:
        head, rows = compare(runs)
        if rows:
            ratios = {row[0]: float(row[-1]) for row in rows if row[-1] != "-"}
            sections += [
                f"<h2>{title}</h2>",
                _table(head, rows),
                _draw_bars("ratios of the last two", ratios),
            ]
    return sections


def _table(head: Sequence[object], rows: Sequence[Sequence[object]]) -> str:
    def line(cells: Sequence[object], tag: str) -> str:
        kind = ' class="missed"' if "MISSED" in cells else ""
        return f"<tr{kind}>" + "".join(f"<{tag}>{escape(str(cell))}</{tag}>" for cell in cells) + "</tr>"

    return f"<table>{line(head, 'th')}{''.join(line(row, 'td') for row in rows)}</table>"


def _draw_bars(title: str, values: Mapping[str, float]) -> str:
    widest = max([*values.values(), 1e-9])
    room = WIDTH_PIXELS - LABEL_PIXELS - 90
    bars = "".join(
        f'<text x="{LABEL_PIXELS - 8}" y="{row * ROW_PIXELS + 15}" text-anchor="end">{escape(name)}</text>'
        f'<rect x="{LABEL_PIXELS}" y="{row * ROW_PIXELS + 3}" width="{max(1.0, room * value / widest):.1f}" '
        f'height="{ROW_PIXELS - 6}" fill="{COLORS[0]}"/>'
        f'<text x="{LABEL_PIXELS + room * value / widest + 6:.1f}" y="{row * ROW_PIXELS + 15}">'
        f"{value:g}</text>"
        for row, (name, value) in enumerate(values.items())
    )
    return f"<h3>{escape(title)}</h3>{_svg(len(values) * ROW_PIXELS + 4, bars)}"


def _draw_lines(series: Mapping[str, Sequence[tuple[float, float]]]) -> str:
    points = [point for line in series.values() for point in line] or [(1, 1)]
    most_x, most_y = (max([*(point[axis] for point in points), 1]) for axis in (0, 1))
    lines = ""
    for number, (name, line) in enumerate(series.items()):
        color = COLORS[number % len(COLORS)]
        across, up = (WIDTH_PIXELS - 60) / most_x, (CHART_PIXELS - 20) / most_y
        path = " ".join(f"{40 + across * x:.1f},{CHART_PIXELS - up * y:.1f}" for x, y in line)
        lines += f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="2"/>'
        lines += f'<text x="{60 + 200 * number}" y="14" fill="{color}">{escape(name)}</text>'
    axis = f'<text x="0" y="24">{most_y:g}</text>'
    axis += f'<text x="{WIDTH_PIXELS - 60}" y="{CHART_PIXELS + 16}">{most_x:g} s</text>'
    return _svg(CHART_PIXELS + 20, lines + axis)


def _svg(height: int, content: str) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH_PIXELS} {height}" width="{WIDTH_PIXELS}" height="{height}" '
        f'font-size="13" font-family="system-ui,sans-serif" role="img">{content}</svg>'
    )
