"""Markdown that still grows, and Markdown that is too long for one message."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import takewhile
from types import MappingProxyType

import msgspec

from repartee.channels.markup.graphemes import boundary
from repartee.channels.markup.source import (
    CODE_FENCE,
    MAX_HELD_BACK_CHARS,
    CodeEnd,
    Open,
    Reader,
    Span,
    find_code_end,
)

__all__ = [
    "CODE_FENCE",
    "MAX_HELD_BACK_CHARS",
    "StablePrefix",
    "TextPart",
    "find_open_fence",
    "split_markdown",
    "stable_prefix_length",
]

HALF_FENCE = re.compile(r"[ \t]*(`{1,2}|~{1,2}|`{3,}[^`\n]*|~{3,}[^\n]*)$")
"""The last line, as long as it may become a fence."""

HALF_PING = re.compile(r"<(?:[!@#]\w*)?$")
"""Text that may become a mention, in code too."""

HALF = re.compile(
    r"!?\[[^\[\]\n]*(?:\]?|\](?:\(|\((?:<[^<>\n]*>?|(?:[^\s()<>]|\([^\s()]*\)?)*)(?:[ ]\"[^\"\n]*\"?)?))$"
    r"|(?<!\]\()(?:h|ht|htt|https?:?/?|https?://\S*)$|<(?:[!@#]\w*)?$|(?<![^\W_])@\w*$"
)
"""A link, an address or a name whose end is still to come."""

MARKS = "*_~`\\!"
"""Marks that may become longer, and are one or none by what comes behind them."""

DELIMITER = re.compile(r"\|(\s*:?-+:?\s*\|)+\s*")
"""The line below a table's header."""

MAX_MARK = 16
"""Characters of a mark that are held back with what they mark."""

MAX_LOOKS = 8
"""How often it is looked whether something in front of what is held back must be held back too."""

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


class StablePrefix:
    """How much of one text that grows can be shown. What could be shown once can be shown from then on."""

    def __init__(self) -> None:
        self._length = 0

    def length_of(self, text: str) -> int:
        """Returns the same as `stable_prefix_length`, and never less than before."""
        self._length = max(self._length, stable_prefix_length(text))
        return self._length


def stable_prefix_length(text: str) -> int:
    """How much of a text that still grows can be shown: not the beginning of a link, a fence or code."""
    line = text.rfind("\n") + 1
    if fence := HALF_FENCE.match(text, line):
        text = text[: fence.start(1)]
    opened, ended = _fences(text)
    if opened:
        half = HALF_PING.search(text, max(line, len(text) - MAX_HELD_BACK_CHARS))
        return half.start() if half else len(text)
    held = max(0, len(text) - MAX_HELD_BACK_CHARS)
    end = len(text)
    for _ in range(MAX_LOOKS):
        before, end = end, _settled(text, end, max(line, held), ended, held)
        if end == before or end <= held:
            break
        line = min(line, text.rfind("\n", 0, end) + 1)
    else:
        end = held
    return _behind_code(text, end if end > held - MAX_MARK else held, ended)


def _settled(text: str, end: int, line: int, ended: int, held: int) -> int:
    """The same, held back once; what is in front of what is held back may have to be as well. Behind `ended`
    there is no block of code."""
    half = _find_half(text, line, end, ended)
    end = len(text[: half.start() if half else end].rstrip(MARKS))
    start, _ = _code_around(text, end, ended)
    return start if start >= held else end


def _find_half(text: str, line: int, end: int, ended: int) -> re.Match[str] | None:
    """Returns the unfinished link or address at the end that does not begin in code that has ended."""
    half = HALF.search(text, line, end)
    for _ in range(MAX_LOOKS):
        start, mark = _code_around(text, half.start(), ended) if half else (-1, "")
        code_end = find_code_end(text, start + len(mark), mark) if start >= 0 else None
        if code_end is None or code_end > end:
            break
        half = HALF.search(text, code_end, end)
    return half


def _behind_code(text: str, end: int, ended: int) -> int:
    """The same, behind code that is too long to be held back, and whose end has come: what stands in it is
    escaped in another way if its end is not shown."""
    start, mark = _code_around(text, end, ended)
    return end if start < 0 else find_code_end(text, start + len(mark), mark) or end


def _code_around(text: str, end: int, ended: int) -> tuple[int, str]:
    """Where code begins in which the text is not to be cut at `end`, and its mark; -1 if it is in none."""
    paragraph = max(text.rfind("\n\n", 0, end) + 1, ended)
    if "`" not in text[paragraph:end]:
        return -1, ""
    code = Reader(text[paragraph:], CodeEnd.MAY_COME_NEAR).up_to(end - paragraph).code
    return (paragraph + code.start, code.mark) if code else (-1, "")


def split_markdown(
    text: str, limit: int, *, final: bool = True, heavy: Mapping[str, int] = PLAIN
) -> Iterator[TextPart]:
    """The text in messages of at most `limit` characters, at least one. Code and bold words that go on in the
    next message are closed in one and opened again in the other; a table that does has its header again.

    A message ends at the first line's end near its limit that is in no link, code or bold words, so that what
    was shown of a growing text is never taken back; unless `final`, what may come to stand in the next one is
    not in the last. `heavy` are characters that take more than one of the limit, and how many more.
    """
    start, opening = 0, ""
    while True:
        room = limit - len(opening) - CLOSING
        end = max(boundary(text, _reach(text, start, room, heavy)), start + 1)
        soft = _reach(text, start, room - min(WINDOW, room // 4), heavy)
        if len(text) <= soft:
            break
        held = opening + text[start:end]
        cut = _cut(held, len(opening) + soft - start, more=len(text) > end)
        if cut is None:
            text = text if final else text[: _visible(text[:soft], start)]
            break
        held, before, start = held[:cut], start, start + cut - len(opening)
        left = Reader(held).to_end().left
        yield TextPart(_defined(_closed(held, left), first=before == 0), start)
        header = "" if left else _open_table(held, text[start : start + 1], limit // 4)
        opening = left.again if left else f"{header}\n" if header else ""
    yield TextPart(_defined(opening + text[start:], first=start == 0), len(text))


def _defined(text: str, *, first: bool) -> str:
    """A message's text, in which definitions for links of earlier messages are seen: the links cannot be
    followed there, and their addresses would be lost."""
    if first or "]:" not in text:
        return text

    def seen(found: re.Match[str]) -> str:
        used = f"[{found['label']}]" in text[: found.start()]
        return found[0] if used or find_open_fence(text[: found.start()]) else found[0].replace("[", "\\[", 1)

    return DEFINITION.sub(seen, text, count=MAX_DEFINITIONS)


def _visible(text: str, start: int) -> int:
    """How much can be shown of a message that begins at `start` and may not go on."""
    end = stable_prefix_length(text)
    return end if end > start else len(text)


def _reach(text: str, start: int, room: int, heavy: Mapping[str, int]) -> int:
    """Where a message ends that begins at `start` and has this room."""
    end = start + room
    if heavy:
        for at in range(start, min(end, len(text))):
            if at >= end:
                break
            if extra := heavy.get(text[at], heavy.get("", 0) if text[at] > "\uffff" else 0):
                end -= extra
    return max(end, start + 1)


def _cut(held: str, soft: int, *, more: bool) -> int | None:
    """Where a message ends that cannot hold the rest; None if it may. `held` is what it could hold, of which
    the first `soft` characters may be visible already; `more` tells whether anything follows."""
    spans = Reader(held).to_end().spans
    if half := HALF.search(held, max(soft, len(held) - MAX_HELD_BACK_CHARS)):
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
    """The line that opened the block of code in which the text ends, empty if it ends in none."""
    return _fences(text)[0]


def _fences(text: str) -> tuple[str, int]:
    """The same, and where the last block of code ended."""
    opened, mark, ended = "", "", 0
    for found in CODE_FENCE.finditer(text):
        language = found["language"].strip()
        if not opened:
            opened, mark = found["mark"] + language, found["mark"]
        elif not language and found["mark"].startswith(mark):
            opened, ended = "", found.end()
    return opened, ended


def _open_table(held: str, after: str, longest: int) -> str:
    """The header of the table that goes on after the text, empty if none does, or if it is too long."""
    if not after.startswith("|"):
        return ""
    rows = list(takewhile(lambda line: line.startswith("|"), reversed(held.splitlines())))
    if len(rows) < 2 or not DELIMITER.fullmatch(rows[-2]):
        return ""
    header = f"{rows[-1]}\n{rows[-2]}"
    return header if len(header) <= longest else ""
