"""A message event of Slack as a message of ours."""

from __future__ import annotations

import re

from repartee.channels.slack import ids
from repartee.channels.slack.attachments import parse_attachments
from repartee.channels.slack.blocks import fullest_text
from repartee.channels.slack.payloads import SlackEventEnvelope, SlackMessageEvent, SlackUserProfile
from repartee.channels.slack.shared_messages import parse_context
from repartee.channels.slack.text import (
    GROUP_MENTION,
    PERSON_MENTION,
    decode_text,
    strip_own_mention,
    unescape,
)
from repartee.domain.http import HttpRequest
from repartee.domain.message import Message, Person
from repartee.domain.names import NAME_MARKS


def build_message(envelope: SlackEventEnvelope, event: SlackMessageEvent, request: HttpRequest) -> Message:
    """The message. Raises `InvalidPayload` where Slack's ids are missing or are none."""
    workspace, bot = envelope.workspace_id, envelope.bot_user_id
    channel, user = ids.require_slack_id("channel", event.channel), ids.require_slack_id("user", event.user)
    ts = ids.require_timestamp("ts", event.ts)
    parent = ids.require_timestamp("thread_ts", event.thread_ts) if event.thread_ts else ""
    team = ids.require_slack_id(
        "user_team", event.user_team or event.team or envelope.installed_team_id or workspace
    )
    room, direct = ids.room_id(workspace, channel), channel.startswith("D")
    text = _decode_own_text(event, bot)
    named = _mentioned_people(event.text or "", text)
    thread, threaded = parent or ("" if direct else ts), bool(parent) and parent != ts
    mentioned = event.type == "app_mention" or bot in named
    return Message(
        id=ts,
        chat=ids.chat_id(room, thread),
        room=room,
        channel="slack",
        sender=ids.person_id(team, user),
        sender_name=profile_name(event.user_profile),
        text=strip_own_mention(text, bot),
        sent=float(ts),
        received=request.received_at,
        addressed=direct or mentioned,
        mentioned=mentioned,
        threaded=threaded,
        is_thread_unread=threaded and (direct or mentioned),
        correlation=request.correlation,
        reply_to=parent if threaded else "",
        mentions=tuple(Person(ids.person_id(team, id), name) for id, name in named.items() if id != bot),
        attachments=tuple(parse_attachments(event.files or ())),
        context=parse_context(event.attachments, team, bot),
        platform=platform_address(envelope, channel, thread or ts, user, team),
    )


def platform_address(
    envelope: SlackEventEnvelope, channel: str, thread: str, user: str, team: str
) -> dict[str, str]:
    """Slack's own ids, which are needed to answer."""
    return {"channel": channel, "thread": thread, "user": user, "team": team, "self": envelope.bot_user_id}


def profile_name(profile: SlackUserProfile | None) -> str:
    """The name that people see, where an event tells it."""
    known = profile or SlackUserProfile()
    return (known.display_name or known.real_name or "").strip()


def _decode_own_text(event: SlackMessageEvent, bot_user_id: str) -> str:
    """The text as people see it, in which the assistant's own mention still stands."""
    raw = event.text or ""
    if bot_user_id:
        raw = re.sub(rf"(<@{re.escape(bot_user_id)})\|[^<>]*>", r"\1>", raw)
    return fullest_text(decode_text(raw), event.blocks)


def _mentioned_people(raw: str, text: str) -> dict[str, str]:
    """The people and user groups that are named, with their names where a label tells them: in the text as
    Slack sent it, or in that of the blocks."""
    labelled = (*PERSON_MENTION.findall(raw), *GROUP_MENTION.findall(raw))
    found = {id: unescape(label).removeprefix("@") for id, label in labelled}
    return found | {id: "" for id in NAME_MARKS.findall(text) if id not in found}
