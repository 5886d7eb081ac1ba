"""Changes of a message by its author: an edit or a deletion.

https://docs.slack.dev/reference/events/message/message_changed and message_deleted. Slack tells in the same
way that a link was unfurled, a reply counted or a stream has grown: these change nothing that was said.
"""

from __future__ import annotations

import msgspec

from repartee.channels.slack import ids
from repartee.channels.slack.messages import build_message
from repartee.channels.slack.payloads import SlackEventEnvelope, SlackMessageEvent
from repartee.domain.http import HttpRequest
from repartee.domain.merging import as_deletion, as_revision
from repartee.domain.message import Message
from repartee.ports.channels import ParsedRequest

MESSAGE_SUBTYPES = {None, "file_share", "thread_broadcast", "me_message"}
"""Subtypes with which a person says something. All others tell of changes, or are bots'."""

DELETED_WITH_REPLIES = "tombstone"
"""The subtype of what is left in the place of a deleted message that has replies."""


def ignore_reason(event: SlackMessageEvent, bot_user_id: str) -> str:
    """Why the event is not something that a person said, empty if it is."""
    if event.subtype not in MESSAGE_SUBTYPES or event.hidden:
        return "not something that was said"
    if event.bot_id or (bot_user_id and event.user == bot_user_id):
        return "said by a bot"
    return ""


def parse_revision(
    envelope: SlackEventEnvelope, event: SlackMessageEvent, request: HttpRequest
) -> ParsedRequest:
    """The new words of a message, or that it is deleted."""
    before, now = event.previous_message, event.message
    deleted = event.subtype == "message_deleted" or (now and now.subtype == DELETED_WITH_REPLIES)
    told = before if deleted else now
    if told is None:
        return ParsedRequest(ignored_reason="a change of which Slack does not tell the message")
    if ignored := ignore_reason(msgspec.structs.replace(told, hidden=None), envelope.bot_user_id):
        return ParsedRequest(ignored_reason=f"a change of what is {ignored}")
    if not deleted and not _has_new_words(before, told):
        return ParsedRequest(ignored_reason="a change of something else than the words")
    return ParsedRequest(
        messages=(_build_revision(envelope, event, told, request, is_deletion=bool(deleted)),)
    )


def _has_new_words(before: SlackMessageEvent | None, now: SlackMessageEvent) -> bool:
    """Whether the author has changed the text or the files. An unfurled link changes neither."""
    if before is None:
        return now.edited is not None
    return (before.text or "", _file_ids(before)) != (now.text or "", _file_ids(now))


def _file_ids(event: SlackMessageEvent) -> set[str | None]:
    return {file.id for file in event.files or () if file.mode != "tombstone"}


def _build_revision(
    envelope: SlackEventEnvelope,
    event: SlackMessageEvent,
    told: SlackMessageEvent,
    request: HttpRequest,
    *,
    is_deletion: bool,
) -> Message:
    """The message as it is now, under an id of its own: it is told of once, however often it is delivered."""
    changed = msgspec.structs.replace(told, type="message", channel=told.channel or event.channel)
    message = build_message(envelope, changed, request)
    changed_at = ids.require_timestamp("event_ts", event.event_ts or event.ts)
    how = "deleted" if is_deletion else "edited"
    id = f"{message.id}-{how}-{changed_at}"
    return as_deletion(message, id) if is_deletion else as_revision(message, id)
