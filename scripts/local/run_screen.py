"""The screen of `scripts/run`: the stack, the conversation, where the time went, and what to try next."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from local.channel_view import ChannelView, render_markdown
from local.job_runner import Acknowledgement, JobRunner
from local.posted_things import describe_attachments
from local.stack import LocalStack

if TYPE_CHECKING:
    from local.answered_turn import AnsweredTurn

MAX_COLUMNS = 110
"""Columns beyond which nothing gets wider."""
PICTURE_COLUMNS = 84
MAX_NEXT_STEPS = 5
MAX_COMMAND_CHARS = 50
PIPED_COLUMNS = 60
"""Columns of what is no terminal, unless COLUMNS says otherwise."""


EVENT_FIELDS = ("reason", "outcome", "score", "sent_by", "files", "message", "handover")
"""Fields of an event that are shown."""


class RunScreen:
    """One run on the screen."""

    def __init__(self, runner: JobRunner) -> None:
        self._runner = runner
        self._console = make_console(is_picture=bool(runner.job.svg))

    def run_and_show(self) -> int:
        """Runs the job, and draws the picture that was asked for. Gives the exit code."""
        code = self._run_job()
        if self._runner.job.svg:
            Path(self._runner.job.svg).write_text(draw_screen(self._console))
        return code

    def _run_job(self) -> int:
        runner, console = self._runner, self._console
        with self._show_waiting():
            runner.deploy_functions()
        console.print(render_stack_headline(runner.stack))
        posted, event = runner.build_post()
        with self._show_conversation(event):
            acknowledged = runner.post_to_webhook(posted)
            turn = runner.wait_for_turn() if acknowledged.status == 200 else None
        console.print(_acknowledgement_line(acknowledged))
        if turn is None:
            console.print("  Nothing was to be answered.\n")
            return 0 if acknowledged.status == 200 else 1
        answered = runner.examine_turn(turn)
        self._show_turn(answered)
        failed = turn.failure_reason or (runner.job.approve and self._approve_proposal(event))
        console.print(_next_steps(runner, answered))
        return 1 if failed else 0

    def _approve_proposal(self, event: dict[str, str]) -> bool:
        """Presses Approve as the person who asked, and shows what comes of it. Returns whether it failed."""
        runner, console = self._runner, self._console
        pressed = runner.build_approval()
        if pressed is None:
            console.print("  Nothing was proposed, so there is nothing to approve.\n", style="yellow")
            return True
        console.print("  The same person presses Approve.\n", style="bold")
        with self._show_conversation(event):
            acknowledged = runner.post_to_webhook(pressed)
            turn = runner.wait_for_turn() if acknowledged.status == 200 else None
        console.print(_acknowledgement_line(acknowledged))
        if turn is not None:
            self._show_turn(runner.examine_turn(turn))
        return turn is None or bool(turn.failure_reason)

    def _show_turn(self, answered: AnsweredTurn) -> None:
        """Where the turn's time went. On a real platform the reply is there; here it is said what it was."""
        from local.waterfall import render_waterfall

        runner, turn = self._runner, answered.turn
        if not runner.stack.is_standin(runner.platform):
            self._console.print(Padding(render_markdown(turn.reply), (0, 0, 1, 2)))
        width = min(self._console.width, MAX_COLUMNS)
        self._console.print(render_waterfall(answered, width, show_all=runner.job.show))
        self._show_team_channel(turn.incoming[-1].chat)
        self._show_events()
        if runner.job.show:
            self._show_values(answered)
        if turn.failure_reason:
            self._console.print(
                f"  The turn failed: {turn.failure_reason}\n{runner.logged_errors()}", style="red"
            )

    def _show_team_channel(self, chat: str) -> None:
        """Shows the team's channel, where a customer was handed over to it."""
        room = self._runner.wait_for_card(chat)
        if room.startswith("slack:"):
            channel = room.rpartition(":")[2]
            self._console.print(f"  In the team's channel, {channel}:\n", style="dim")
            with ChannelView(self._console, self._runner.stack, {"channel": channel, "ts": ""}):
                pass

    def _show_events(self) -> None:
        """Shows what the receiver of the desk's events has taken."""
        events = self._runner.send_events()
        if events:
            self._console.print("  Signed, and taken by the receiver of the desk's events:\n", style="dim")
        for event in events:
            shown = {name: event["data"][name] for name in EVENT_FIELDS if name in event["data"]}
            told = "  ".join(f"{name} {value}" for name, value in shown.items())
            self._console.print(Text(f"  {event['type']:17}", "bold").append(told, "dim"))
        if events:
            self._console.print()

    def _show_values(self, answered: AnsweredTurn) -> None:
        from local.shown_values import render_values

        self._console.print(render_values(answered, self._runner.redactor_of(answered.turn)))

    def _show_waiting(self) -> contextlib.AbstractContextManager[object]:
        if not self._console.is_terminal:
            return contextlib.nullcontext()
        return self._console.status("starting the local stack")

    def _show_conversation(self, event: dict[str, str]) -> contextlib.AbstractContextManager[object]:
        standin = self._runner.stack.is_standin(self._runner.platform)
        if not standin or not ("text" in event or "caption" in event or describe_attachments(event)):
            return contextlib.nullcontext()
        return ChannelView(self._console, self._runner.stack, event)


def make_console(*, is_picture: bool) -> Console:
    """Returns the console of a run. A picture shows the end, not how it came to it."""
    width = None if sys.stdout.isatty() or os.environ.get("COLUMNS") else PIPED_COLUMNS
    return Console(
        file=sys.stdout,
        width=PICTURE_COLUMNS if is_picture else width,
        highlight=False,
        record=is_picture,
        force_terminal=False if is_picture else None,
    )


def draw_screen(console: Console) -> str:
    """Returns what was printed as an SVG picture that loads nothing from elsewhere."""
    without_fonts = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    drawn = console.export_svg(title="scripts/run", code_format=without_fonts, unique_id="run")
    return "\n".join(line.rstrip() for line in drawn.splitlines()) + "\n"


def render_stack_headline(stack: LocalStack) -> Padding:
    """Returns the line that names what is a stand-in."""
    parts = [
        "Slack stand-in" if stack.has_slack_standin else "Slack",
        "Telegram stand-in" if stack.has_telegram_standin else "Telegram",
        "WhatsApp stand-in" if stack.has_whatsapp_standin else "WhatsApp",
        "model stand-in" if stack.has_model_standin else "OpenAI",
        "moto (DynamoDB, SQS, secrets)" if stack.moto else "AWS",
        "SQLite" if "SQLITE_PATH" in stack.settings else "the messages store that is set",
    ]
    shown = Text("Repartee", "bold").append("  on " + " · ".join(parts), "dim")
    return Padding(shown, (1, 0, 1, 2))


def _acknowledgement_line(answer: Acknowledgement) -> Text:
    shown = Text(f"\n  The webhook answered {answer.status} in {answer.ms:,.0f} ms.", "dim")
    if answer.body != "{}":
        shown.append(f" {answer.body}")
    return shown.append("\n")


def _next_steps(runner: JobRunner, answered: AnsweredTurn) -> Text:
    """Lists what to try next, a command a line, those first that this run has made interesting."""
    job, tries = runner.job, []
    if not job.approve and runner.stack.is_standin(runner.platform) and runner.build_approval():
        tries.append(_same_with("--approve"))
    if not job.show:
        tries.append(_same_with("--show"))
    if answered.durations and not job.serial:
        tries.append(_same_with("--serial"))
    if runner.stack.has_model_standin:
        tries.append("OPENAI_API_KEY=sk-… scripts/run")
    tries += ['scripts/run --say "how many desks for Lisbon?"', "scripts/serve"]
    shown = Text("  Next: ", "dim")
    return shown.append("\n        ".join(tries[:MAX_NEXT_STEPS])).append("\n")


def _same_with(option: str) -> str:
    """The command that was given, with another option; in words where that is long."""
    given = iter(sys.argv[1:])
    kept = [argument for argument in given if not (argument == "--svg" and next(given, ""))]
    command = shlex.join(["scripts/run", *kept, option])
    return command if len(command) <= MAX_COMMAND_CHARS else f"the same with {option}"
