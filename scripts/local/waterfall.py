"""Where the time of a turn went: a bar a step, the critical path, and what one by one would have cost."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from local.job_runner import AnsweredTurn
from repartee.plan import Outcome

OUTCOME_STYLES = {"ok": "cyan", "fallback": "yellow", "failed": "red", "skipped": "dim", "discarded": "dim"}
CRITICAL_STYLE = "bold magenta"
TICK_MILLISECONDS = (10, 20, 50, 100, 200, 250, 500, 1000, 2000, 5000)
MAX_BAR_COLUMNS, MIN_BAR_COLUMNS = 72, 20
"""Columns of the bars."""
PADDING_COLUMNS = 18
"""Columns beside the bars, the names and the notes."""


def render_waterfall(answered: AnsweredTurn, width: int) -> RenderableType:
    """The steps of the turn over time, and the figures below."""
    shown: list[RenderableType] = [_figures_table(answered)]
    if answered.durations:
        shown = [_steps_table(answered, width), "", *shown]
    return Padding(Group(*shown), (0, 0, 1, 2))


def _steps_table(answered: AnsweredTurn, width: int) -> Table:
    outcomes = sorted(answered.report.outcomes, key=lambda outcome: (outcome.start, outcome.end))
    scale = TimeScale(max(answered.report.gather_ms, 1.0), _bar_columns(outcomes, width))
    table = Table.grid(padding=(0, 2, 0, 0))
    for justify in ("left", "left", "left", "right", "left"):
        table.add_column(justify=justify, no_wrap=True)
    table.add_row("", Text("step", "dim"), scale.render_axis(), Text("ms", "dim"), "")
    for outcome in outcomes:
        critical = outcome.name in answered.critical_path.steps
        style = CRITICAL_STYLE if critical and outcome.status == "ok" else OUTCOME_STYLES[outcome.status]
        table.add_row(
            Text("●" if critical else " ", CRITICAL_STYLE),
            Text(outcome.name, CRITICAL_STYLE if critical else ""),
            scale.render_bar(outcome, style),
            Text(f"{1000 * outcome.seconds:,.0f}", "dim"),
            Text(_outcome_label(outcome), style),
        )
    return table


def _bar_columns(outcomes: list[Outcome], width: int) -> int:
    names = max(len(outcome.name) for outcome in outcomes)
    notes = max(len(_outcome_label(outcome)) for outcome in outcomes)
    return max(MIN_BAR_COLUMNS, min(MAX_BAR_COLUMNS, width - names - notes - PADDING_COLUMNS))


def _outcome_label(outcome: Outcome) -> str:
    if outcome.status == "ok":
        return ""
    return f"{outcome.status} ({outcome.reason})" if outcome.reason else outcome.status


def _figures_table(answered: AnsweredTurn) -> Table:
    report = answered.report
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column()
    if answered.durations:
        _add_comparison(answered, table)
    if report.first_token_ms:
        table.add_row(
            "  first words", _format_milliseconds(report.first_token_ms), "after the webhook had the message"
        )
    table.add_row(
        "  whole reply",
        _format_milliseconds(report.total_ms),
        f"{report.output_tokens} tokens from the model",
    )
    return table


def _add_comparison(answered: AnsweredTurn, table: Table) -> None:
    """Adds the time of gathering, its critical path, and the time without parallel steps."""
    took, least = answered.report.gather_ms, 1000 * answered.critical_path.seconds
    table.add_row(
        "  gathered in", _format_milliseconds(took, "bold"), f"{took / least:.2f} times the critical path"
    )
    table.add_row(
        Text("● critical path", CRITICAL_STYLE), _format_milliseconds(least), "as fast as these steps can be"
    )
    if answered.report.mode == "parallel" and answered.serial_ms > took:
        more = f"an estimate, {answered.serial_ms / took:.1f} times as long: see scripts/run --serial"
        table.add_row("  one by one", _format_milliseconds(answered.serial_ms), more)


def _format_milliseconds(milliseconds: float, style: str = "") -> Text:
    return Text(f"{milliseconds:,.0f} ms", style)


class TimeScale:
    """A time axis: so many milliseconds over so many columns."""

    def __init__(self, milliseconds: float, width: int) -> None:
        self._per_column, self._width = milliseconds / width, width

    def render_axis(self) -> Text:
        """Ticks at round times."""
        step = next(
            (tick for tick in TICK_MILLISECONDS if tick / self._per_column >= 9), TICK_MILLISECONDS[-1]
        )
        line = [" "] * self._width
        for at in range(0, int(self._per_column * self._width) + 1, step):
            label = f"{at:,}" if at else "0"
            column = self._column_at(at)
            if column + len(label) <= self._width:
                line[column : column + len(label)] = label
        return Text("".join(line), "dim")

    def render_bar(self, outcome: Outcome, style: str) -> Text:
        """A step from its start to its end, at least a mark."""
        start = min(self._column_at(1000 * outcome.start), self._width - 1)
        length = max(1, self._column_at(1000 * outcome.end) - start)
        mark = "━" * length if 1000 * outcome.seconds >= self._per_column / 2 else "╸"
        return Text(" " * start).append(mark[: self._width - start], style)

    def _column_at(self, milliseconds: float) -> int:
        return round(milliseconds / self._per_column)
