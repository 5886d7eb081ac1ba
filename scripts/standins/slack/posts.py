"""Messages as the stand-in keeps them, and as Slack's Web API and people see them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from standins.slack.arguments import actions_of_blocks, parse_stream_chunks
from standins.slack.methods import Arguments, SlackError

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
    reactions: list[str] = field(default_factory=list)

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

    def as_seen(self, streaming: bool) -> dict[str, Any]:
        """The message as a person sees it."""
        return (
            {"ts": self.ts, "thread_ts": self.thread_ts, "user": self.user, "bot": self.bot}
            | {"text": self.text, "streaming": streaming, "edited": bool(self.edited)}
            | {"actions": actions_of_blocks(self.blocks), "tasks": dict(self.tasks.values())}
            | {"files": [file.get("title") or file.get("name") for file in self.files]}
            | {"reactions": list(self.reactions)}
        )

    def add_reaction(self, name: str) -> None:
        """Adds a reaction of the app. Raises `SlackError` where it has given it."""
        if name in self.reactions:
            raise SlackError("already_reacted")
        self.reactions.append(name)

    def append_chunks(self, arguments: Arguments) -> str | None:
        """Adds what a call streams. Returns its mode, None where it brings nothing."""
        added = parse_stream_chunks(arguments)
        if added.mode and self.mode and added.mode != self.mode:
            raise SlackError("streaming_mode_mismatch")
        self.mode = self.mode or added.mode
        self.text += added.text
        self.tasks |= {task["id"]: (task["title"], task["status"]) for task in added.tasks}
        return added.mode


def make_tombstone(deleted: SlackPost) -> SlackPost:
    """Returns what stands in the place of a deleted message that has replies."""
    return SlackPost(
        deleted.ts,
        deleted.channel,
        "USLACKBOT",
        "This message was deleted.",
        deleted.thread_ts,
        more={"subtype": "tombstone"},
    )
