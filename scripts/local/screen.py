"""What `scripts/run` shows: the stack, the conversation, where the time went, and what to try next."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from local.channel import ChannelView, markdown
from local.job import Acknowledged, Runner
from local.stack import LocalStack

if TYPE_CHECKING:
    from repartee.conversation.turn import Turn

WIDE = 110
"""Columns beyond which nothing gets wider."""


class Screen:
    """One run on the screen."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        width = None if sys.stdout.isatty() else 100
        self._console = Console(file=sys.stdout, width=width, highlight=False)

    def show(self) -> int:
        """Runs the job. Gives the exit code."""
        runner, console = self._runner, self._console
        with self._waiting():
            runner.deploy()
        console.print(_headline(runner.stack))
        posted, event = runner.post()
        with self._conversation(event):
            acknowledged = runner.acknowledge(posted)
            turn = runner.answer() if acknowledged.status == 200 else None
        console.print(_acknowledged(acknowledged))
        if turn is None:
            console.print("  Nothing was to be answered.\n")
            return 0 if acknowledged.status == 200 else 1
        self._explain(turn)
        console.print(_next(runner))
        return 1 if turn.failed else 0

    def _explain(self, turn: Turn) -> None:
        """Where the turn's time went. On a real platform the reply is there; here it is said what it was."""
        from local.waterfall import waterfall

        if not self._runner.stack.is_standin(self._runner.platform):
            self._console.print(Padding(markdown(turn.reply), (0, 0, 1, 2)))
        answered = self._runner.examine(turn)
        self._console.print(waterfall(answered, min(self._console.width, WIDE)))
        if turn.failed:
            self._console.print(f"  The turn failed: {turn.failed}\n{self._runner.complaints()}", style="red")

    def _waiting(self) -> contextlib.AbstractContextManager[object]:
        if not self._console.is_terminal:
            return contextlib.nullcontext()
        return self._console.status("starting the local stack")

    def _conversation(self, event: dict[str, str]) -> contextlib.AbstractContextManager[object]:
        standin = self._runner.stack.is_standin(self._runner.platform)
        if not standin or not ("text" in event or "caption" in event):
            return contextlib.nullcontext()
        return ChannelView(self._console, self._runner.stack, event)


def _headline(stack: LocalStack) -> Text:
    parts = [
        "Slack stand-in" if stack.slack else "Slack",
        "Telegram stand-in" if stack.telegram else "Telegram",
        "WhatsApp stand-in" if stack.whatsapp else "WhatsApp",
        "model stand-in" if stack.model else "OpenAI",
        "moto (DynamoDB, SQS, secrets)" if stack.moto else "AWS",
        "SQLite" if "SQLITE_PATH" in stack.settings else "the messages store that is set",
    ]
    return Text("\n  ").append("Repartee", "bold").append("  on " + " · ".join(parts) + "\n", "dim")


def _acknowledged(answer: Acknowledged) -> Text:
    shown = Text(f"\n  The webhook answered {answer.status} in {answer.ms:,.0f} ms.", "dim")
    if answer.body != "{}":
        shown.append(f" {answer.body}")
    return shown.append("\n")


def _next(runner: Runner) -> Text:
    tries = [] if runner.job.serial else ["scripts/run --serial"]
    tries += ['scripts/run --say "how many desks for Lisbon?"', "scripts/serve"]
    shown = Text().append("  Next: ", "dim")
    return shown.append(" · ".join(tries)).append("\n")
