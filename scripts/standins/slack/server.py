"""Stands in for Slack's Web API: one workspace in memory, with Slack's own errors, limits and call order.

It differs from Slack in that channels and people exist as soon as they are named, if the name has the shape.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from local import sample_files
from standins.slack import arguments as slack
from standins.slack.limits import MAX_POST_CHARS, MAX_STREAM_SECONDS, MAX_UPDATE_CHARS, STATUS_SECONDS
from standins.slack.methods import (
    METHODS,
    UNLISTED_CALLS_PER_MINUTE,
    Arguments,
    SlackError,
    require_arguments,
)
from standins.slack.people import SlackPeople

BOT_TOKEN, APP_TOKEN = "xoxb-local-standin", "xapp-local-standin"
SCOPES = (
    *("app_mentions:read", "assistant:write", "channels:history", "channels:read", "chat:write", "commands"),
    *("files:read", "files:write", "groups:history", "groups:read", "im:history", "im:read", "im:write"),
    *("mpim:history", "mpim:read", "reactions:read", "usergroups:read", "users:read"),
)
TEAM_ID, APP_ID, BOT_ID, BOT_USER_ID = "T0BUTLER", "A0REPARTEE", "B0REPARTEE", "U0REPARTEE"


@dataclass
class SlackPost:
    """A message as the workspace keeps it. `streaming` is `in_progress` until its stream has ended."""

    ts: str
    channel: str
    user: str
    text: str
    thread_ts: str = ""
    bot: bool = False
    edited: str = ""
    metadata: dict[str, Any] | None = None
    streaming: str = ""
    mode: str | None = None
    started: float = 0.0
    blocks: list[Any] = field(default_factory=list)
    tasks: dict[str, tuple[str, str]] = field(default_factory=dict)
    files: list[dict[str, Any]] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)

    def as_slack(self, with_metadata: bool = False) -> dict[str, Any]:
        """The message as the Web API shows it."""
        shown: dict[str, Any] = {"type": "message", "user": self.user, "ts": self.ts, "text": self.text}
        if self.bot:
            shown |= {"bot_id": BOT_ID, "app_id": APP_ID, "team": TEAM_ID}
        if self.thread_ts:
            shown["thread_ts"] = self.thread_ts
        if self.edited:
            shown["edited"] = {"user": self.user, "ts": self.edited}
        if self.blocks:
            shown["blocks"] = self.blocks
        if self.files:
            shown["files"] = self.files
        if self.streaming:
            shown["streaming_state"] = self.streaming
        if with_metadata and self.metadata:
            shown["metadata"] = self.metadata
        return shown | self.more


@dataclass(frozen=True)
class SlackResponse:
    """An HTTP response."""

    body: dict[str, Any]
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class SlackStandIn:
    """The workspace: its messages, what was called, and how often. Not for more than one thread.

    `people` are those of the workspace. `is_listed` is False for an app that is distributed commercially
    outside of Slack's Marketplace, and has other limits. `scopes` are the token's, as each answer says;
    `socket_url` is where Socket Mode is, if it is (socket_mode.py). `posts` has every call that was made, in
    order, with its time; `version` grows with every visible change. Links to files begin with `url`.
    """

    def __init__(self, clock: Callable[[], float], token: str = BOT_TOKEN) -> None:
        self._clock, self._token = clock, token
        self._messages: dict[tuple[str, str], SlackPost] = {}
        self._statuses: dict[tuple[str, str], tuple[str, float]] = {}
        self._sessions: dict[tuple[str, str], str] = {}
        self._titles: dict[tuple[str, str], str] = {}
        self._prompts: dict[str, list[dict[str, str]]] = {}
        self._recent: defaultdict[str, deque[float]] = defaultdict(deque)
        self._last_ts = 0
        self._files: dict[str, tuple[dict[str, Any], bytes]] = {}
        self._uploads: dict[str, tuple[str, int]] = {}
        self.people = SlackPeople(TEAM_ID, set(SCOPES))
        self.is_listed = True
        self.scopes: tuple[str, ...] = SCOPES
        self.socket_url = ""
        self.url = "http://slack/"
        self.posts: list[dict[str, Any]] = []
        self.version = 0

    def handle_call(self, method: str, token: str, arguments: Arguments) -> SlackResponse:
        """One call of the Web API. Never raises: what is wrong is Slack's answer."""
        entry = {"at": self._clock(), "method": method, "arguments": _redact_token(arguments)}
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
            wait = self._retry_after_seconds(method, arguments)
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

    def _retry_after_seconds(self, method: str, arguments: Arguments) -> int:
        """Whole seconds until the method may be called again; 0 counts the call."""
        place = f" {arguments.get('channel')}" if method == "chat.postMessage" else ""
        now, recent = self._clock(), self._recent[method + place]
        while recent and recent[0] <= now - 60:
            recent.popleft()
        limit = METHODS[method].max_calls_per_minute
        if not self.is_listed:
            limit = UNLISTED_CALLS_PER_MINUTE.get(method, limit)
        if len(recent) >= limit:
            return max(1, round(recent[0] + 60 - now))
        recent.append(now)
        return 0

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
        self._append_chunks(posted, arguments)
        return {"channel": channel, "ts": posted.ts}

    def _chat_appendStream(self, arguments: Arguments) -> dict[str, Any]:
        posted = self._find_stream(arguments)
        if self._append_chunks(posted, arguments) is None:
            raise SlackError("no_text")
        return {"channel": posted.channel, "ts": posted.ts}

    def _chat_stopStream(self, arguments: Arguments) -> dict[str, Any]:
        posted = self._find_stream(arguments)
        posted.metadata = slack.parse_metadata(arguments) or posted.metadata
        posted.blocks = slack.parse_blocks(arguments)
        self._append_chunks(posted, arguments)
        posted.streaming = "completed"
        if arguments.get("session_status"):
            self._sessions[posted.channel, posted.thread_ts] = slack.parse_session_status(
                arguments, "session_status"
            )
        return {"channel": posted.channel, "ts": posted.ts, "message": posted.as_slack()}

    def _conversations_replies(self, arguments: Arguments) -> dict[str, Any]:
        channel, parent = slack.parse_channel(arguments), str(arguments["ts"])
        found = [
            posted
            for (place, _), posted in self._messages.items()
            if place == channel and parent in (posted.ts, posted.thread_ts)
        ]
        found.sort(key=lambda posted: float(posted.ts))
        if not found:
            raise SlackError("thread_not_found")
        found = [posted for posted in found if self._is_in_time_range(posted, arguments)]
        with_metadata = slack.parse_flag(arguments, "include_all_metadata")
        start = slack.parse_cursor(arguments)
        end = start + slack.parse_page_size(arguments, self.is_listed)
        messages = [posted.as_slack(with_metadata) for posted in found[start:end]]
        more = end < len(found)
        page = {"messages": messages, "has_more": more}
        return page | ({"response_metadata": {"next_cursor": slack.make_cursor(end)}} if more else {})

    def _conversations_history(self, arguments: Arguments) -> dict[str, Any]:
        channel, oldest = slack.parse_channel(arguments), slack.parse_number(arguments, "oldest", 0)
        found = [
            posted
            for (place, _), posted in self._messages.items()
            if place == channel and posted.thread_ts in ("", posted.ts) and float(posted.ts) > oldest
        ]
        found.sort(key=lambda posted: float(posted.ts), reverse=True)
        with_metadata = slack.parse_flag(arguments, "include_all_metadata")
        size = slack.parse_page_size(arguments, self.is_listed)
        return {"messages": [posted.as_slack(with_metadata) for posted in found[:size]], "has_more": False}

    def _conversations_open(self, arguments: Arguments) -> dict[str, Any]:
        return self.people.open_direct_channel(arguments)

    def _users_info(self, arguments: Arguments) -> dict[str, Any]:
        return self.people.describe_user(arguments)

    def _bots_info(self, arguments: Arguments) -> dict[str, Any]:
        return self.people.describe_app(arguments)

    def _usergroups_list(self, arguments: Arguments) -> dict[str, Any]:
        return self.people.list_groups(arguments)

    def _agents_sessions_setStatus(self, arguments: Arguments) -> dict[str, Any]:
        place = slack.parse_channel(arguments), str(arguments.get("thread_ts") or "")
        status = slack.parse_session_status(arguments)
        self._sessions[place] = status
        return {"status": status, "agent_status": status, "title": str(arguments.get("title") or "")}

    def _assistant_threads_setSuggestedPrompts(self, arguments: Arguments) -> dict[str, Any]:
        self._prompts[slack.parse_channel(arguments)] = slack.parse_prompts(arguments)
        return {}

    def _assistant_threads_setTitle(self, arguments: Arguments) -> dict[str, Any]:
        place = slack.parse_channel(arguments), str(arguments["thread_ts"])
        if not place[0].startswith("D"):
            raise SlackError("invalid_thread_ts")
        self._titles[place] = str(arguments["title"])
        return {}

    def _assistant_threads_setStatus(self, arguments: Arguments) -> dict[str, Any]:
        place = slack.parse_channel(arguments), str(arguments["thread_ts"])
        rotating = slack.parse_loading_messages(arguments)
        self._statuses[place] = rotating[0] if rotating else str(arguments["status"]), self._clock()
        return {}

    def _files_getUploadURLExternal(self, arguments: Arguments) -> dict[str, Any]:
        id = f"F{self._next_ts().replace('.', '')}"
        self._uploads[id] = str(arguments["filename"]), slack.parse_upload_length(arguments)
        return {"upload_url": f"{self.url}upload/{id}", "file_id": id}

    def _files_completeUploadExternal(self, arguments: Arguments) -> dict[str, Any]:
        """Shares what was uploaded, at once; Slack takes some moments for that."""
        requested = slack.parse_structured(arguments["files"], list, "invalid_arguments")
        if any(
            self._files.get(file.get("id"), ({}, b""))[0].get("shared") is not False for file in requested
        ):
            raise SlackError(
                "file_not_found"
            )  # how Slack words it for what was not uploaded is not documented
        known = [self._files[file["id"]][0] for file in requested]
        for file, given in zip(known, requested, strict=True):
            file |= {"title": given.get("title") or file["name"], "shared": True}
        if arguments.get("channel_id"):
            thread = str(arguments.get("thread_ts") or "")
            comment = str(arguments.get("initial_comment") or "")
            self._add_message(slack.parse_channel(arguments), comment, thread_ts=thread).files = known
        return {"files": [{"id": file["id"], "title": file["title"]} for file in known]}

    def _files_info(self, arguments: Arguments) -> dict[str, Any]:
        if arguments["file"] not in self._files:
            raise SlackError("file_not_found")
        return {"file": self._files[arguments["file"]][0]}

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

    def _append_chunks(self, posted: SlackPost, arguments: Arguments) -> str | None:
        added = slack.parse_stream_chunks(arguments)
        if added.mode and posted.mode and added.mode != posted.mode:
            raise SlackError("streaming_mode_mismatch")
        posted.mode = posted.mode or added.mode
        posted.text += added.text
        posted.tasks |= {task["id"]: (task["title"], task["status"]) for task in added.tasks}
        return added.mode

    def _is_in_time_range(self, posted: SlackPost, arguments: Arguments) -> bool:
        """Whether the message lies in the asked time. The thread's first message always comes along."""
        if posted.ts == str(arguments["ts"]):
            return True
        oldest, latest = (
            slack.parse_number(arguments, "oldest", 0),
            slack.parse_number(arguments, "latest", 1e12),
        )
        at = float(posted.ts)
        return oldest < at < latest or (slack.parse_flag(arguments, "inclusive") and at in (oldest, latest))

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
            if content := sample_files.read_file(file["name"]):
                self.share_file(link=f"{self.url}files/{file['id']}/{file['name']}", content=content, **file)
        shared = [self._files[file["id"]][0] for file in files if file.get("id") in self._files]
        posted = SlackPost(
            ts or self._next_ts(), channel, user, text, thread_ts=thread_ts, files=shared, more=more
        )
        self._messages[channel, posted.ts] = posted
        self.version += 1
        return posted

    def share_file(self, id: str, link: str, content: bytes, **file: Any) -> None:
        """A person shares a file, which is then behind that link."""
        known = {"id": id, "size": len(content), "url_private": link, "url_private_download": link, **file}
        self._files[id] = known, content

    def download_file(self, id: str, token: str) -> tuple[bytes, str]:
        """A file and its type. Without the right token: Slack's login page, and no error."""
        file, content = self._files.get(id, ({}, b""))
        if token != self._token or not file:
            return b"<!DOCTYPE html><html><title>Sign in to Slack</title></html>", "text/html; charset=utf-8"
        return content, str(file["mimetype"])

    def upload_file(self, id: str, content: bytes) -> bool:
        """A file comes to the link that was given for it. Says whether it is as long as was said."""
        name, length = self._uploads.get(id, ("", -1))
        if len(content) == length:
            link = f"{self.url}files/{id}/{name}"
            self.share_file(id, link, content, name=name, mimetype="application/octet-stream", shared=False)
        return len(content) == length

    def reset_rate_limits(self) -> None:
        """Forgets how often it was called of late."""
        self._recent.clear()

    def end_stream(self, channel: str, ts: str, how: str = "error") -> None:
        """Ends a stream from Slack's side: `error` as when it is too old, or `stopped_by_user`."""
        self._messages[channel, ts].streaming = how
        self.version += 1

    def visible_channel(self, channel: str) -> dict[str, Any]:
        """The channel as a person sees it."""
        messages = [
            {"ts": posted.ts, "thread_ts": posted.thread_ts, "user": posted.user, "bot": posted.bot}
            | {"text": posted.text, "streaming": self._is_streaming(posted), "edited": bool(posted.edited)}
            | {"actions": slack.actions_of_blocks(posted.blocks), "tasks": dict(posted.tasks.values())}
            | {"files": [file.get("title") or file.get("name") for file in posted.files]}
            for (place, _), posted in sorted(self._messages.items(), key=lambda item: float(item[0][1]))
            if place == channel
        ]
        now = self._clock()
        statuses = {
            thread: status
            for (place, thread), (status, since) in self._statuses.items()
            if place == channel and status and now - since < STATUS_SECONDS
        }
        seen = {"messages": messages, "statuses": statuses, "prompts": self._prompts.get(channel, [])}
        sessions = {thread: status for (place, thread), status in self._sessions.items() if place == channel}
        titles = {thread: title for (place, thread), title in self._titles.items() if place == channel}
        return {**seen, "sessions": sessions, "titles": titles, "version": self.version}


def _redact_token(arguments: Arguments) -> dict[str, Any]:
    return {name: value for name, value in arguments.items() if name != "token"}
