"""The reply as it becomes visible: what a channel must be able to do, and what is kept of it meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import msgspec

from repartee.conversation.message import Message


class Shown(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How far a reply is visible. `since` is when the intent to send was written, 0 if it was not.

    `ids` are the platform's ids of what was sent (Slack: `ts`), empty as long as no answer came back.
    """

    since: float = 0.0
    ids: dict[str, str] = {}
    text: str = ""


Keep = Callable[[dict[str, str], str], None]
"""Notes the platform's ids and the text that is visible, so that another worker can go on with it."""


class Reply(Protocol):
    """One reply on its way into a chat. Raises `BackendError` when the platform does not take it."""

    text: str
    """All that was added so far, visible or not."""

    @property
    def begun(self) -> bool:
        """Whether anything of it may be visible."""

    def add(self, text: str, *, send: bool = True) -> None:
        """Adds to the reply, and shows it as soon as the platform's pace allows, or later if not `send`."""

    def finish(self) -> None:
        """Shows the whole text, and that it is complete."""

    def cut(self, note: str) -> None:
        """Ends the reply early: with what is visible, and the note."""


class Replies(Protocol):
    """A channel's sending side."""

    def sign(self, message: Message) -> None:
        """Shows that the assistant is at work on it, until the reply begins."""

    def open(self, message: Message, turn: str, shown: Shown, keep: Keep) -> Reply:
        """A reply to the message. With something `shown` already by an earlier attempt of the turn, it is
        that reply which goes on, and its text is replaced."""
