"""The screen of `scripts/run --brief`: the brief as the person sees it, and where the time went."""

from __future__ import annotations

import contextlib
import io
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console, Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from local import brief_seeds
from local.brief_run import BriefRunner, WrittenRun
from local.channel_view import ChannelView
from local.run_screen import MAX_COLUMNS, draw_screen, make_console, render_stack_headline
from local.waterfall import render_parts

if TYPE_CHECKING:
    from local.latency import InjectedLatencies
    from local.stack import LocalStack


def run_brief(
    stack: LocalStack, latencies: InjectedLatencies, modes: Mapping[str, str], *, as_json: bool, svg: str
) -> int:
    """Writes a brief, and prints it. Returns the exit code."""
    from local.deployment import LocalDeployment

    console = make_console(is_picture=bool(svg))
    printed = io.StringIO()
    with open_silently(console, as_json=as_json), contextlib.redirect_stdout(printed):
        deployed = LocalDeployment(stack, latencies, modes)
        done = BriefRunner(deployed).run()
    if as_json:
        print(json.dumps(done.as_json(), indent=2, ensure_ascii=False))
        return 0
    console.print(render_stack_headline(stack))
    if stack.has_slack_standin:
        with ChannelView(console, stack, {"channel": brief_seeds.DIRECT_CHANNEL, "ts": ""}):
            pass
    console.print(Padding(_render_times(done, min(console.width, MAX_COLUMNS)), (1, 0, 1, 2)))
    if svg:
        Path(svg).write_text(draw_screen(console))
    return 0


def open_silently(console: Console, *, as_json: bool) -> Any:
    """Shows that the stack starts, on a terminal."""
    if as_json or not console.is_terminal or not sys.stdout.isatty():
        return contextlib.nullcontext()
    return console.status("starting the local stack")


def _render_times(done: WrittenRun, width: int) -> Group:
    figures = Table.grid(padding=(0, 2, 0, 0))
    total = 1000 * (done.ended_at - done.began_at)
    for name, milliseconds, note in (
        ("● whole brief", total, "from the schedule until it is said"),
        (
            "  projects",
            done.gather_ms,
            f"{done.gather_ms / max(done.critical_path_ms, 0.001):.2f} times the slowest",
        ),
        ("  slowest project", done.critical_path_ms, "none waits for another"),
        ("  one by one", done.serial_ms, f"{done.serial_ms / max(done.gather_ms, 0.001):.1f} times as long"),
    ):
        figures.add_row(name, Text(f"{milliseconds:,.0f} ms", justify="right"), note)
    return Group(*render_parts(done.rows(), width, show_all=True), Text(""), figures)
