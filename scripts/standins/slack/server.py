"""Stands in for Slack's Web API: one workspace in memory, with Slack's own errors, limits and call order.

It differs from Slack in that channels and people exist as soon as they are named, if the name has the shape.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from local import sample_files
from standins.slack import arguments as slack
from standins.slack.agent_threads import AgentThreads
from standins.slack.call_rates import CallRates
from standins.slack.limits import MAX_POST_CHARS, MAX_STREAM_SECONDS, MAX_UPDATE_CHARS
from standins.slack.methods import (
    METHODS,
    Arguments,
    SlackError,
    require_arguments,
)
from standins.slack.people import SlackPeople
from standins.slack.posts import BOT_ID, BOT_USER_ID, TEAM_ID, SlackPost, make_tombstone
from standins.slack.reading import read_history, read_replies
from standins.slack.shared_files import SharedFiles

BOT_TOKEN, APP_TOKEN = "xoxb-local-standin", "xapp-local-standin"
SCOPES = (
    *("app_mentions:read", "assistant:write", "channels:history", "channels:read", "chat:write", "commands"),
    *("files:read", "files:write", "groups:history", "groups:read", "im:history", "im:read", "im:write"),
    *("mpim:history", "mpim:read", "reactions:read", "reactions:write", "usergroups:read", "users:read"),
)


@dataclass(frozen=True)
class SlackResponse:
    """An HTTP response."""

    body: dict[str, Any]
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class SlackStandIn(AgentThreads, SharedFiles):
    """The workspace: its messages, what was called, and how often. Not for more than one thread.

    `people` are those of the workspace. `is_listed` is False for an app that is distributed commercially
    outside of Slack's Marketplace, and has other limits. `scopes` are the token's, as each answer says;
    `socket_url` is where Socket Mode is, if it is (socket_mode.py). `posts` has every call that was made, in
    order, with its time; `version` grows with every visible change. Links to files begin with `url`.
    """

    def __init__(self, clock: Callable[[], float], token: str = BOT_TOKEN) -> None:
        AgentThreads.__init__(self, clock)
        SharedFiles.__init__(self, token)
        self._messages: dict[tuple[str, str], SlackPost] = {}
        self._rates = CallRates(clock)
        self._last_ts = 0
        self.people = SlackPeople(TEAM_ID, set(SCOPES))
        self.is_listed = True
        self.scopes: tuple[str, ...] = SCOPES
        self.socket_url = ""
        self.posts: list[dict[str, Any]] = []
        self.version = 0

    def handle_call(self, method: str, token: str, arguments: Arguments) -> SlackResponse:
        """One call of the Web API. Never raises: what is wrong is Slack's answer."""
        entry = {"at": self._clock(), "method": method, "arguments": slack.redact_token(arguments)}
        self.posts.append(entry)
        answer = self._dispatch_call(method, token, arguments)
        entry["ok"], entry["error"] = answer.body["ok"], answer.body.get("error")
        if method in METHODS:
            entry["ignored"] = [name for name in arguments if not METHODS[method].accepts(name)]
        if answer.body["ok"]:
            entry["ts"] = answer.body.get("ts")
            self.version += 1
        return answer

    def _dispatch_call(self, method: str, token: str, arguments: Arguments) -> SlackResponse:
        try:
            self._authenticate(token, method)
            if method not in METHODS:
                raise SlackError("unknown_method", req_method=method)
            wait = self._rates.retry_after_seconds(method, arguments, self.is_listed)
            if wait:
                return SlackResponse({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": str(wait)})
            require_arguments(METHODS[method], arguments)
            body = getattr(self, "_" + method.replace(".", "_"))(arguments)
            return SlackResponse({"ok": True, **body}, headers={"x-oauth-scopes": ",".join(self.scopes)})
        except SlackError as error:
            return SlackResponse({"ok": False, "error": error.error, **error.more})

    def _authenticate(self, token: str, method: str) -> None:
        if not token:
            raise SlackError("not_authed")
        if token not in (self._token, APP_TOKEN):
            raise SlackError("invalid_auth")
        if (token == APP_TOKEN) != (method == "apps.connections.open"):
            raise SlackError("not_allowed_token_type")

    def _apps_connections_open(self, arguments: Arguments) -> dict[str, Any]:
        if not self.socket_url:
            raise SlackError("socket_mode_disabled")
        return {"url": self.socket_url}

    def _users_conversations(self, arguments: Arguments) -> dict[str, Any]:
        return self.people.list_channels(arguments)

    def _conversations_members(self, arguments: Arguments) -> dict[str, Any]:
        return self.people.list_members(arguments)

    def _auth_test(self, arguments: Arguments) -> dict[str, Any]:
        return {
            "url": "https://local-standin.slack.com/",
            "team": "Local stand-in",
            "user": "repartee",
            "team_id": TEAM_ID,
            "user_id": BOT_USER_ID,
            "bot_id": BOT_ID,
            "is_enterprise_install": False,
        }

    def _reactions_add(self, arguments: Arguments) -> dict[str, Any]:
        posted = self._messages.get((slack.parse_channel(arguments), str(arguments["timestamp"])))
        if posted is None:
            raise SlackError("message_not_found")
        posted.add_reaction(str(arguments["name"]))
        return {}

    def _chat_postMessage(self, arguments: Arguments) -> dict[str, Any]:
        channel = slack.parse_channel(arguments)
        text, blocks = slack.parse_visible_text(arguments, MAX_POST_CHARS)
        posted = self._add_message(
            channel,
            text,
            thread_ts=str(arguments.get("thread_ts") or ""),
            metadata=slack.parse_metadata(arguments),
        )
        posted.blocks = blocks
        return {"channel": channel, "ts": posted.ts, "message": posted.as_slack()}

    def _chat_update(self, arguments: Arguments) -> dict[str, Any]:
        posted = self._find_own_message(arguments, "cant_update_message")
        if self._is_streaming(posted):
            raise SlackError("streaming_state_conflict")
        text, blocks = slack.parse_visible_text(arguments, MAX_UPDATE_CHARS)
        if blocks and posted.mode:
            raise SlackError("block_mismatch")  # what has streamed is rich text
        posted.text, posted.blocks = text, blocks
        posted.edited = self._next_ts()
        if "metadata" in arguments:
            posted.metadata = slack.parse_metadata(arguments) or None
        return {"channel": posted.channel, "ts": posted.ts, "text": posted.text, "message": posted.as_slack()}

    def _chat_startStream(self, arguments: Arguments) -> dict[str, Any]:
        channel = slack.parse_channel(arguments)
        slack.check_recipient(channel, arguments)
        slack.parse_stream_chunks(arguments)
        posted = self._add_message(channel, "", thread_ts=str(arguments["thread_ts"]))
        posted.streaming, posted.started = "in_progress", self._clock()
        posted.append_chunks(arguments)
        return {"channel": channel, "ts": posted.ts}

    def _chat_appendStream(self, arguments: Arguments) -> dict[str, Any]:
        posted = self._find_stream(arguments)
        if posted.append_chunks(arguments) is None:
            raise SlackError("no_text")
        return {"channel": posted.channel, "ts": posted.ts}

    def _chat_stopStream(self, arguments: Arguments) -> dict[str, Any]:
        posted = self._find_stream(arguments)
        posted.metadata = slack.parse_metadata(arguments) or posted.metadata
        posted.blocks = slack.parse_blocks(arguments)
        posted.append_chunks(arguments)
        posted.streaming = "completed"
        if arguments.get("session_status"):
            self._sessions[posted.channel, posted.thread_ts] = slack.parse_session_status(
                arguments, "session_status"
            )
        return {"channel": posted.channel, "ts": posted.ts, "message": posted.as_slack()}

    def _conversations_replies(self, arguments: Arguments) -> dict[str, Any]:
        return read_replies(self._messages.values(), arguments, self.is_listed)

    def _conversations_history(self, arguments: Arguments) -> dict[str, Any]:
        return read_history(self._messages.values(), arguments, self.is_listed)

    def _conversations_open(self, arguments: Arguments) -> dict[str, Any]:
        return self.people.open_direct_channel(arguments)

    def _users_info(self, arguments: Arguments) -> dict[str, Any]:
        return self.people.describe_user(arguments)

    def _bots_info(self, arguments: Arguments) -> dict[str, Any]:
        return self.people.describe_app(arguments)

    def _usergroups_list(self, arguments: Arguments) -> dict[str, Any]:
        return self.people.list_groups(arguments)

    def _files_getUploadURLExternal(self, arguments: Arguments) -> dict[str, Any]:
        id = f"F{self._next_ts().replace('.', '')}"
        self._uploads[id] = str(arguments["filename"]), slack.parse_upload_length(arguments)
        return {"upload_url": f"{self.url}upload/{id}", "file_id": id}

    def _files_completeUploadExternal(self, arguments: Arguments) -> dict[str, Any]:
        """Shares what was uploaded, at once; Slack takes some moments for that."""
        known = self.complete_uploads(slack.parse_structured(arguments["files"], list, "invalid_arguments"))
        if arguments.get("channel_id"):
            thread = str(arguments.get("thread_ts") or "")
            comment = str(arguments.get("initial_comment") or "")
            self._add_message(slack.parse_channel(arguments), comment, thread_ts=thread).files = known
        return {"files": [{"id": file["id"], "title": file["title"]} for file in known]}

    def _add_message(self, channel: str, text: str, *, thread_ts: str, metadata: Any = None) -> SlackPost:
        self._statuses.pop((channel, thread_ts), None)
        posted = SlackPost(
            self._next_ts(), channel, BOT_USER_ID, text, thread_ts=thread_ts, bot=True, metadata=metadata
        )
        self._messages[channel, posted.ts] = posted
        return posted

    def _find_own_message(self, arguments: Arguments, otherwise: str) -> SlackPost:
        posted = self._messages.get((slack.parse_channel(arguments), str(arguments["ts"])))
        if posted is None:
            raise SlackError("message_not_found")
        if not posted.bot:
            raise SlackError(otherwise)
        return posted

    def _find_stream(self, arguments: Arguments) -> SlackPost:
        posted = self._find_own_message(arguments, "message_not_owned_by_app")
        if posted.streaming == "stopped_by_user":
            raise SlackError("stopped_by_user")
        if not self._is_streaming(posted):
            raise SlackError("message_not_in_streaming_state")
        return posted

    def _is_streaming(self, posted: SlackPost) -> bool:
        if posted.streaming == "in_progress" and self._clock() - posted.started > MAX_STREAM_SECONDS:
            posted.streaming = "error"
        return posted.streaming == "in_progress"

    def _next_ts(self) -> str:
        """A message's time is its name in its channel: never twice the same, always growing."""
        self._last_ts = max(self._last_ts + 1, int(self._clock() * 1_000_000))
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06}"

    def add_person_message(
        self,
        channel: str,
        user: str,
        text: str,
        ts: str = "",
        thread_ts: str = "",
        files: Iterable[Mapping[str, str]] = (),
        **more: Any,
    ) -> SlackPost:
        """A person or another app writes in the channel, and may share files: samples, by their names.
        `more` are other fields of the message (`attachments`, `blocks`, `bot_id`, `username` …)."""
        files = list(files)
        for file in files:
            content = b"" if file["id"] in self._files else sample_files.read_file(file["name"])
            if content:
                self.share_file(link=f"{self.url}files/{file['id']}/{file['name']}", content=content, **file)
        shared = [self._files[file["id"]][0] for file in files if file.get("id") in self._files]
        posted = SlackPost(
            ts or self._next_ts(), channel, user, text, thread_ts=thread_ts, files=shared, more=more
        )
        self._messages[channel, posted.ts] = posted
        self.version += 1
        return posted

    def delete_message(self, channel: str, ts: str) -> bool:
        """A person deletes a message of theirs. Returns whether it has replies: then one of Slack's own is in
        its place."""
        posted = self._messages.pop((channel, ts))
        has_replies = any(
            one.thread_ts == ts for (place, _), one in self._messages.items() if place == channel
        )
        if has_replies:
            self._messages[channel, ts] = make_tombstone(posted)
        self.version += 1
        return has_replies

    def change_message(self, channel: str, ts: str, text: str = "", reaction: str = "") -> None:
        """A person changes the words of a message of theirs, or reacts to any message with an emoji."""
        posted = self._messages[channel, ts]
        if text:
            posted.text, posted.edited = text, self._next_ts()
        if reaction and reaction not in posted.reactions:
            posted.reactions.append(reaction)
        self.version += 1

    def reset_rate_limits(self) -> None:
        """Forgets how often it was called of late."""
        self._rates.clear()

    def end_stream(self, channel: str, ts: str, how: str = "error") -> None:
        """Ends a stream from Slack's side: `error` as when it is too old, or `stopped_by_user`."""
        self._messages[channel, ts].streaming = how
        self.version += 1

    def visible_channel(self, channel: str) -> dict[str, Any]:
        """The channel as a person sees it."""
        messages = [
            posted.as_seen(self._is_streaming(posted))
            for (place, _), posted in sorted(self._messages.items(), key=lambda item: float(item[0][1]))
            if place == channel
        ]
        return {"messages": messages, **self._visible_threads(channel), "version": self.version}
