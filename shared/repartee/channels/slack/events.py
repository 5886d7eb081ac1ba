"""Slack's Events API: which messages, openings and stops it brings.

https://docs.slack.dev/reference/events/message and its neighbours `app_mention`, `assistant_thread_started`,
`app_home_opened` and `agent_session_stopped`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from repartee.channels.slack import ids
from repartee.channels.slack.commands import stop_commands
from repartee.channels.slack.messages import build_message, platform_address
from repartee.channels.slack.payloads import (
    SlackEventEnvelope,
    SlackEventType,
    SlackHomeOpenedEvent,
    SlackMessageEvent,
    SlackReactionEvent,
    SlackSessionStoppedEvent,
    SlackThreadStartedEvent,
)
from repartee.channels.slack.receiver import SlackReceiver
from repartee.channels.slack.revisions import ignore_reason, parse_revision
from repartee.domain.engagement import EngagementSign
from repartee.domain.http import HttpRequest, decode_json
from repartee.domain.message import Opening
from repartee.errors import InvalidPayload
from repartee.ports.channels import ParsedRequest


class SlackEventReceiver(SlackReceiver):
    """`webhook.Receiver` for Slack's events."""

    def parse(self, request: HttpRequest) -> ParsedRequest:
        envelope = decode_json(request.body, SlackEventEnvelope)
        if envelope.type == "url_verification":
            return _answer_challenge(envelope)
        if envelope.type != "event_callback" or not bytes(envelope.event):
            return ParsedRequest(ignored_reason="not an event")
        read = EVENT_PARSERS.get(decode_json(bytes(envelope.event), SlackEventType).type)
        return read(envelope, request) if read else ParsedRequest(ignored_reason="an event of another type")


def _answer_challenge(envelope: SlackEventEnvelope) -> ParsedRequest:
    if not envelope.challenge:
        raise InvalidPayload("a url_verification without a challenge")
    return ParsedRequest(response_body=msgspec.json.encode({"challenge": envelope.challenge}).decode())


def _parse_message_event(envelope: SlackEventEnvelope, request: HttpRequest) -> ParsedRequest:
    event = decode_json(bytes(envelope.event), SlackMessageEvent)
    if event.subtype in ("message_changed", "message_deleted"):
        return parse_revision(envelope, event, request)
    ignored = ignore_reason(event, envelope.bot_user_id)
    if ignored:
        return ParsedRequest(ignored_reason=ignored)
    return ParsedRequest(messages=(build_message(envelope, event, request),))


def _parse_thread_started(envelope: SlackEventEnvelope, request: HttpRequest) -> ParsedRequest:
    thread = decode_json(bytes(envelope.event), SlackThreadStartedEvent).assistant_thread
    ts = ids.require_timestamp("thread_ts", thread.thread_ts)
    return ParsedRequest(messages=(_build_opening(envelope, request, thread.channel_id, thread.user_id, ts),))


def _parse_home_opened(envelope: SlackEventEnvelope, request: HttpRequest) -> ParsedRequest:
    event = decode_json(bytes(envelope.event), SlackHomeOpenedEvent)
    if event.tab != "messages":
        return ParsedRequest(ignored_reason="the home tab, which we leave as it is")
    return ParsedRequest(messages=(_build_opening(envelope, request, event.channel, event.user, ""),))


def _build_opening(
    envelope: SlackEventEnvelope, request: HttpRequest, channel: str | None, user: str | None, thread: str
) -> Opening:
    """A conversation that was opened, in which nothing is said yet."""
    channel, user = ids.require_slack_id("channel", channel), ids.require_slack_id("user", user)
    team = envelope.installed_team_id or envelope.workspace_id
    room = ids.room_id(envelope.workspace_id, channel)
    if not re.fullmatch(r"\w{1,64}", envelope.event_id or "", re.ASCII):
        raise InvalidPayload("event_id is missing or is none")
    return Opening(
        id=f"opened-{envelope.event_id}",
        chat=ids.chat_id(room, thread),
        room=room,
        channel="slack",
        sender=ids.person_id(team, user),
        sent=request.received_at,
        received=request.received_at,
        correlation=request.correlation,
        platform=platform_address(envelope, channel, thread, user, team),
    )


def _parse_session_stopped(envelope: SlackEventEnvelope, request: HttpRequest) -> ParsedRequest:
    event = decode_json(bytes(envelope.event), SlackSessionStoppedEvent)
    room = ids.room_id(envelope.workspace_id, ids.require_slack_id("channel", event.channel))
    thread = ids.require_timestamp("thread_ts", event.thread_ts)
    by = ids.person_id(
        envelope.installed_team_id or envelope.workspace_id, ids.require_slack_id("user", event.user)
    )
    at = float(ids.require_timestamp("event_ts", event.event_ts))
    return ParsedRequest(commands=stop_commands(room, thread, by, at))


def _parse_reaction(envelope: SlackEventEnvelope, request: HttpRequest) -> ParsedRequest:
    """A reaction to what the assistant said to the person alone is a sign that it is read."""
    event = decode_json(bytes(envelope.event), SlackReactionEvent)
    is_direct = (event.item.channel or "").startswith("D")
    if event.item.type != "message" or not is_direct or event.item_user != envelope.bot_user_id:
        return ParsedRequest(ignored_reason="a reaction")
    user = ids.require_slack_id("user", event.user)
    by = ids.person_id(envelope.installed_team_id or envelope.workspace_id, user)
    return ParsedRequest(signs=(EngagementSign(by, "reaction", request.received_at),))


EVENT_PARSERS: dict[str, Callable[[SlackEventEnvelope, HttpRequest], ParsedRequest]] = {
    "app_mention": _parse_message_event,
    "message": _parse_message_event,
    "assistant_thread_started": _parse_thread_started,
    "app_home_opened": _parse_home_opened,
    "agent_session_stopped": _parse_session_stopped,
    "reaction_added": _parse_reaction,
}
