"""Slack's Events API: which messages, openings and stops it brings.

https://docs.slack.dev/reference/events/message and its neighbours `app_mention`, `assistant_thread_started`,
`app_home_opened` and `agent_session_stopped`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from repartee.channels.slack import ids
from repartee.channels.slack.attachments import parse_attachments
from repartee.channels.slack.commands import stop_commands
from repartee.channels.slack.payloads import (
    SlackEventEnvelope,
    SlackEventType,
    SlackHomeOpenedEvent,
    SlackMessageEvent,
    SlackSessionStoppedEvent,
    SlackThreadStartedEvent,
)
from repartee.channels.slack.receiver import SlackReceiver
from repartee.domain.http import HttpRequest, decode_json
from repartee.domain.message import Message, Opening, Person
from repartee.errors import InvalidPayload
from repartee.ports.channels import ParsedRequest

MESSAGE_SUBTYPES = {None, "file_share", "thread_broadcast", "me_message"}
"""Subtypes with which a person says something. All others tell of changes, or are bots'."""

USER_MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>", re.ASCII)


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
    ignored = _ignore_reason(event, envelope.bot_user_id)
    return (
        ParsedRequest(ignored_reason=ignored)
        if ignored
        else ParsedRequest(messages=(_build_message(envelope, event, request),))
    )


def _ignore_reason(event: SlackMessageEvent, bot_user_id: str) -> str:
    """Why the event is not something that a person said, empty if it is."""
    if event.subtype not in MESSAGE_SUBTYPES or event.hidden:
        return "not something that was said"
    if event.bot_id or (bot_user_id and event.user == bot_user_id):
        return "said by a bot"
    return ""


def _build_message(envelope: SlackEventEnvelope, event: SlackMessageEvent, request: HttpRequest) -> Message:
    channel, user = (
        ids.require_slack_id("channel", event.channel),
        ids.require_slack_id("user", event.user),
    )
    ts = ids.require_timestamp("ts", event.ts)
    parent = ids.require_timestamp("thread_ts", event.thread_ts) if event.thread_ts else ""
    team = event.user_team or event.team or envelope.team_id or envelope.workspace_id
    room = ids.room_id(envelope.workspace_id, channel)
    direct = channel.startswith("D")
    text, named = _extract_mentions(event.text or "", envelope.bot_user_id)
    thread = parent or ("" if direct else ts)
    threaded = bool(parent) and parent != ts
    mentioned = event.type == "app_mention" or envelope.bot_user_id in named
    return Message(
        id=ts,
        chat=ids.chat_id(room, thread),
        room=room,
        channel="slack",
        sender=ids.person_id(ids.require_slack_id("user_team", team), user),
        text=text,
        sent=float(ts),
        received=request.received_at,
        addressed=direct or mentioned,
        mentioned=mentioned,
        threaded=threaded,
        correlation=request.correlation,
        reply_to=parent if threaded else "",
        mentions=tuple(Person(ids.person_id(team, name)) for name in named if name != envelope.bot_user_id),
        attachments=tuple(parse_attachments(event.files or ())),
        platform=_platform_address(envelope, channel, thread or ts, user, team),
    )


def _extract_mentions(text: str, bot_user_id: str) -> tuple[str, tuple[str, ...]]:
    """The text without the mention of the assistant, and all who are mentioned in it."""
    named = tuple(dict.fromkeys(USER_MENTION.findall(text)))
    own = re.compile(rf"<@{bot_user_id}(?:\|[^>]*)?>") if bot_user_id in named else None
    return (own.sub("", text) if own else text).strip(), named


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
    team = envelope.team_id or envelope.workspace_id
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
        platform=_platform_address(envelope, channel, thread, user, team),
    )


def _parse_session_stopped(envelope: SlackEventEnvelope, request: HttpRequest) -> ParsedRequest:
    event = decode_json(bytes(envelope.event), SlackSessionStoppedEvent)
    room = ids.room_id(envelope.workspace_id, ids.require_slack_id("channel", event.channel))
    thread = ids.require_timestamp("thread_ts", event.thread_ts)
    by = ids.person_id(envelope.team_id or envelope.workspace_id, ids.require_slack_id("user", event.user))
    at = float(ids.require_timestamp("event_ts", event.event_ts))
    return ParsedRequest(commands=stop_commands(room, thread, by, at))


def _platform_address(
    envelope: SlackEventEnvelope, channel: str, thread: str, user: str, team: str
) -> dict[str, str]:
    return {"channel": channel, "thread": thread, "user": user, "team": team, "self": envelope.bot_user_id}


EVENT_PARSERS: dict[str, Callable[[SlackEventEnvelope, HttpRequest], ParsedRequest]] = {
    "app_mention": _parse_message_event,
    "message": _parse_message_event,
    "assistant_thread_started": _parse_thread_started,
    "app_home_opened": _parse_home_opened,
    "agent_session_stopped": _parse_session_stopped,
}
