"""Commands: what a person tells the assistant to do at once, and how text is read as one."""

from __future__ import annotations

import re
from typing import Literal

import msgspec


class Command(msgspec.Struct, frozen=True):
    """A command. `duration_seconds`: for how long it holds, where it ends by itself; `answers`: what is
    answered in the room from now on."""

    action: Literal["mute", "unmute", "stop", "answers"]
    duration_seconds: float = 0.0
    answers: Literal["mentions", "thread", "all"] = "thread"


class IssuedCommand(msgspec.Struct, frozen=True, kw_only=True):
    """An order as it was given: in which chat and about which place, by whom, and when (epoch seconds)."""

    command: Command
    scope: str
    chat: str
    issued_by: str
    issued_at: float
    room: str = ""


UNLIMITED_MUTE_SECONDS = 10 * 365 * 24 * 3600.0
"""Seconds of a mute that names no time."""


UNIT_SECONDS = {"m": 60, "h": 3600, "d": 24 * 3600, "w": 7 * 24 * 3600}


MUTE_PATTERN = re.compile(
    r"mute(?:\s+(?:for\s+)?(\d{1,4})\s*(m|h|d|w)(?:in(?:ute)?s?|(?:ou)?rs?|ays?|eeks?)?)?"
)


ANSWERS_MESSAGES = {
    "mentions": "From now on I answer here who mentions me, and nobody else.",
    "thread": "From now on I answer here who mentions me, and what is said to me in my threads.",
    "all": "From now on I answer here everything that is not said to somebody else.",
}
"""Confirmations of what is answered in a room."""

ANSWER_MODES: dict[str, Literal["mentions", "thread", "all"]] = {
    "mentions": "mentions",
    "mentions only": "mentions",
    "thread": "thread",
    "threads": "thread",
    "all": "all",
    "everything": "all",
}

ANSWERS_PATTERN = re.compile(rf"answers?\s*[:=]?\s*({'|'.join(ANSWER_MODES)})")


def parse_command(text: str) -> Command | None:
    """The order that the text is, if it is nothing else: `mute`, `mute for 2 hours`, `unmute`, `stop`,
    `answers: mentions`."""
    words = text.strip().rstrip(".! ").lower()
    if words in ("unmute", "stop"):
        return Command("unmute" if words == "unmute" else "stop")
    if chosen := ANSWERS_PATTERN.fullmatch(words):
        return Command("answers", answers=ANSWER_MODES[chosen[1]])
    muted = MUTE_PATTERN.fullmatch(words)
    if not muted:
        return None
    number, unit = muted.groups()
    return Command("mute", int(number) * UNIT_SECONDS[unit] if number else UNLIMITED_MUTE_SECONDS)
