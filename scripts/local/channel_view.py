"""The channel as a person sees it, growing on the terminal while the reply is written."""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from local import sample_history
from local.posted_things import describe_attachments, describe_message_extras
from local.stack import LocalStack

MARKDOWN_STYLES = re.compile(r"\*\*(?P<bold>.+?)\*\*|(?<!\w)_(?P<italic>.+?)_(?!\w)|`(?P<code>[^`]+)`")
LINK = re.compile(r"\[([^\]\n]+)\]\(https?://[^)\s]+\)")
STYLES = {"bold": "bold", "italic": "italic", "code": "cyan"}
ASSISTANT = "repartee"
DISPLAY_NAMES = {**sample_history.display_names(), "U0REPARTEE": ASSISTANT}
ENTITIES = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}


class ChannelView:
    """Shows one thread of a channel, or a chat of Telegram or WhatsApp, live on a terminal, elsewhere at the
    end of the `with` block."""

    def __init__(self, console: Console, stack: LocalStack, event: dict[str, Any]) -> None:
        self._console, self._stack = console, stack
        self._path, self._thread = _channel_path(event)
        person = event.get("from", {})
        self._names = DISPLAY_NAMES | {str(person.get("id", "")): person.get("first_name", "")}
        self._names |= {event["chat"]: event["name"]} if "heard" in event else {}
        self._posted = describe_attachments(event)
        self._live = Live(console=console, auto_refresh=False, redirect_stdout=False, redirect_stderr=False)
        self._watching = threading.Thread(target=self._watch_changes, daemon=True)
        self._over = threading.Event()

    def __enter__(self) -> ChannelView:
        if self._console.is_terminal:
            self._live.start()
            self._watching.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._over.set()
        if kind is None:
            shown = self._render_channel(self._stack.call_standins(self._path))
            if self._console.is_terminal:
                self._live.update(shown, refresh=True)
            else:
                self._console.print(shown)
        self._live.stop()

    def _watch_changes(self) -> None:
        """Shows every change, until the block is over or the stand-in is gone."""
        version = -1
        with contextlib.suppress(OSError):
            while not self._over.is_set():
                seen = self._stack.call_standins(f"{self._path}?after={version}")
                version = seen["version"]
                if not self._over.is_set():
                    self._live.update(self._render_channel(seen), refresh=True)

    def _render_channel(self, seen: dict[str, Any]) -> RenderableType:
        thread = [message for message in seen["messages"] if self._is_in_view(message)]
        table = Table.grid(padding=(0, 2, 1, 0))
        table.add_column(justify="right", no_wrap=True, min_width=len(ASSISTANT))
        table.add_column(overflow="fold")
        asked = [message for message in thread if not message["bot"]]
        for message in thread:
            style = "bold magenta" if message["bot"] else "bold"
            name = ASSISTANT if message["bot"] else self._names.get(message["user"], message["user"])
            extras = self._posted if asked and message is asked[-1] else ()
            table.add_row(Text(name, style), _render_message(message, extras))
        if status := self._render_status(seen):
            table.add_row(Text(ASSISTANT, "bold magenta"), Text(status, "dim italic"))
        return Padding(Group(table), (0, 0, 0, 2))

    def _is_in_view(self, said: dict[str, Any]) -> bool:
        """Whether it is said in this thread. Other chats have none."""
        return not self._thread or self._thread in (said["ts"], said["thread_ts"])

    def _render_status(self, seen: dict[str, Any]) -> str:
        if self._thread:
            return str(seen["statuses"].get(self._thread, ""))
        return "is typing…" if seen.get("typing") else ""


def _channel_path(event: dict[str, Any]) -> tuple[str, str]:
    """Where the stand-in shows what is said there, and in which thread, if it has threads."""
    if "heard" in event:
        return f"whatsapp/chat/{event['chat']}", ""
    if "message_id" in event:
        return f"telegram/chat/{event['chat']['id']}", ""
    return f"channel/{event['channel']}", event.get("thread_ts") or event["ts"]


def _render_message(said: dict[str, Any], attached: Sequence[str]) -> Text:
    """A message, with what came along and its buttons below it."""
    body = render_markdown(said["text"])
    files, buttons = describe_message_extras(said)
    for line in (*attached, *files):
        body.append("\n" if body.plain else "").append(f"[{line}]", "italic")
    if buttons:
        body.append("\n\n" + "  ".join(f"[ {button} ]" for button in buttons), "bold")
    if said["streaming"]:
        body.append(" ▍", "magenta")
    return body


def render_markdown(text: str) -> Text:
    """The little Markdown that a chat message has: bold, italic, quotes, and the people who are mentioned."""
    for entity, character in ENTITIES.items():
        text = text.replace(entity, character)
    text = LINK.sub(r"\1", text)
    text = re.sub(r"<@(\w+)>", lambda found: "@" + DISPLAY_NAMES.get(found[1], found[1]), text)
    shown = Text()
    for number, line in enumerate(text.split("\n")):
        shown.append("\n" if number else "")
        quoted = line.startswith("> ")
        shown.append("▏ " if quoted else "", "dim")
        shown.append_text(_render_line(line[2:] if quoted else line, "dim" if quoted else ""))
    return shown


def _render_line(line: str, style: str) -> Text:
    shown, at = Text(style=style), 0
    for mark in MARKDOWN_STYLES.finditer(line):
        shown.append(line[at : mark.start()])
        kind = mark.lastgroup or ""
        shown.append(mark[kind], STYLES[kind])
        at = mark.end()
    return shown.append(line[at:])
