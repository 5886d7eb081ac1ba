"""How much of a text that still grows can be shown. What was read once is not read again."""

from __future__ import annotations

import re
from bisect import bisect_left

from repartee.channels.markup.source import (
    CODE_FENCE,
    HALF_LINK,
    MAX_HELD_BACK_CHARS,
    CodeEnd,
    Open,
    Reader,
    find_code_end,
)

HALF_FENCE = re.compile(r"[ \t]*(`{1,2}|~{1,2}|`{3,}[^`\n]*|~{3,}[^\n]*)$")
"""The last line, as long as it may become a fence."""

HALF_PING = re.compile(r"<(?:[!@#]\w*)?$")
"""Text that may become a mention, in code too."""

UNFINISHED_LINK = re.compile(HALF_LINK)

UNFINISHED_WORD = re.compile(
    r"(?<!\]\()(?:h|ht|htt|https?:?/?|https?://\S*)\Z|<(?:[!@#]\w*)?\Z|(?<![^\W_])@\w*\Z"
)
"""An address or a name whose end is still to come."""

WORD_SPACE = " \t\n"

MARKS = "*_~`\\!"
"""Marks that may become longer, and are one or none by what comes behind them."""

MAX_MARK_CHARS = 16
"""Characters of a mark that are held back with what they mark."""

MAX_LOOKS = 8
"""How often it is looked whether something in front of what is held back must be held back too."""


class StablePrefix:
    """How much of one text that grows can be shown. What could be shown once can be shown from then on."""

    def __init__(self) -> None:
        self._length = 0
        self._fences, self._code = Fences(), _Code()

    def length_of(self, text: str) -> int:
        """Returns how much of the text, which went on, can be shown: not the beginning of a link, a fence or
        code."""
        self._length = max(self._length, self._settled_length(text))
        return self._length

    def _settled_length(self, text: str) -> int:
        line = text.rfind("\n") + 1
        if fence := HALF_FENCE.match(text, line):
            text = text[: fence.start(1)]
        opened, ended = self._fences.read(text)
        if opened:
            half = HALF_PING.search(text, max(line, len(text) - MAX_HELD_BACK_CHARS))
            return half.start() if half else len(text)
        self._code.read(text, ended)
        return self._behind_code(text, self._held_back(text, line))

    def _held_back(self, text: str, line: int) -> int:
        """Returns where what must be held back begins; `line` is where the last line does."""
        held, end = max(0, len(text) - MAX_HELD_BACK_CHARS), len(text)
        line = text.rfind("\n", 0, max(0, line - 1)) + 1  # a link may go on in the next line
        for _ in range(MAX_LOOKS):
            before, end = end, self._held_back_once(text, end, max(line, held), held)
            if end == before or end <= held:
                break
            line = min(line, text.rfind("\n", 0, end) + 1)
        else:
            end = held
        return end if end > held - MAX_MARK_CHARS else held

    def _held_back_once(self, text: str, end: int, line: int, held: int) -> int:
        """Returns the same, held back once; what is in front of it may have to be as well."""
        half = self._find_half(text, line, end)
        end = half.start() if half else end
        while end > held and text[end - 1] in MARKS:
            end -= 1
        code = self._code.around(end)
        return code.start if code and code.start >= held else end

    def _find_half(self, text: str, line: int, end: int) -> re.Match[str] | None:
        """Returns the unfinished link or address at the end that does not begin in code that has ended."""
        half = find_half(text, line, end)
        for _ in range(MAX_LOOKS):
            code = self._code.around(half.start()) if half else None
            code_end = find_code_end(text, code.start + len(code.mark), code.mark) if code else None
            if code_end is None or code_end > end:
                break
            half = find_half(text, code_end, end)
        return half

    def _behind_code(self, text: str, end: int) -> int:
        """Returns the same, behind code that is too long to be held back, and whose end has come: what stands
        in it is escaped in another way if its end is not shown."""
        code = self._code.around(end)
        return (find_code_end(text, code.start + len(code.mark), code.mark) or end) if code else end


def stable_prefix_length(text: str) -> int:
    """Returns how much of a text that still grows can be shown."""
    return StablePrefix().length_of(text)


def find_half(text: str, start: int, end: int) -> re.Match[str] | None:
    """Returns the link, the address or the name behind `start` that may go on behind `end`."""
    bracket = text.find("[", start, end)
    link = UNFINISHED_LINK.search(text, max(start, bracket - 1), end) if bracket >= 0 else None
    word = UNFINISHED_WORD.search(
        text, max(start, *(text.rfind(space, start, end) for space in WORD_SPACE)), end
    )
    return min(filter(None, (link, word)), key=re.Match.start, default=None)


class Fences:
    """The blocks of code in a text that grows: each line is read once."""

    def __init__(self) -> None:
        self._line, self._opened, self._mark, self._ended = 0, "", "", 0

    def read(self, text: str) -> tuple[str, int]:
        """Returns the line that opened the block of code in which the text ends, empty if it ends in none,
        and where the last block ended."""
        last = max(self._line, text.rfind("\n") + 1)
        for fence in CODE_FENCE.finditer(text, self._line, max(last - 1, self._line)):
            self._opened, self._mark, self._ended = self._behind(fence)
        self._line = last
        if half := CODE_FENCE.match(text, last):
            opened, _, ended = self._behind(half)
            return opened, ended
        return self._opened, self._ended

    def _behind(self, fence: re.Match[str]) -> tuple[str, str, int]:
        language = fence["language"].strip()
        if not self._opened:
            return fence["mark"] + language, fence["mark"], self._ended
        if not language and fence["mark"].startswith(self._mark):
            return "", "", fence.end()
        return self._opened, self._mark, self._ended


class _Code:
    """The code within the last lines of a text that grows, which is read from the last place on that nothing
    that comes can change."""

    def __init__(self) -> None:
        self._start = 0
        self._begins: list[int] = []
        self._ends: list[int] = []
        self._open: list[Open | None] = [None]

    def read(self, text: str, ended: int) -> None:
        """Reads a text, of which the last block of code ended there."""
        settled = max(0, len(text) - MAX_HELD_BACK_CHARS - MAX_MARK_CHARS)
        start = max(self._start, ended, text.rfind("\n\n", 0, settled) + 1)
        reader = Reader(text, CodeEnd.MAY_COME_NEAR, start)
        self._begins, self._ends, self._open = [], [], [None]
        if "`" not in text[start:]:
            return
        self._open = []
        for token in reader.tokens():
            begin, end = token.span()
            if begin < settled and not reader.code:
                self._start = begin
            self._begins.append(begin)
            self._ends.append(end)
            self._open.append(reader.code)
        self._open.append(reader.code)

    def around(self, end: int) -> Open | None:
        """Returns the code in which the text is not to be cut at `end`; None if it is in none."""
        at = bisect_left(self._begins, end)
        if at and self._open[at - 1] and self._ends[at - 1] > end:
            at -= 1
        return self._open[at]
