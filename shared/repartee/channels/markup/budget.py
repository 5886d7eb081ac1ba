"""The cost of reading a text as Markdown, and the sections that cost too much and are shown as written.

A parser in Python takes a few microseconds for each mark. A reply has one in ten or twenty characters; a text
where every second character is one would take many times as long as the same number of words, and so would a
table whose header has more columns than its rows have characters. Such a section becomes a block of code, in
which each character is there and none is a mark. What surrounds it is read as ever.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from repartee.channels.markup.simple import LIST_ITEM, MARKED
from repartee.channels.markup.simple_table import TABLE_ROW
from repartee.channels.markup.source import CODE_FENCE

MICROSECONDS_PER_CHAR = 1.8
"""Microseconds that a character may cost. A list, a table or a row of short chapters may cost as much."""

ALWAYS_ALLOWED_MICROSECONDS = 2000.0
"""Microseconds that a text may cost however short it is, so that a short list or table is one."""

CHAR, SECTION, CODE_BLOCK, FORM = 0.12, 40.0, 12.0, 12.5
"""Microseconds of a character, a section, a block of code, and a form that `simple` reads."""

LINE, EMPTY_LINE, ITEM, ROW, COLUMN = 5.0, 3.0, 6.0, 6.0, 3.5
"""Microseconds of a line, an empty one, an item and a row that are read as simple ones, and of its cells."""

BLOCK_MARK_COST, CELL_COST = 9.0, 20.0
"""Microseconds of what may begin a quote, an item or a heading, and of a cell, where they are not simple."""

MARKS = {
    "*": 7.0,
    "_": 7.0,
    "~": 7.0,
    "[": 4.5,
    "]": 3.5,
    "`": 7.0,
    "<": 14.0,
    "](": 28.0,
    "&": 3.0,
    "\\": 3.0,
    "!": 0.5,
}
"""Microseconds of what may be a mark."""

BLOCK_MARK = re.compile(
    r"^[ \t]*(?:[-+*#>=]|\d+[.)])|(?<=[-+*.)>] )(?:[-+*>]|\d[.)])(?=[ \n])|(?<=>)>", re.MULTILINE
)
"""The mark of an item, a quote or a heading, also behind another one."""

EMPTY_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)*\n")


class ReadableSection(NamedTuple):
    """A part of a text, and whether it is shown as it was written."""

    text: str
    is_verbatim: bool


def readable_parts(text: str) -> list[ReadableSection]:
    """The text, or if reading it costs too much, its sections."""
    if _is_cheap(text) or _cost(text) <= max(ALWAYS_ALLOWED_MICROSECONDS, len(text) * MICROSECONDS_PER_CHAR):
        return [ReadableSection(text, False)]
    parts: list[ReadableSection] = []
    for is_verbatim, sections in groupby(_judged(text), key=lambda section: section.is_verbatim):
        parts.append(ReadableSection("".join(section.text for section in sections), is_verbatim))
    return parts


def _is_cheap(text: str) -> bool:
    """Whether the text has so few marks that they need not be looked at: almost all replies."""
    marks = sum(map(text.count, "*_~[]`<&\\|>#")) + text.count("\n") + text.count("\r")
    return marks * CELL_COST <= max(ALWAYS_ALLOWED_MICROSECONDS, len(text) * MICROSECONDS_PER_CHAR)


def _judged(text: str) -> Iterator[ReadableSection]:
    """Each section, and whether it is too costly."""
    for section, is_code in _sections(text):
        allowed = len(section) * MICROSECONDS_PER_CHAR - SECTION
        yield ReadableSection(section, allowed < 0 or (not is_code and _cost(section) > allowed))


def _sections(text: str) -> Iterator[tuple[str, bool]]:
    """The blocks of code, and what stands between empty lines around them."""
    start, opened = 0, ""
    for fence in CODE_FENCE.finditer(text):
        if not opened:
            yield from _between_empty_lines(text[start : fence.start()])
            start, opened = fence.start(), fence["mark"]
        elif not fence["language"].strip() and fence["mark"].startswith(opened):
            yield text[start : fence.end()], True
            start, opened = fence.end(), ""
    if opened:
        yield text[start:], True
    else:
        yield from _between_empty_lines(text[start:])


def _between_empty_lines(text: str) -> Iterator[tuple[str, bool]]:
    start = 0
    for empty in EMPTY_LINES.finditer(text):
        yield text[start : empty.end()], False
        start = empty.end()
    if start < len(text):
        yield text[start:], False


def _cost(text: str) -> float:
    """About how many microseconds it takes to read the text, and to write it in a dialect."""
    sections = list(_sections(text)) if "```" in text or "~~~" in text else [(text, False)]
    code = sum(is_code for _, is_code in sections)
    cost = len(text) * CHAR + code * CODE_BLOCK
    text = "\n\n".join(section for section, is_code in sections if not is_code).replace("\r", "\n")
    marked, forms = MARKED.subn("", text)
    marks = sum(marked.count(mark) * cost for mark, cost in MARKS.items())
    blocks = sum(map(_block_cost, EMPTY_LINES.split(text)))
    return cost + forms * FORM + marks + text.count("\n") * EMPTY_LINE + blocks


def _block_cost(block: str) -> float:
    """The cost of a block beside that of the marks in its text."""
    lines = block.strip("\n").split("\n")
    whole = lines[:-1] or lines  # of the last line more may be to come
    if all(map(LIST_ITEM.match, whole)):
        return len(lines) * ITEM
    cells = [line.count("|") for line in lines]
    widest = max(cells)
    if widest and set(cells[: len(whole)]) == {widest} and all(map(TABLE_ROW.match, whole)):
        return len(lines) * (ROW + widest * COLUMN)
    tables = widest * sum(map(bool, cells)) * CELL_COST if widest > 1 or len(lines) > 1 else 0.0
    return len(lines) * LINE + len(BLOCK_MARK.findall(block)) * BLOCK_MARK_COST + tables
