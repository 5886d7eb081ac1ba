"""Markdown that still grows, and Markdown that is too long for one message."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import takewhile

import msgspec

CODE_FENCE = re.compile(r" {0,3}(`{3,7}|~{3,7})([^`\n]*)$", re.MULTILINE)
"""A line that opens or closes a block of code."""

HALF_FENCE = re.compile(r" {0,3}(`{1,2}|~{1,2}|(`{3,}|~{3,})[^`\n]*)$")
"""The last line, as long as it may become such a line."""

HALF_LINK = re.compile(r"!?\[[^\]\n]*(\]?|\]\([^)\n]*)$|(?<!\]\()https?://\S*$|<$")
"""A link, an address or a bracket whose end is still to come."""

DELIMITER = re.compile(r"\|(\s*:?-+:?\s*\|)+\s*")
"""The line below a table's header."""

MAX_HELD_BACK_CHARS = 400
"""Characters that are held back at the most: whoever writes `[` may never mean a link."""

WINDOW = 500
"""Characters before a message's limit in which a line's end ends the message."""


CLOSING = 8
"""Characters that are kept free for the end of a block of code."""


class TextPart(msgspec.Struct, frozen=True):
    """What one message holds, and where in the whole text it ends."""

    text: str
    end: int


def stable_prefix_length(text: str) -> int:
    """How much of a text that still grows can be shown: not the beginning of a link or a fence."""
    line = text.rfind("\n") + 1
    if fence := HALF_FENCE.match(text, line):
        return fence.start(1)
    if find_open_fence(text):
        return len(text) - text.endswith("<")
    half = HALF_LINK.search(text, max(line, len(text) - MAX_HELD_BACK_CHARS))
    return half.start() if half else len(text)


def split_markdown(text: str, limit: int, *, final: bool = True) -> Iterator[TextPart]:
    """The text in messages of at most `limit` characters, at least one. Code that goes on in the next message
    is closed in one and opened again in the other; a table that does has its header again.

    A message ends at the first line's end near its limit, so that what was shown of a growing text is never
    taken back; unless `final`, what may come to stand in the next message is not in the last.
    """
    start, opening = 0, ""
    while True:
        room = limit - len(opening) - CLOSING
        soft = room - min(WINDOW, room // 4)
        rest = text[start:]
        if len(rest) <= soft:
            break
        cut = _cut(rest, soft, room)
        if cut is None:
            rest = rest if final else rest[:soft]
            break
        held = opening + rest[:cut]
        fence = find_open_fence(held)
        yield TextPart(_closed(held, fence), start + cut)
        header = "" if fence else _open_table(held, rest[cut:], limit // 4)
        start, opening = start + cut, f"{fence or header}\n" if fence or header else ""
    yield TextPart(opening + rest, start + len(rest))


def _cut(rest: str, soft: int, room: int) -> int | None:
    """Where a message ends that cannot hold the rest; None if it may."""
    line = rest.find("\n", soft, room)
    if 0 <= line < len(rest) - 1:
        return line + 1
    if len(rest) <= room:
        return None
    space = rest.rfind(" ", soft, room)
    return space + 1 if space > 0 else room


def _closed(text: str, fence: str) -> str:
    """The text, with the end of the block of code that is open in it."""
    if not fence:
        return text
    mark = fence[: len(fence) - len(fence.lstrip("`~"))]
    return f"{text}{mark}" if text.endswith("\n") else f"{text}\n{mark}"


def find_open_fence(text: str) -> str:
    """The line that opened the block of code in which the text ends, empty if it ends in none."""
    opened = ""
    for found in CODE_FENCE.finditer(text):
        mark, language = found.groups()
        if not opened:
            opened = mark + language.strip()
        elif not language.strip() and mark.startswith(opened[: len(opened) - len(opened.lstrip("`~"))]):
            opened = ""
    return opened


def _open_table(held: str, after: str, longest: int) -> str:
    """The header of the table that goes on after the text, empty if none does, or if it is too long."""
    if not after.startswith("|"):
        return ""
    rows = list(takewhile(lambda line: line.startswith("|"), reversed(held.splitlines())))
    if len(rows) < 2 or not DELIMITER.fullmatch(rows[-2]):
        return ""
    header = f"{rows[-1]}\n{rows[-2]}"
    return header if len(header) <= longest else ""
