"""Markdown that still grows, and Markdown that is too long for one message."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import takewhile
from types import MappingProxyType

import msgspec

from repartee.channels.markup.graphemes import boundary
from repartee.channels.markup.source import CODE_FENCE, MAX_HELD_BACK_CHARS, Open, Reader, Span
from repartee.channels.stable_prefix import Fences, StablePrefix, find_half, stable_prefix_length

__all__ = [
    "CODE_FENCE",
    "MAX_HELD_BACK_CHARS",
    "MessageSplitter",
    "StablePrefix",
    "TextPart",
    "find_open_fence",
    "split_markdown",
    "stable_prefix_length",
]

DELIMITER = re.compile(r"\|(\s*:?-+:?\s*\|)+\s*")
"""The line below a table's header."""

WINDOW = 500
"""Characters before a message's limit in which a line's end ends the message."""

CLOSING = 40
"""Characters that are kept free for the end of what is open where a message ends, and for definitions."""

MAX_DEFINITIONS = 20
"""Definitions that are shown in one message."""

DEFINITION = re.compile(r"^ {0,3}\[(?!\^)(?P<label>[^\[\]\n]{1,100})\]:", re.MULTILINE)
"""Where a link that stands elsewhere leads, as `[1]: https://…`: a line that nobody sees."""

LINE_END, WORD_END = re.compile(r"\n"), re.compile("[\\s。\uff01\uff1f\uff1b\uff0c、]")
"""Characters behind which a text is cut, if there are any."""

PLAIN: Mapping[str, int] = MappingProxyType({})


class TextPart(msgspec.Struct, frozen=True):
    """The text that one message holds, and where in the whole text it ends."""

    text: str
    end: int


class MessageSplitter:
    """Parts one text that grows. What was parted once is not parted again: it stays as it is."""

    def __init__(self, heavy: Mapping[str, int] = PLAIN) -> None:
        self._heavy = heavy
        self._limit, self._parted, self._opening = 0, "", ""
        self._parts: list[TextPart] = []

    def __call__(self, text: str, limit: int, *, final: bool = True) -> Iterator[TextPart]:
        """Yields the text in messages of at most `limit` characters, at least one. Code and bold words that
        go on in the next message are closed in one and opened again in the other; a table that does has its
        header again.

        A message ends at the first line's end near its limit that is in no link, code or bold words, so that
        what was shown of a growing text is never taken back; unless `final`, what may come to stand in the
        next one is not in the last. `heavy` are characters that take more than one of the limit, and how many
        more.
        """
        if limit != self._limit or not text.startswith(self._parted):
            self._limit, self._parted, self._opening, self._parts = limit, "", "", []
        yield from list(self._parts)
        while part := self._next_part(text, final=final):
            yield part
        start = len(self._parted)
        shown = text if final else text[: self._visible_end(text)]
        yield TextPart(_defined(self._opening + shown[start:], first=start == 0), len(shown))

    def _next_part(self, text: str, *, final: bool) -> TextPart | None:
        """Returns the next whole message, None if the rest is none."""
        start, opening, limit = len(self._parted), self._opening, self._limit
        room = limit - len(opening) - CLOSING
        soft = self._soft_end(text)
        if len(text) <= soft:
            return None
        end = max(boundary(text, _reach(text, start, room, self._heavy)), start + 1)
        held = opening + text[start:end]
        cut = _cut(held, len(opening) + soft - start, more=len(text) > end)
        if cut is None:
            return None
        held, end = held[:cut], start + cut - len(opening)
        left = Reader(held).to_end().left
        part = TextPart(_defined(_closed(held, left), first=start == 0), end)
        header = "" if left else _open_table(held, text[end : end + 1], limit // 4)
        self._opening = left.again if left else f"{header}\n" if header else ""
        self._parted = text[:end]
        self._parts.append(part)
        return part

    def _soft_end(self, text: str) -> int:
        """Returns where a line's end may end the message that begins behind those that are whole."""
        room = self._limit - len(self._opening) - CLOSING
        return _reach(text, len(self._parted), room - min(WINDOW, room // 4), self._heavy)

    def _visible_end(self, text: str) -> int:
        """Returns how much can be shown of the last message while the text may go on."""
        start, soft = len(self._parted), self._soft_end(text)
        if len(text) <= soft:
            return len(text)
        end = stable_prefix_length(text[:soft])
        return end if end > start else soft


def split_markdown(
    text: str, limit: int, *, final: bool = True, heavy: Mapping[str, int] = PLAIN
) -> Iterator[TextPart]:
    """Yields the text in messages, as `MessageSplitter` does."""
    return MessageSplitter(heavy)(text, limit, final=final)


def _defined(text: str, *, first: bool) -> str:
    """A message's text, in which definitions for links of earlier messages are seen: the links cannot be
    followed there, and their addresses would be lost."""
    if first or "]:" not in text:
        return text

    def seen(found: re.Match[str]) -> str:
        used = f"[{found['label']}]" in text[: found.start()]
        return found[0] if used or find_open_fence(text[: found.start()]) else found[0].replace("[", "\\[", 1)

    return DEFINITION.sub(seen, text, count=MAX_DEFINITIONS)


def _reach(text: str, start: int, room: int, heavy: Mapping[str, int]) -> int:
    """Where a message ends that begins at `start` and has this room."""
    end = start + room
    if heavy:
        astral = heavy.get("", 0)
        for found in _heavy_pattern(tuple(heavy)).finditer(text, start, end):
            if found.start() >= end:
                break
            end -= heavy.get(found[0], astral)
    return max(end, start + 1)


@cache
def _heavy_pattern(chars: tuple[str, ...]) -> re.Pattern[str]:
    """Returns what finds the characters; the empty name stands for those behind U+FFFF."""
    astral = "\U00010000-\U0010ffff" if "" in chars else ""
    return re.compile(f"[{astral}{re.escape(''.join(chars))}]")


def _cut(held: str, soft: int, *, more: bool) -> int | None:
    """Where a message ends that cannot hold the rest; None if it may. `held` is what it could hold, of which
    the first `soft` characters may be visible already; `more` tells whether anything follows."""
    spans = Reader(held).to_end().spans
    if half := find_half(held, max(soft, len(held) - MAX_HELD_BACK_CHARS), len(held)):
        spans.append(Span(half.start(), len(held) + 1, False))
    if lines := _free(spans, (at for at in _ends(held, LINE_END, soft) if more or at < len(held))):
        return lines[0]
    if not more:
        return None
    if free := _free(spans, _ends(held, WORD_END, soft)):
        return free[-1]
    at = len(held)
    span = next((span for span in spans if span.start < at < span.end), None)
    if span is None:
        return at
    if span.start > soft:
        return span.start
    return max(_ends(held, WORD_END, max(soft, span.start + CLOSING)), default=at) if span.splits else at


def _ends(held: str, pattern: re.Pattern[str], soft: int) -> Iterator[int]:
    return (found.end() for found in pattern.finditer(held, soft))


def _free(spans: Iterable[Span], places: Iterable[int]) -> list[int]:
    """The places, which come in their order, that are in no code, link or bold words."""
    waiting = sorted(spans, reverse=True)
    free, reach = [], 0
    for at in places:
        while waiting and waiting[-1].start < at:
            reach = max(reach, waiting.pop().end)
        if at >= reach:
            free.append(at)
    return free


def _closed(text: str, left: Open | None) -> str:
    """The text, with the end of what is open in it."""
    if left is None:
        return text
    if not left.is_fence:
        return text.rstrip() + left.mark
    return f"{text}{left.mark}" if text.endswith("\n") else f"{text}\n{left.mark}"


def find_open_fence(text: str) -> str:
    """Returns the line that opened the block of code in which the text ends, empty if it ends in none."""
    return Fences().read(text)[0]


def _open_table(held: str, after: str, longest: int) -> str:
    """The header of the table that goes on after the text, empty if none does, or if it is too long."""
    if not after.startswith("|"):
        return ""
    rows = list(takewhile(lambda line: line.startswith("|"), reversed(held.splitlines())))
    if len(rows) < 2 or not DELIMITER.fullmatch(rows[-2]):
        return ""
    header = f"{rows[-1]}\n{rows[-2]}"
    return header if len(header) <= longest else ""
