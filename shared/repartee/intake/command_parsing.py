"""Reads a text as a command, if it is one beyond doubt: in ten languages, with courtesy, a name and a time.

What only speaks of commands, or is more than one, is none: the model answers it. Being wrong about that costs
the person an answer, while a command that is missed is still understood by the model.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, tzinfo
from functools import cache
from typing import Literal

from repartee.domain.command import UNLIMITED_MUTE_SECONDS, Command
from repartee.intake.command_times import parse_mute_end
from repartee.language import command_words as words
from repartee.language.folding import fold, fold_line, is_spaceless

MAX_COMMAND_CHARS = 100
"""Characters. No command is longer."""

NO_COMMAND_MARKS = frozenset('?\n\r"“”„«»「」>')
"""Marks of questions, quotations and several lines."""


ANSWER_MODES: dict[str, Literal["mentions", "thread", "all"]] = {
    "mentions": "mentions",
    "mentions only": "mentions",
    "thread": "thread",
    "threads": "thread",
    "all": "all",
    "everything": "all",
}
"""How a person says what is answered in a room."""

ANSWERS_PATTERN = re.compile(rf"answers?\s*[:=]?\s*({'|'.join(ANSWER_MODES)})")


def parse_command(
    text: str, *, sent: float = 0.0, timezone: tzinfo | None = None, names: Iterable[str] = ()
) -> Command | None:
    """Returns the command that the whole text is, or None.

    `sent` is when it was sent (epoch seconds) and `timezone` the sender's, UTC if it is not known: they
    decide how long "until tomorrow 9" is. `names` are the assistant's own, beside those it has everywhere.
    """
    text = text.strip()
    if len(text) > MAX_COMMAND_CHARS or not NO_COMMAND_MARKS.isdisjoint(fold(text)):
        return None
    called = _remove_name(fold_line(text.removeprefix("/")), names)
    asked = _remove_phrases(called, _phrases(words.PLEASE_WORDS))
    bare = _remove_phrases(asked, _phrases(words.FILLERS))
    simple = _actions().get(called) or _actions().get(bare)
    if simple:
        return Command(simple, UNLIMITED_MUTE_SECONDS if simple == "mute" else 0.0)  # type: ignore[arg-type]
    if chosen := ANSWERS_PATTERN.fullmatch(bare):
        return Command("answers", answers=ANSWER_MODES[chosen[1]])
    if asked != called or text.endswith("!"):
        if bare in _phrases(words.HALT_WORDS):
            return Command("stop")
        if bare in _phrases(words.QUIET_WORDS):
            return Command("mute", UNLIMITED_MUTE_SECONDS)
    return _parse_timed_mute(bare, datetime.fromtimestamp(sent, timezone or UTC))


def _parse_timed_mute(line: str, now: datetime) -> Command | None:
    """Returns the mute that the line is with a time before or behind it."""
    for time in _times_beside_mute(line):
        if end := parse_mute_end(time, now):
            seconds = min(end.moment.timestamp() - now.timestamp(), UNLIMITED_MUTE_SECONDS)
            return Command("mute", seconds, is_local_time=end.is_local_time)
    return None


def _times_beside_mute(line: str) -> Iterator[str]:
    blank = "" if is_spaceless(line) else " "
    for phrase in _mute_phrases():
        if line.startswith(phrase + blank):
            yield line[len(phrase) :].strip()
        if line.endswith(blank + phrase):
            yield line[: -len(phrase)].strip()


def _remove_name(line: str, names: Iterable[str]) -> str:
    """The line without the assistant's name in front: its own, or any that ends in "bot" as Telegram's do."""
    known = _phrases(words.NAMES) | {fold(name).lstrip("@") for name in names if name}
    for courtesy in ("", *_phrases(words.FILLERS)):
        rest = line.removeprefix(courtesy).lstrip()
        first, _, more = rest.partition(" ")
        first = first.lstrip("@").rstrip(":,")
        if more and (first in known or (first.endswith("bot") and first.isascii())):
            return more
    return line


def _remove_phrases(line: str, phrases: frozenset[str]) -> str:
    """The line without these words, wherever they stand; in scripts without blanks, at its ends."""
    if is_spaceless(line):
        return _strip_phrases(line, phrases)
    padded = f" {line} "
    for phrase in _longest_first(phrases):
        padded = padded.replace(f" {phrase} ", " ")
    return padded.strip()


def _strip_phrases(line: str, phrases: frozenset[str]) -> str:
    for phrase in _longest_first(phrases):
        if is_spaceless(phrase) and line != phrase and (line.startswith(phrase) or line.endswith(phrase)):
            return _strip_phrases(line.removeprefix(phrase).removesuffix(phrase), phrases)
    return line


@cache
def _phrases(lines: str) -> frozenset[str]:
    return frozenset(fold_line(one) for line in lines.split("\n") for one in line.split("|") if one)


@cache
def _actions() -> dict[str, str]:
    """Returns the action of each phrase."""
    return {
        phrase: action
        for action, lines in (
            ("stop", words.STOP_PHRASES),
            ("mute", words.MUTE_PHRASES),
            ("unmute", words.UNMUTE_PHRASES),
        )
        for phrase in _phrases(lines)
    }


@cache
def _mute_phrases() -> tuple[str, ...]:
    """The phrases beside which a time may stand, the longest first."""
    return _longest_first(_phrases(words.MUTE_PHRASES) | _phrases(words.QUIET_WORDS))


@cache
def _longest_first(phrases: frozenset[str]) -> tuple[str, ...]:
    return tuple(sorted(phrases, key=len, reverse=True))
