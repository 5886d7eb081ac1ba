"""What people press and command in Slack: orders, carried out at once.

https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
https://docs.slack.dev/interactivity/implementing-slash-commands
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qsl

import msgspec

from repartee.channels.slack import places
from repartee.channels.slack.buttons import (
    APPROVE_ACTION_ID,
    DECLINE_ACTION_ID,
    FEEDBACK_ACTION_ID,
    STOP_ACTION_ID,
)
from repartee.channels.slack.receive import stop_commands
from repartee.channels.slack.signature import SlackReceiver
from repartee.conversation.control import Command, IssuedCommand, parse_command
from repartee.conversation.message import Message
from repartee.conversation.proposal import ProposalDecision, ReceivedPress
from repartee.conversation.webhook import HttpRequest, ParsedRequest, decode_json
from repartee.errors import InvalidPayload

HELP_TEXT = """\
`/repartee mute` keeps me quiet here until `/repartee unmute`
`/repartee mute for 2 hours` does so for a while (m, h, d, w)
`/repartee unmute` lets me speak again
`/repartee help` shows this

Mention me in a channel, or write to me directly. Say `stop` in a thread and I stop."""

UNKNOWN_COMMAND_TEXT = "I do not know that command. This is what I know:\n\n" + HELP_TEXT


class SlackNamedObject(msgspec.Struct):
    """A team, an organisation, a channel or a user, by its id."""

    id: str | None = None


class SlackInteractionUser(msgspec.Struct):
    """Who pressed. In Slack Connect `team_id` is their own workspace."""

    id: str | None = None
    team_id: str | None = None


class SlackButtonMessage(msgspec.Struct):
    """The message that the button is under, which is ours."""

    user: str | None = None


class SlackInteractionContainer(msgspec.Struct):
    """Where the button is."""

    message_ts: str | None = None
    thread_ts: str | None = None


class SlackAction(msgspec.Struct):
    """What was pressed: `value` is what we gave the button."""

    action_id: str | None = None
    value: str | None = None
    action_ts: str | None = None


class SlackInteraction(msgspec.Struct):
    """What Slack posts when a person presses something."""

    type: str
    team: SlackNamedObject | None = None
    enterprise: SlackNamedObject | None = None
    is_enterprise_install: bool | None = None
    channel: SlackNamedObject | None = None
    user: SlackInteractionUser | None = None
    container: SlackInteractionContainer | None = None
    message: SlackButtonMessage | None = None
    actions: list[SlackAction] | None = None

    @property
    def workspace_id(self) -> str:
        team, enterprise = self.team or SlackNamedObject(), self.enterprise or SlackNamedObject()
        return places.workspace_id(team.id, enterprise.id, self.is_enterprise_install)


class SlackInteractionReceiver(SlackReceiver):
    """`webhook.Receiver` for buttons: approve and decline, stop, feedback."""

    def parse(self, request: HttpRequest) -> ParsedRequest:
        pressed = decode_json(_decode_form(request).get("payload", "").encode(), SlackInteraction)
        if pressed.type != "block_actions":
            return ParsedRequest(ignored_reason="an interaction of another type")
        orders, decided = tuple(_parse_commands(pressed)), tuple(_parse_decisions(pressed, request))
        ignored = "" if orders or decided else "a button that is not ours"
        return ParsedRequest(commands=orders, presses=decided, ignored_reason=ignored)


class SlackCommandReceiver(SlackReceiver):
    """`webhook.Receiver` for `/repartee`. The answer is seen by whoever typed it, and nobody else."""

    def parse(self, request: HttpRequest) -> ParsedRequest:
        form = _decode_form(request)
        said = form.get("text", "").strip().lower()
        order = parse_command(said)
        if order is None or order.action not in ("mute", "unmute"):
            return _ephemeral_answer(HELP_TEXT if said in ("", "help") else UNKNOWN_COMMAND_TEXT)
        given = _issue_command(form, order, request.received_at)
        return _ephemeral_answer(confirmation_text(order), given)


def confirmation_text(command: Command) -> str:
    """What the person is told who gave the order."""
    if command.action == "unmute":
        return "I am back."
    return "I will be quiet here. `/repartee unmute` brings me back."


def _parse_commands(interaction: SlackInteraction) -> Iterator[IssuedCommand]:
    for action in interaction.actions or ():
        yield from _parse_command(interaction, action)


def _parse_decisions(interaction: SlackInteraction, request: HttpRequest) -> Iterator[ReceivedPress]:
    for action in interaction.actions or ():
        if action.action_id in (APPROVE_ACTION_ID, DECLINE_ACTION_ID):
            yield _parse_decision(interaction, action, request)


def _parse_decision(
    interaction: SlackInteraction, action: SlackAction, request: HttpRequest
) -> ReceivedPress:
    """What is decided, and the message that tells the turn of it, in the thread of the button."""
    place = _interaction_address(interaction)
    by, at = _person_id(interaction), places.require_timestamp("action_ts", action.action_ts)
    press = ProposalDecision(
        id=f"press-{at}-{place['user']}",
        proposal_id=_require_action_value(action),
        approved=action.action_id == APPROVE_ACTION_ID,
        decided_by=by,
        decided_at=float(at),
    )
    room = places.room_id(interaction.workspace_id, place["channel"])
    message = Message(
        id=press.id,
        chat=places.chat_id(room, place["thread"]),
        room=room,
        channel="slack",
        sender=by,
        text="",
        sent=press.decided_at,
        received=request.received_at,
        proposal_id=press.proposal_id,
        threaded=True,
        correlation=request.correlation,
        platform=place,
    )
    return ReceivedPress(press, message)


def _interaction_address(interaction: SlackInteraction) -> dict[str, str]:
    """Slack's own ids, as a message has them, and which message was pressed."""
    container, user = (
        interaction.container or SlackInteractionContainer(),
        interaction.user or SlackInteractionUser(),
    )
    return {
        "channel": places.require_slack_id("channel", (interaction.channel or SlackNamedObject()).id),
        "thread": places.require_timestamp("thread_ts", container.thread_ts or container.message_ts),
        "user": places.require_slack_id("user", user.id),
        "team": _team_id(interaction),
        "self": (interaction.message or SlackButtonMessage()).user or "",
        "pressed": places.require_timestamp("message_ts", container.message_ts),
    }


def _parse_command(interaction: SlackInteraction, action: SlackAction) -> tuple[IssuedCommand, ...]:
    """The order that a button gives: to stop, or a person's own opinion of a reply. None for another one."""
    if action.action_id not in (STOP_ACTION_ID, FEEDBACK_ACTION_ID):
        return ()
    channel = places.require_slack_id("channel", (interaction.channel or SlackNamedObject()).id)
    room = places.room_id(interaction.workspace_id, channel)
    container = interaction.container or SlackInteractionContainer()
    thread = places.require_timestamp("thread_ts", container.thread_ts or container.message_ts)
    by = _person_id(interaction)
    at = float(places.require_timestamp("action_ts", action.action_ts))
    if action.action_id == STOP_ACTION_ID:
        return stop_commands(room, thread, by, at)
    opinion, _, turn = _require_action_value(action).partition(":")
    order = Command("approve" if opinion == "good" else "decline", subject=f"feedback:{turn}:{by}")
    return (
        IssuedCommand(
            command=order, scope=room, chat=places.chat_id(room, thread), issued_by=by, issued_at=at
        ),
    )


def _require_action_value(action: SlackAction) -> str:
    if not action.value:
        raise InvalidPayload("a button without its value")
    return action.value


def _person_id(interaction: SlackInteraction) -> str:
    return places.person_id(
        _team_id(interaction),
        places.require_slack_id("user", (interaction.user or SlackInteractionUser()).id),
    )


def _team_id(interaction: SlackInteraction) -> str:
    user = interaction.user or SlackInteractionUser()
    return places.require_slack_id(
        "team", user.team_id or (interaction.team or SlackNamedObject()).id or interaction.workspace_id
    )


def _issue_command(form: dict[str, str], command: Command, at: float) -> IssuedCommand:
    team = form.get("team_id")
    org_wide = form.get("is_enterprise_install") == "true"
    workspace = places.workspace_id(team, form.get("enterprise_id"), org_wide)
    room = places.room_id(workspace, places.require_slack_id("channel_id", form.get("channel_id")))
    by = places.person_id(team or workspace, places.require_slack_id("user_id", form.get("user_id")))
    return IssuedCommand(command=command, scope=room, chat=room, issued_by=by, issued_at=at)


def _ephemeral_answer(text: str, *commands: IssuedCommand) -> ParsedRequest:
    answer = msgspec.json.encode({"response_type": "ephemeral", "text": text}).decode()
    return ParsedRequest(commands=commands, response_body=answer)


def _decode_form(request: HttpRequest) -> dict[str, str]:
    """The fields of a form. Raises `Malformed` for what is none."""
    try:
        return dict(parse_qsl(request.body.decode(), keep_blank_values=True, max_num_fields=100))
    except ValueError:
        raise InvalidPayload("the body is not a form") from None
