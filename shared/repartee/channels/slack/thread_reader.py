"""Reads the posts of a thread: https://docs.slack.dev/reference/methods/conversations.replies.

Apps that are distributed commercially outside of Slack's Marketplace get one call a minute and 15 posts a
call; all others 50 calls and 1,000 posts. So what a limit leaves out is told, never waited for.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import Any

from repartee.channels.slack import ids
from repartee.channels.slack.api import SlackApi
from repartee.channels.slack.attachments import parse_attachments
from repartee.channels.slack.shared_messages import decode_files, message_text, parse_context, parse_time
from repartee.domain.message import ContextPart, Message, Person
from repartee.errors import Throttled
from repartee.ports.threads import ThreadPosts

MAX_THREAD_POSTS = 60
"""Posts of a thread that are given: its first one, and the newest."""

POSTS_PER_CALL = 200
"""Posts that are asked for in one call."""

MAX_CALLS = 5
"""Calls for one thread: Slack gives the oldest posts first."""

TOO_MANY_POSTS = "there are too many: you have the first one and the newest"
RATE_LIMITED = "Slack limits how often they may be read: they can ask you again in a minute"

SILENT_SUBTYPES = {
    "channel_join",
    "channel_leave",
    "bot_add",
    "bot_remove",
    "tombstone",
    "assistant_app_thread",
}
"""Subtypes of posts in which nobody says anything."""


class SlackThreadReader:
    """`ports.ThreadReader` for Slack."""

    def __init__(self, api: SlackApi) -> None:
        self._api = api

    def read_thread(self, message: Message) -> ThreadPosts:
        kept: deque[dict[str, Any]] = deque(maxlen=MAX_THREAD_POSTS - 1)
        first, problem, count = None, "", 0
        try:
            for post in self._list_posts(message):
                first, count = first or post, count + 1
                kept.append(post)
        except Throttled:
            if first is None:
                raise
            problem = RATE_LIMITED
        if first is None:
            return ThreadPosts()
        posts = list(kept) if count < MAX_THREAD_POSTS else [first, *kept]
        parts = [part for post in posts for part in _parse_post(post, message)]
        return ThreadPosts(tuple(parts), problem or ("" if count <= MAX_THREAD_POSTS else TOO_MANY_POSTS))

    def _list_posts(self, message: Message) -> Iterator[dict[str, Any]]:
        """The posts before the message, oldest first."""
        for page in islice(self._list_pages(message), MAX_CALLS):
            for post in page:
                if float(post["ts"]) < message.sent and post.get("subtype") not in SILENT_SUBTYPES:
                    yield post

    def _list_pages(self, message: Message) -> Iterator[list[dict[str, Any]]]:
        cursor: str | None = None
        while True:
            page = self._api.call_form(
                "conversations.replies",
                channel=message.platform["channel"],
                ts=message.platform["thread"],
                latest=message.id.partition("-")[0],
                limit=POSTS_PER_CALL,
                cursor=cursor,
            )
            yield page["messages"]
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not (page.get("has_more") and cursor):
                return


def _parse_post(post: dict[str, Any], message: Message) -> Iterator[ContextPart]:
    """A post, and what it forwards or shares: each with its own author."""
    team, bot = message.platform["team"], message.platform["self"]
    files = tuple(parse_attachments(decode_files(post.get("files"))))
    text = message_text(post)
    by_assistant = bool(bot) and post.get("user") == bot
    if text or files:
        yield ContextPart(
            kind="thread",
            author=Person() if by_assistant else _author_of(post, team),
            by_assistant=by_assistant,
            sent=parse_time(post["ts"]),
            text=text,
            attachments=files,
            message_id=f"{message.chat}#{post['ts']}",
        )
    if not by_assistant:
        yield from parse_context(post.get("attachments"), team, bot)


def _author_of(post: dict[str, Any], team: str) -> Person:
    """Who posted it: a person, or an app under the name that it posts with."""
    profile, bot = post.get("user_profile") or {}, post.get("bot_profile") or {}
    names = (post.get("username"), bot.get("name"), profile.get("display_name"), profile.get("real_name"))
    name = next((str(one) for one in names if one), "")
    user = str(post.get("user") or post.get("bot_id") or "")
    of_team = str(post.get("user_team") or post.get("team") or team)
    known = ids.SLACK_ID.fullmatch(user) and ids.SLACK_ID.fullmatch(of_team)
    return Person(ids.person_id(of_team, user) if known else "", name)
