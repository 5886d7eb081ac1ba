"""The buttons that people press and the commands that they give in Slack: orders, carried out at once.

https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
https://docs.slack.dev/interactivity/implementing-slash-commands
"""

from __future__ import annotations

from collections.abc import Iterator

from repartee.channels.slack import ids
from repartee.channels.slack.buttons import (
    APPROVE_ACTION_ID,
    DECLINE_ACTION_ID,
    FEEDBACK_ACTION_ID,
    HANDOVER_ACTION_PREFIX,
    STOP_ACTION_ID,
)
from repartee.channels.slack.commands import stop_commands
from repartee.channels.slack.payloads import (
    SlackAction,
    SlackButtonMessage,
    SlackInteraction,
    SlackInteractionContainer,
    SlackInteractionUser,
    SlackNamedObject,
)
from repartee.channels.slack.receiver import SlackReceiver, _decode_form
from repartee.domain.command import IssuedCommand
from repartee.domain.feedback import Feedback
from repartee.domain.handover import HANDOVER_ACTIONS, HandoverPress
from repartee.domain.http import HttpRequest, decode_json
from repartee.domain.message import ButtonPress, Person
from repartee.domain.proposal import ProposalDecision, ReceivedPress
from repartee.errors import InvalidPayload
from repartee.ports.channels import ParsedRequest


class SlackInteractionReceiver(SlackReceiver):
    """`webhook.Receiver` for buttons: approve and decline, stop, feedback."""

    def parse(self, request: HttpRequest) -> ParsedRequest:
        pressed = decode_json(_decode_form(request).get("payload", "").encode(), SlackInteraction)
        if pressed.type != "block_actions":
            return ParsedRequest(ignored_reason="an interaction of another type")
        orders, decided = tuple(_parse_commands(pressed)), tuple(_parse_decisions(pressed, request))
        opinions, cards = tuple(_parse_feedback(pressed)), tuple(_parse_handover_presses(pressed))
        ignored = "" if orders or decided or opinions or cards else "a button that is not ours"
        return ParsedRequest(
            commands=orders,
            presses=decided,
            feedback=opinions,
            handover_presses=cards,
            ignored_reason=ignored,
        )


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
    """Returns the decision, and the message that tells the turn of it, in the thread of the button."""
    place = _interaction_address(interaction)
    by, at = _person_id(interaction), ids.require_timestamp("action_ts", action.action_ts)
    press = ProposalDecision(
        id=f"press-{at}-{place['user']}",
        proposal_id=_require_action_value(action),
        approved=action.action_id == APPROVE_ACTION_ID,
        decided_by=by,
        decided_at=float(at),
    )
    room = ids.room_id(interaction.workspace_id, place["channel"])
    message = ButtonPress(
        id=press.id,
        chat=ids.chat_id(room, place["thread"]),
        room=room,
        channel="slack",
        sender=by,
        sent=press.decided_at,
        received=request.received_at,
        proposal_id=press.proposal_id,
        approved=press.approved,
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
        "channel": ids.require_slack_id("channel", (interaction.channel or SlackNamedObject()).id),
        "thread": ids.require_timestamp("thread_ts", container.thread_ts or container.message_ts),
        "user": ids.require_slack_id("user", user.id),
        "team": _team_id(interaction),
        "self": (interaction.message or SlackButtonMessage()).user or "",
        "pressed": ids.require_timestamp("message_ts", container.message_ts),
    }


def _parse_feedback(interaction: SlackInteraction) -> Iterator[Feedback]:
    """Yields the person's feedback on a reply."""
    for action in interaction.actions or ():
        if action.action_id == FEEDBACK_ACTION_ID:
            opinion, _, turn = _require_action_value(action).partition(":")
            room, thread = _pressed_place(interaction)
            yield Feedback(
                chat=ids.chat_id(room, thread),
                turn=turn,
                person=_person_id(interaction),
                helpful=opinion == "good",
                given_at=float(ids.require_timestamp("action_ts", action.action_ts)),
            )


def _parse_handover_presses(interaction: SlackInteraction) -> Iterator[HandoverPress]:
    """Yields presses on the team's card."""
    for pressed in interaction.actions or ():
        prefix, _, name = (pressed.action_id or "").partition(HANDOVER_ACTION_PREFIX)
        action = next((one for one in HANDOVER_ACTIONS if one == name and not prefix), None)
        if action:
            room, thread = _pressed_place(interaction)
            at = ids.require_timestamp("action_ts", pressed.action_ts)
            yield HandoverPress(
                id=f"press-{at}-{(interaction.user or SlackInteractionUser()).id}",
                action=action,
                handover_id=_require_action_value(pressed),
                place=ids.chat_id(room, thread),
                member=Person(_person_id(interaction)),
                at=float(at),
            )


def _parse_command(interaction: SlackInteraction, action: SlackAction) -> tuple[IssuedCommand, ...]:
    """The command that a button gives: to stop. None for another one."""
    if action.action_id != STOP_ACTION_ID:
        return ()
    room, thread = _pressed_place(interaction)
    at = float(ids.require_timestamp("action_ts", action.action_ts))
    return stop_commands(room, thread, _person_id(interaction), at)


def _pressed_place(interaction: SlackInteraction) -> tuple[str, str]:
    """The room and the thread of the button."""
    channel = ids.require_slack_id("channel", (interaction.channel or SlackNamedObject()).id)
    container = interaction.container or SlackInteractionContainer()
    thread = ids.require_timestamp("thread_ts", container.thread_ts or container.message_ts)
    return ids.room_id(interaction.workspace_id, channel), thread


def _require_action_value(action: SlackAction) -> str:
    if not action.value:
        raise InvalidPayload("a button without its value")
    return action.value


def _person_id(interaction: SlackInteraction) -> str:
    return ids.person_id(
        _team_id(interaction),
        ids.require_slack_id("user", (interaction.user or SlackInteractionUser()).id),
    )


def _team_id(interaction: SlackInteraction) -> str:
    user = interaction.user or SlackInteractionUser()
    return ids.require_slack_id(
        "team", user.team_id or (interaction.team or SlackNamedObject()).id or interaction.workspace_id
    )
