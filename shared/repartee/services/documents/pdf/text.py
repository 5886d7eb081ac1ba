"""Reads the text of a page in its order, and finds the tables in it."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from repartee.services.documents import markdown

MAX_PAGE_CHARACTERS = 40_000
"""Characters of a page that are looked at."""

HYPHEN = 0xFFFE
"""The character that PDFium writes for a hyphen at the end of a line."""

GAP_HEIGHTS = 1.2
"""Heights of a character that two cells are apart at least. Words are about 0.3 apart."""

ALIGNED_HEIGHTS = 0.2
"""The same where the next begins right under a cell of another line, and how exactly it must begin there."""

USUAL_HEIGHT = 10.0
"""The height of a character of which the page says none, in points."""

LEAST_ROWS = 2


SAME_LINE = 0.5
"""Heights that two characters of one line are apart from top to bottom at most."""

SMALL, RAISED = 0.8, 0.2
"""A character that is smaller by this, and stands higher by that share of the one before, is superscript."""


class Character(NamedTuple):
    """A character with its place on the page, in points from the left and the bottom."""

    text: str
    left: float
    right: float
    bottom: float
    height: float

    def is_superscript_of(self, before: Character) -> bool:
        """Tells whether the mark of a note, or a power, begins here."""
        raised = self.bottom - before.bottom > RAISED * before.height
        return self.text.isalnum() and self.height < SMALL * before.height and raised

    def goes_on(self, before: Character) -> bool:
        """Tells whether it stands in the same line, to the right, whatever PDFium says of a new line."""
        same = abs(self.bottom - before.bottom) < SAME_LINE * max(self.height, before.height)
        return same and self.left >= before.right - 1


class Cell(NamedTuple):
    """A piece of a line that stands apart from the next."""

    text: str
    left: float
    right: float


Line = Sequence[Cell]


def of_page(page: Any) -> str:
    """Returns the page's lines, as tables where they stand in columns."""
    textpage = page.get_textpage()
    try:
        lines = list(_lines(_characters(textpage)))
    finally:
        textpage.close()
    return "".join(_written(lines))


def unknown_share(text: str) -> float:
    """Returns the share of characters whose font does not tell what they are."""
    unknown = sum(one == "\ufffd" or "\ue000" <= one <= "\uf8ff" for one in text)
    return unknown / max(1, len(text.strip()))


def _characters(textpage: Any) -> Iterator[Character]:
    from pypdfium2 import raw

    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    loose = raw.FS_RECTF()
    for place in range(min(textpage.count_chars(), MAX_PAGE_CHARACTERS)):
        code = raw.FPDFText_GetUnicode(textpage.raw, place)
        boxed = raw.FPDFText_GetCharBox(textpage.raw, place, left, right, bottom, top)
        raw.FPDFText_GetLooseCharBox(textpage.raw, place, loose)
        height = abs(loose.top - loose.bottom) or USUAL_HEIGHT
        sides = (left.value, right.value, bottom.value) if boxed else (0.0, 0.0, 0.0)
        yield Character("-" if code == HYPHEN else _character(code), *sides, height)


def _character(code: int) -> str:
    return chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"


def _lines(characters: Iterator[Character]) -> Iterator[list[Character]]:
    line: list[Character] = []
    ended = False
    for one in characters:
        if one.text in "\r\n":
            ended = True
            continue
        if ended and line and not one.goes_on(line[-1]):
            yield line
            line = []
        ended = False
        line.append(one)
    if line:
        yield line


def _cells(line: Sequence[Character], columns: Sequence[float] = ()) -> Line:
    """Splits a line where there is a gap that no space between words makes, and where one of the columns that
    are known from other lines begins."""
    cells: list[Cell] = []
    text, left, right = "", 0.0, 0.0
    before = line[0]
    for one in line:
        if not one.text.strip():
            text += one.text
            continue
        if text.strip() and _is_apart(one, right, columns):
            cells.append(Cell(text, left, right))
            text = ""
        if not text.strip():
            text, left = "", one.left
        mark = "^" if text.strip() and one.is_superscript_of(before) else ""
        text, right = text + mark + one.text, max(one.right, left)
        before = one
    return [*cells, Cell(text, left, right)] if text.strip() or not cells else cells


def _is_apart(one: Character, right: float, columns: Sequence[float]) -> bool:
    near = ALIGNED_HEIGHTS * one.height
    under = any(abs(one.left - column) < near for column in columns)
    return one.left - right > (near if under else GAP_HEIGHTS * one.height)


def _written(lines: Sequence[Sequence[Character]]) -> Iterator[str]:
    cells = [_cells(line) for line in lines]
    at = 0
    while at < len(lines):
        end = at
        while end < len(lines) and len(cells[end]) > 1:
            end += 1
        rows = _rows(lines[at:end], cells[at:end]) if end - at >= LEAST_ROWS else []
        if rows:
            yield f"\n{markdown.table(rows)}\n"
        else:
            end = max(end, at + 1)
            yield from (f"{_plain(line)}\n" for line in cells[at:end])
        at = end


def _plain(line: Line) -> str:
    return "  ".join(cell.text.strip() for cell in line)


def _rows(lines: Sequence[Sequence[Character]], cells: Sequence[Line]) -> list[list[str]]:
    """Returns the lines as rows of a table; nothing if their cells do not stand under one another."""
    columns = _columns(cells)
    lefts = [cell.left for line in cells for cell in line]
    rows = []
    for line in lines:
        row = [""] * len(columns)
        for cell in _cells(line, lefts):
            place = _column(cell, columns)
            if place < 0 or row[place]:
                return []
            row[place] = cell.text
        rows.append(row)
    return rows


def _columns(cells: Sequence[Line]) -> Line:
    """Returns the columns: the cells of the line that has most, as wide as what stands under them alone."""
    most = max(map(len, cells))
    columns = list(next(line for line in cells if len(line) == most))
    for cell in (cell for line in cells for cell in line):
        under = [
            place for place, one in enumerate(columns) if cell.left < one.right and one.left < cell.right
        ]
        if len(under) == 1:
            one = columns[under[0]]
            columns[under[0]] = Cell(one.text, min(one.left, cell.left), max(one.right, cell.right))
    return columns


def _column(cell: Cell, columns: Line) -> int:
    """Returns the column that a cell stands in: the one that it shares most of its width with, or nearly
    meets."""
    apart = [max(one.left - cell.right, cell.left - one.right) for one in columns]
    nearest = min(range(len(columns)), key=lambda place: apart[place])
    return nearest if apart[nearest] < 3 * (cell.right - cell.left) + 10 else -1
