"""Slack's slash command: https://docs.slack.dev/interactivity/implementing-slash-commands."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import msgspec

from repartee.channels.slack import ids
from repartee.channels.slack.receiver import SlackReceiver, _decode_form
from repartee.domain.command import Command, IssuedCommand
from repartee.domain.http import HttpRequest
from repartee.domain.message import Message, workspace_of
from repartee.intake.command_confirmation import confirmation_text
from repartee.intake.command_parsing import parse_command
from repartee.language import texts
from repartee.language.catalogue import translate
from repartee.language.choosing import choose_language
from repartee.language.notice_words import NOTICE_HINTS
from repartee.ports.channels import ParsedRequest


class SlackCommandReceiver(SlackReceiver):
    """`webhook.Receiver` for `/repartee`. The answer is seen by the sender alone. What it says of briefs and
    reminders is understood by a turn, in the sender's direct conversation."""

    def parse(self, request: HttpRequest) -> ParsedRequest:
        form = _decode_form(request)
        typed = form.get("text", "").strip()
        said = typed.lower()
        order = parse_command(said, sent=request.received_at)
        if order is None and NOTICE_HINTS.match(said):
            return _take_notice(form, typed, request)
        if order is None or order.action not in ("mute", "unmute", "answers"):
            return _ephemeral_answer(_help_text(said))
        issued = _issue_command(form, order, request.received_at)
        issued = msgspec.structs.replace(issued, text=said, acknowledge=_acknowledge_command)
        return ParsedRequest(commands=(issued,))


def _take_notice(form: dict[str, str], typed: str, request: HttpRequest) -> ParsedRequest:
    """Takes an order about briefs or reminders as said in the person's direct conversation. `typed_in` is the
    channel that they call "here"."""
    typed_in, by = _find_place(form)
    channel, user = form["channel_id"], form["user_id"]
    is_direct = channel.startswith("D")
    room = typed_in if is_direct else ids.direct_room_id(workspace_of(typed_in), user)
    platform = {
        "channel": channel if is_direct else user,
        "thread": "",
        "user": user,
        "team": form.get("team_id", ""),
        "self": "",
        "typed_in": typed_in,
    }
    message = Message(
        id=f"slash-{hashlib.sha256(request.body).hexdigest()[:24]}",
        chat=room,
        room=room,
        channel="slack",
        sender=by,
        sent=request.received_at,
        received=request.received_at,
        correlation=request.correlation,
        platform=platform,
        text=typed,
    )
    told = translate(texts.SLACK_ANSWERED_DIRECTLY, choose_language(text=typed))
    return ParsedRequest(messages=(message,), response_body=_encode_ephemeral(told))


def _help_text(typed: str) -> str:
    language = choose_language(text=typed)
    parts = (texts.SLACK_HELP, texts.SLACK_ANSWERS_HELP, texts.SLACK_NOTICES_HELP)
    known = "\n\n".join(translate(part, language) for part in parts)
    return known if typed in ("", "help") else f"{translate(texts.COMMAND_UNKNOWN, language)}\n\n{known}"


def _acknowledge_command(issued: IssuedCommand, profile: Mapping[str, str]) -> str:
    """Returns what the person is told who gave the command."""
    language = choose_language(profile=profile, text=issued.text)
    text = confirmation_text(issued, profile, language, unmute_command="`/repartee unmute`")
    return _encode_ephemeral(text)


def _issue_command(form: dict[str, str], command: Command, at: float) -> IssuedCommand:
    room, by = _find_place(form)
    return IssuedCommand(command=command, scope=room, chat=room, issued_by=by, issued_at=at, room=room)


def _find_place(form: dict[str, str]) -> tuple[str, str]:
    """Returns the room in which the command was typed, and the person."""
    team = form.get("team_id")
    org_wide = form.get("is_enterprise_install") == "true"
    workspace = ids.workspace_id(team, form.get("enterprise_id"), org_wide)
    room = ids.room_id(workspace, ids.require_slack_id("channel_id", form.get("channel_id")))
    return room, ids.person_id(team or workspace, ids.require_slack_id("user_id", form.get("user_id")))


def _ephemeral_answer(text: str) -> ParsedRequest:
    return ParsedRequest(response_body=_encode_ephemeral(text))


def _encode_ephemeral(text: str) -> str:
    return msgspec.json.encode({"response_type": "ephemeral", "text": text}).decode()


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
