"""Topics of the team's group, one for each customer: https://core.telegram.org/bots/api#createforumtopic.

A group may be no forum, and the bot may lack the right `can_manage_topics`. Then there are no topics, and
what is said stands below the card. Telegram cannot be asked which topics there are: a worker that dies before
it has noted the one that it made leaves an empty topic behind.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from repartee.errors import InvalidArgument, NotFound, PermissionDenied

MAX_NAME_CHARS = 64
"""Characters of a topic's name, of which Telegram permits 128."""

REFUSALS = (InvalidArgument, NotFound, PermissionDenied)
NOT_MODIFIED_ERROR = "TOPIC_NOT_MODIFIED"
GONE_ERRORS = ("TOPIC_ID_INVALID", "TOPIC_DELETED", "thread not found")

CallMethod = Callable[..., Any]


def topic_of(chat: str) -> str:
    """Returns the topic of one of our ids of a chat, `telegram:GROUP:TOPIC`; empty for any other."""
    _, _, topic = chat.partition(":")[2].partition(":")
    return topic if topic.isdigit() else ""


def open_topic(call: CallMethod, group: int, name: str, known: str) -> str:
    """Returns the customer's topic: the known one, opened again, or a new one if it was deleted. Empty where
    the group has none, or the bot may not make one."""
    if known and _reopen_topic(call, group, known):
        return known
    try:
        made = call("createForumTopic", chat_id=group, name=name[:MAX_NAME_CHARS])
    except REFUSALS:
        return ""
    return str(made["message_thread_id"])


def close_topic(call: CallMethod, group: int, topic: str) -> None:
    """Closes a topic. Does nothing where that is refused: it is closed, deleted, or the right is gone."""
    try:
        call("closeForumTopic", chat_id=group, message_thread_id=int(topic))
    except REFUSALS:
        return


def is_topic_gone(failure: Exception) -> bool:
    """Returns whether a refusal says that the topic was deleted."""
    return any(one in str(failure) for one in GONE_ERRORS)


def _reopen_topic(call: CallMethod, group: int, topic: str) -> bool:
    """Returns whether the topic is open."""
    try:
        call("reopenForumTopic", chat_id=group, message_thread_id=int(topic))
    except REFUSALS as refused:
        return NOT_MODIFIED_ERROR in str(refused)
    return True
