"""Slack's methods: what each needs and takes, and how often it may be called.

Names, limits and errors are those of Slack's method reference (https://docs.slack.dev/reference/methods).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Arguments = Mapping[str, Any]


class SlackError(Exception):
    """Slack's `ok: false`: the error's name, and more where Slack says more."""

    def __init__(self, error: str, **more: Any) -> None:
        super().__init__(error)
        self.error, self.more = error, more


@dataclass(frozen=True)
class SlackMethod:
    """One method: what it needs, what else it takes, how many calls a minute a workspace has."""

    max_calls_per_minute: int
    required: tuple[str, ...] = ()
    optional: frozenset[str] = frozenset()

    def accepts(self, name: str) -> bool:
        return name in self.required or name in self.optional or name == "token"


def _split_names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_AUTHOR_ARGUMENTS = "icon_emoji icon_url username "
_CONTENT_ARGUMENTS = "attachments blocks link_names markdown_text metadata parse reply_broadcast text "

METHODS = {
    "agents.sessions.setStatus": SlackMethod(
        50, ("channel_id", "status"), _split_names(_AUTHOR_ARGUMENTS + "initiator_user_id thread_ts title")
    ),
    "assistant.threads.setSuggestedPrompts": SlackMethod(
        100, ("channel_id", "prompts"), frozenset(("thread_ts", "title"))
    ),
    "assistant.threads.setTitle": SlackMethod(100, ("channel_id", "thread_ts", "title")),
    "apps.connections.open": SlackMethod(60),
    "auth.test": SlackMethod(600),
    "bots.info": SlackMethod(50, ("bot",), _split_names("team_id")),
    # one a second and channel, of which bursts are tolerated
    "chat.postMessage": SlackMethod(
        60,
        ("channel",),
        _split_names(
            _AUTHOR_ARGUMENTS
            + _CONTENT_ARGUMENTS
            + "as_user container_id mrkdwn thread_ts unfurl_links unfurl_media"
        ),
    ),
    "chat.update": SlackMethod(
        50, ("channel", "ts"), _split_names(_CONTENT_ARGUMENTS + "as_user file_ids unfurled_attachments")
    ),
    "chat.startStream": SlackMethod(
        20,
        ("channel", "thread_ts"),
        _split_names(
            _AUTHOR_ARGUMENTS + "chunks markdown_text recipient_team_id recipient_user_id task_display_mode "
            "unfurl_links unfurl_media"
        ),
    ),
    "chat.appendStream": SlackMethod(100, ("channel", "ts"), _split_names("chunks markdown_text")),
    "chat.stopStream": SlackMethod(
        20, ("channel", "ts"), _split_names("blocks chunks markdown_text metadata session_status")
    ),
    "reactions.add": SlackMethod(50, ("channel", "name", "timestamp")),
    "conversations.open": SlackMethod(50, ("users",), _split_names("channel prevent_creation return_im")),
    "conversations.members": SlackMethod(100, ("channel",), _split_names("cursor limit")),
    "conversations.history": SlackMethod(
        50, ("channel",), _split_names("cursor include_all_metadata inclusive latest limit oldest")
    ),
    "conversations.replies": SlackMethod(
        50, ("channel", "ts"), _split_names("cursor include_all_metadata inclusive latest limit oldest")
    ),
    "usergroups.list": SlackMethod(
        20, (), _split_names("include_count include_disabled include_users team_id")
    ),
    "users.conversations": SlackMethod(
        50, (), _split_names("cursor exclude_archived limit team_id types user")
    ),
    "users.info": SlackMethod(100, ("user",), _split_names("include_locale")),
    "assistant.threads.setStatus": SlackMethod(
        600, ("channel_id", "thread_ts", "status"), _split_names(_AUTHOR_ARGUMENTS + "loading_messages")
    ),
    "files.completeUploadExternal": SlackMethod(
        100,
        ("files",),
        _split_names("blocks channel_id channels initial_comment thread_ts " + _AUTHOR_ARGUMENTS),
    ),
    "files.getUploadURLExternal": SlackMethod(
        100, ("filename", "length"), _split_names("alt_txt snippet_type")
    ),
    "files.info": SlackMethod(100, ("file",), _split_names("count cursor limit page")),
}


def require_arguments(method: SlackMethod, arguments: Arguments) -> None:
    """Refuses a call that lacks something, as Slack words it."""
    missing = [name for name in method.required if name not in arguments]
    if missing:
        lines = [f"[ERROR] missing required field: {name}" for name in missing]
        raise SlackError("invalid_arguments", response_metadata={"messages": lines})


UNLISTED_CALLS_PER_MINUTE = {"conversations.history": 1, "conversations.replies": 1}
"""Calls that an app has which is distributed commercially and is not in Slack's Marketplace:
https://docs.slack.dev/changelog/2025/05/29/rate-limit-changes-for-non-marketplace-apps."""
