"""The screen of `scripts/run`: the stack, the conversation, where the time went, and what to try next."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from local.channel_view import ChannelView, render_markdown
from local.job_runner import Acknowledgement, JobRunner
from local.stack import LocalStack

if TYPE_CHECKING:
    from repartee.turn.turn import Turn

MAX_COLUMNS = 110
"""Columns beyond which nothing gets wider."""


class RunScreen:
    """One run on the screen."""

    def __init__(self, runner: JobRunner) -> None:
        self._runner = runner
        width = None if sys.stdout.isatty() else 100
        self._console = Console(file=sys.stdout, width=width, highlight=False)

    def run_and_show(self) -> int:
        """Runs the job. Gives the exit code."""
        runner, console = self._runner, self._console
        with self._show_waiting():
            runner.deploy_functions()
        console.print(_stack_headline(runner.stack))
        posted, event = runner.build_post()
        with self._show_conversation(event):
            acknowledged = runner.post_to_webhook(posted)
            turn = runner.wait_for_turn() if acknowledged.status == 200 else None
        console.print(_acknowledgement_line(acknowledged))
        if turn is None:
            console.print("  Nothing was to be answered.\n")
            return 0 if acknowledged.status == 200 else 1
        self._show_waterfall(turn)
        console.print(_next_steps(runner))
        return 1 if turn.failure_reason else 0

    def _show_waterfall(self, turn: Turn) -> None:
        """Where the turn's time went. On a real platform the reply is there; here it is said what it was."""
        from local.waterfall import render_waterfall

        if not self._runner.stack.is_standin(self._runner.platform):
            self._console.print(Padding(render_markdown(turn.reply), (0, 0, 1, 2)))
        answered = self._runner.examine_turn(turn)
        self._console.print(render_waterfall(answered, min(self._console.width, MAX_COLUMNS)))
        if turn.failure_reason:
            self._console.print(
                f"  The turn failed: {turn.failure_reason}\n{self._runner.logged_errors()}", style="red"
            )

    def _show_waiting(self) -> contextlib.AbstractContextManager[object]:
        if not self._console.is_terminal:
            return contextlib.nullcontext()
        return self._console.status("starting the local stack")

    def _show_conversation(self, event: dict[str, str]) -> contextlib.AbstractContextManager[object]:
        standin = self._runner.stack.is_standin(self._runner.platform)
        if not standin or not ("text" in event or "caption" in event):
            return contextlib.nullcontext()
        return ChannelView(self._console, self._runner.stack, event)


def _stack_headline(stack: LocalStack) -> Text:
    parts = [
        "Slack stand-in" if stack.has_slack_standin else "Slack",
        "Telegram stand-in" if stack.has_telegram_standin else "Telegram",
        "WhatsApp stand-in" if stack.has_whatsapp_standin else "WhatsApp",
        "model stand-in" if stack.has_model_standin else "OpenAI",
        "moto (DynamoDB, SQS, secrets)" if stack.moto else "AWS",
        "SQLite" if "SQLITE_PATH" in stack.settings else "the messages store that is set",
    ]
    return Text("\n  ").append("Repartee", "bold").append("  on " + " · ".join(parts) + "\n", "dim")


def _acknowledgement_line(answer: Acknowledgement) -> Text:
    shown = Text(f"\n  The webhook answered {answer.status} in {answer.ms:,.0f} ms.", "dim")
    if answer.body != "{}":
        shown.append(f" {answer.body}")
    return shown.append("\n")


def _next_steps(runner: JobRunner) -> Text:
    tries = [] if runner.job.serial else ["scripts/run --serial"]
    tries += ['scripts/run --say "how many desks for Lisbon?"', "scripts/serve"]
    shown = Text().append("  Next: ", "dim")
    return shown.append(" · ".join(tries)).append("\n")
