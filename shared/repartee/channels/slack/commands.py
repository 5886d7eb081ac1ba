"""Slack's slash command: https://docs.slack.dev/interactivity/implementing-slash-commands."""

from __future__ import annotations

import msgspec

from repartee.channels.slack import ids
from repartee.channels.slack.receiver import SlackReceiver, _decode_form
from repartee.domain.command import ANSWERS_MESSAGES, Command, IssuedCommand, parse_command
from repartee.domain.http import HttpRequest
from repartee.ports.channels import ParsedRequest

HELP_TEXT = """\
`/repartee mute` keeps me quiet here until `/repartee unmute`
`/repartee mute for 2 hours` does so for a while (m, h, d, w)
`/repartee unmute` lets me speak again
`/repartee answers mentions` makes me answer here only who mentions me
`/repartee answers thread` also what is said to me in my threads, as at first
`/repartee answers all` everything that is not said to somebody else
`/repartee help` shows this

Mention me in a channel, or write to me directly. Say `stop` in a thread and I stop."""


UNKNOWN_COMMAND_TEXT = "I do not know that command. This is what I know:\n\n" + HELP_TEXT


class SlackCommandReceiver(SlackReceiver):
    """`webhook.Receiver` for `/repartee`. The answer is seen by whoever typed it, and nobody else."""

    def parse(self, request: HttpRequest) -> ParsedRequest:
        form = _decode_form(request)
        said = form.get("text", "").strip().lower()
        order = parse_command(said)
        if order is None or order.action not in ("mute", "unmute", "answers"):
            return _ephemeral_answer(HELP_TEXT if said in ("", "help") else UNKNOWN_COMMAND_TEXT)
        given = _issue_command(form, order, request.received_at)
        return _ephemeral_answer(confirmation_text(order), given)


def confirmation_text(command: Command) -> str:
    """What the person is told who gave the order."""
    if command.action == "answers":
        return ANSWERS_MESSAGES[command.answers]
    if command.action == "unmute":
        return "I am back."
    return "I will be quiet here. `/repartee unmute` brings me back."


def _issue_command(form: dict[str, str], command: Command, at: float) -> IssuedCommand:
    team = form.get("team_id")
    org_wide = form.get("is_enterprise_install") == "true"
    workspace = ids.workspace_id(team, form.get("enterprise_id"), org_wide)
    room = ids.room_id(workspace, ids.require_slack_id("channel_id", form.get("channel_id")))
    by = ids.person_id(team or workspace, ids.require_slack_id("user_id", form.get("user_id")))
    return IssuedCommand(command=command, scope=room, chat=room, issued_by=by, issued_at=at, room=room)


def _ephemeral_answer(text: str, *commands: IssuedCommand) -> ParsedRequest:
    answer = msgspec.json.encode({"response_type": "ephemeral", "text": text}).decode()
    return ParsedRequest(commands=commands, response_body=answer)


def stop_commands(room: str, thread: str, by: str, at: float) -> tuple[IssuedCommand, ...]:
    """The order to stop what is said in a thread. What is asked in a direct conversation outside of threads
    is answered in a thread of its own, while its chat is the whole conversation: that is stopped too."""
    chats = [ids.chat_id(room, thread)]
    if room.rpartition(":")[2].startswith("D"):
        chats.append(room)
    return tuple(
        IssuedCommand(command=Command("stop"), scope=chat, chat=chat, issued_by=by, issued_at=at)
        for chat in chats
    )
