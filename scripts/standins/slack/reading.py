"""Pages of a thread's and of a channel's messages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from standins.slack import arguments as slack
from standins.slack.methods import Arguments, SlackError
from standins.slack.posts import SlackPost


def read_replies(posts: Iterable[SlackPost], arguments: Arguments, is_listed: bool) -> dict[str, Any]:
    """Returns a page of a thread, the oldest first."""
    channel, parent = slack.parse_channel(arguments), str(arguments["ts"])
    found = [one for one in posts if one.channel == channel and parent in (one.ts, one.thread_ts)]
    found.sort(key=lambda posted: float(posted.ts))
    if not found:
        raise SlackError("thread_not_found")
    found = [posted for posted in found if _is_in_time_range(posted, arguments)]
    with_metadata = slack.parse_flag(arguments, "include_all_metadata")
    start = slack.parse_cursor(arguments)
    end = start + slack.parse_page_size(arguments, is_listed)
    messages = [posted.as_slack(with_metadata) for posted in found[start:end]]
    more = end < len(found)
    page = {"messages": messages, "has_more": more}
    return page | ({"response_metadata": {"next_cursor": slack.make_cursor(end)}} if more else {})


def read_history(posts: Iterable[SlackPost], arguments: Arguments, is_listed: bool) -> dict[str, Any]:
    """Returns a page of a channel, the newest first."""
    channel, oldest = slack.parse_channel(arguments), slack.parse_number(arguments, "oldest", 0)
    found = [
        one
        for one in posts
        if one.channel == channel and one.thread_ts in ("", one.ts) and float(one.ts) > oldest
    ]
    found.sort(key=lambda posted: float(posted.ts), reverse=True)
    with_metadata = slack.parse_flag(arguments, "include_all_metadata")
    size = slack.parse_page_size(arguments, is_listed)
    return {"messages": [posted.as_slack(with_metadata) for posted in found[:size]], "has_more": False}


def _is_in_time_range(posted: SlackPost, arguments: Arguments) -> bool:
    """Whether the message lies in the asked time. The thread's first message always comes along."""
    if posted.ts == str(arguments["ts"]):
        return True
    oldest = slack.parse_number(arguments, "oldest", 0)
    latest = slack.parse_number(arguments, "latest", 1e12)
    at = float(posted.ts)
    return oldest < at < latest or (slack.parse_flag(arguments, "inclusive") and at in (oldest, latest))
