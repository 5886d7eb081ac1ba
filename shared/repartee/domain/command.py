"""Commands: what a person tells the assistant to do at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

import msgspec


class Command(msgspec.Struct, frozen=True):
    """A command. `duration_seconds`: for how long it holds, where it ends by itself; `is_local_time`: that
    depends on the person's time zone ("until tomorrow 9"); `answers`: what is answered in the room from now
    on."""

    action: Literal["mute", "unmute", "stop", "answers"]
    duration_seconds: float = 0.0
    is_local_time: bool = False
    answers: Literal["mentions", "thread", "all"] = "thread"


class IssuedCommand(msgspec.Struct, frozen=True, kw_only=True):
    """A command as it was given: in which chat and about which place, by whom, and when (epoch seconds).

    `text` is what was typed, to be read again once the person's time zone is known. `acknowledge` makes the
    platform's answer to it, from the command and what is known about the person.
    """

    command: Command
    scope: str
    chat: str
    issued_by: str
    issued_at: float
    text: str = ""
    acknowledge: Callable[[IssuedCommand, Mapping[str, str]], str] | None = None
    room: str = ""


UNLIMITED_MUTE_SECONDS = 10 * 365 * 24 * 3600.0
"""Seconds of a mute that names no time."""
