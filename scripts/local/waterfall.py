"""Where the time of a message went: a bar for each part of its way, the critical path, and the figures."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from local.answered_turn import AnsweredTurn
from local.message_way import WayRow

OUTCOME_STYLES = {"ok": "cyan", "fallback": "yellow", "failed": "red", "skipped": "dim", "discarded": "dim"}
KIND_STYLES = {"stage": "blue", "model": "green", "tool": "green"}
CRITICAL_STYLE = "bold magenta"
TICK_MILLISECONDS = (10, 20, 50, 100, 200, 250, 500, 1000, 2000, 5000, 10_000, 30_000)
MIN_TICK_COLUMNS = 7
LATER_MARK = "→"
MAX_BAR_COLUMNS, MIN_BAR_COLUMNS = 72, 20
"""Columns of the bars."""
PADDING_COLUMNS = 14
"""Columns beside the bars and the names: margin, mark, gaps and milliseconds."""
FOLD_BELOW_MS = 0.5
"""Milliseconds below which a part took nothing, as far as the table shows."""
NOTE_INDENT_COLUMNS = 6


def render_waterfall(answered: AnsweredTurn, width: int, *, show_all: bool = False) -> RenderableType:
    """The parts of the way over time, and the figures below. What took nothing is one line, unless
    `show_all`."""
    parts: list[RenderableType] = list(render_parts(answered.rows, width, show_all=show_all))
    parts += ["", _figures_table(answered), *_injected_lines(answered)]
    return Padding(Group(*parts), (0, 0, 1, 2))


def render_parts(rows: Sequence[WayRow], width: int, *, show_all: bool = False) -> list[Text]:
    """The heading, a line for each part, and one for those that took nothing."""
    shown = [row for row in rows if show_all or not _is_folded(row)]
    folded = [row for row in rows if row not in shown]
    return _part_lines(shown, width) + ([_folded_line(folded)] if folded else [])


def _is_folded(row: WayRow) -> bool:
    is_plain = row.outcome == "skipped" or (row.outcome == "ok" and not row.note)
    return is_plain and row.duration_ms < FOLD_BELOW_MS


def _part_lines(rows: Sequence[WayRow], width: int) -> list[Text]:
    names = max(len(row.name) for row in rows)
    columns = max(MIN_BAR_COLUMNS, min(MAX_BAR_COLUMNS, width - names - PADDING_COLUMNS))
    scale = TimeScale(max(_waited_ms(rows), 1.0), columns)
    heading = Text("  " + "part".ljust(names) + "  ", "dim").append_text(scale.render_axis())
    lines = [heading.append("ms".rjust(7), "dim")]
    for row in rows:
        lines.append(_part_line(row, names, scale))
        lines += [Text(line, OUTCOME_STYLES[row.outcome]) for line in _wrap_note(row.note, width)]
    return lines


def _wrap_note(note: str, width: int) -> list[str]:
    """The lines of a note, below the name of its part. None for an empty one."""
    indent = " " * NOTE_INDENT_COLUMNS
    return textwrap.wrap(note, width - 2, initial_indent=indent, subsequent_indent=indent)


def _waited_ms(rows: Sequence[WayRow]) -> float:
    """Milliseconds until the first words: the axis ends there, and what comes later is a mark at its end."""
    return max((row.end_ms for row in rows if row.is_awaited), default=max(row.end_ms for row in rows))


def _part_line(row: WayRow, names: int, scale: TimeScale) -> Text:
    critical = row.is_awaited and row.outcome == "ok"
    style = OUTCOME_STYLES[row.outcome] if row.outcome != "ok" else KIND_STYLES.get(row.kind, "cyan")
    line = Text("● " if row.is_awaited else "  ", CRITICAL_STYLE)
    line.append(row.name.ljust(names) + "  ", CRITICAL_STYLE if critical else "")
    bar = scale.render_bar(row.start_ms, row.end_ms, CRITICAL_STYLE if critical else style)
    bar.pad_right(scale.columns - bar.cell_len)
    return line.append_text(bar).append(f"{row.duration_ms:>7,.0f}", "dim")


def _folded_line(rows: Sequence[WayRow]) -> Text:
    counted = Counter("not needed" if row.outcome == "skipped" else "took 0 ms" for row in rows)
    said = ", ".join(f"{number} {what}" for what, number in counted.items())
    return Text(f"  and {said} (--show)", "dim")


def _figures_table(answered: AnsweredTurn) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row(
        Text("● first words", CRITICAL_STYLE), _to_text(answered.first_words_ms, "bold"), "waited for ●"
    )
    tokens = answered.report.output_tokens
    replied = answered.way.to_ms(answered.turn.timeline.replied_at or answered.turn.timeline.closed_at)
    table.add_row("  whole reply", _to_text(replied), f"{tokens} tokens from the model" if tokens else "")
    if answered.durations:
        for row in _gathering_rows(answered):
            table.add_row(*row)
    return table


def _gathering_rows(answered: AnsweredTurn) -> Iterator[tuple[str | Text, Text, str]]:
    """Yields the time of gathering, its critical path, and the time without parallel steps."""
    took, least = answered.report.gather_ms, 1000 * answered.critical_path.seconds
    yield "  gathering", _to_text(took), f"{took / max(least, 0.001):.2f} times its critical path"
    yield "  critical path", _to_text(least), "of this run's own steps"
    if answered.report.mode == "parallel" and answered.serial_ms > took:
        times = f"an estimate, {answered.serial_ms / took:.1f} times as long"
        yield "  one by one", _to_text(answered.serial_ms), times


def _injected_lines(answered: AnsweredTurn) -> Iterator[Text]:
    """Yields which latencies were injected, one call a line."""
    if not answered.injected_ms:
        return
    yield Text("\nInjected, as of distant stores (--latency none: without):", "dim")
    for call, milliseconds in answered.injected_ms.items():
        times = f" ({len(milliseconds)} times)" if len(milliseconds) > 1 else ""
        yield Text(f"  {call} {max(milliseconds):,.0f} ms{times}", "dim")


def _to_text(milliseconds: float, style: str = "") -> Text:
    return Text(f"{milliseconds:,.0f} ms", style)


class TimeScale:
    """A time axis: so many milliseconds over so many columns."""

    def __init__(self, milliseconds: float, columns: int) -> None:
        self._per_column, self.columns = milliseconds / columns, columns

    def render_axis(self) -> Text:
        """Ticks at round times."""
        step = next(
            (tick for tick in TICK_MILLISECONDS if tick / self._per_column >= MIN_TICK_COLUMNS),
            TICK_MILLISECONDS[-1],
        )
        line = [" "] * self.columns
        for at in range(0, int(self._per_column * self.columns) + 1, step):
            label = f"{at:,}" if at else "0"
            column = self._column_at(at)
            if column + len(label) <= self.columns:
                line[column : column + len(label)] = label
        return Text("".join(line), "dim")

    def render_bar(self, start_ms: float, end_ms: float, style: str) -> Text:
        """A part from its start to its end, at least a mark."""
        if start_ms >= self._per_column * self.columns:
            return Text(" " * (self.columns - 1)).append(LATER_MARK, style)
        start = min(max(0, self._column_at(start_ms)), self.columns - 1)
        length = max(1, self._column_at(end_ms) - start)
        mark = "━" * length if end_ms - start_ms >= self._per_column / 2 else "╸"
        return Text(" " * start).append(mark[: self.columns - start], style)

    def _column_at(self, milliseconds: float) -> int:
        return round(milliseconds / self._per_column)
