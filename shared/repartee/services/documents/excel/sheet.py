"""Reads the rows of one sheet."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from repartee.services.documents.archive import Archive, Element, attribute, children
from repartee.services.documents.excel.cells import Cells
from repartee.services.documents.extract import MAX_CHARACTERS, Extract

MAX_ROWS, MAX_COLUMNS = 2_000, 60
MAX_MERGED = 2_000
"""Merged ranges of a sheet that are looked at."""

MAX_NAMED = 20
"""Rows, columns and cells that a remark names."""

SCANNED_BYTES = 32 * 2**20
"""Bytes of a sheet that are searched for merged cells, which its XML tells after the cells."""

MERGED = re.compile(rb'<(?:\w+:)?mergeCell [^>]*ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
COLUMN, PAIR = re.compile(rb"<(?:\w+:)?col ([^>]*)/?>"), re.compile(r'(\w+)="(\w*)"')
PLACE = re.compile(r"([A-Z]{1,3})(\d{1,7})")

Rows = list[list[str]]


class Merged(NamedTuple):
    """A range of cells that shows one value, counted from 1."""

    left: int
    top: int
    right: int
    bottom: int


class Sheet:
    """One sheet. `remarks` are known when its tables were read."""

    def __init__(self, archive: Archive, part: str, cells: Cells) -> None:
        self._archive, self._part, self._cells = archive, part, cells
        self._merged = _merged(archive, part)
        self._values: dict[Merged, str] = {}
        self._hidden_rows: list[str] = []
        self._uncomputed: list[str] = []
        self._left_out: list[str] = []

    def tables(self, into: Extract) -> Iterator[Rows]:
        """Yields the rows up to each empty one. Says in `into` whether there are more than are read."""
        rows, count, characters, before = Rows(), 0, 0, 0
        for row in self._archive.blocks(self._part, "sheetData"):
            number = _number(attribute(row, "r"), before + 1)
            if count >= MAX_ROWS or characters > MAX_CHARACTERS or into.late():
                self._leave_out(f"rows from {number} on", into)
                break
            line = self._line(row, number, into)
            if rows and (number > before + 1 or not any(line)):
                yield rows
                rows = []
            if any(line):
                rows.append(line)
                count += 1
            before, characters = number, characters + sum(map(len, line))
        yield rows

    def remarks(self) -> Iterator[str]:
        """Yields what a reader of the tables has to know besides."""
        for left_out in dict.fromkeys(self._left_out):
            yield f"{left_out} are not read"
        if self._uncomputed:
            yield (
                "not computed: the file holds no values for the formulas in "
                f"{_listed(self._uncomputed)}, which are shown as formulas"
            )
        if self._hidden_rows:
            yield f"hidden rows, shown here: {_listed(self._hidden_rows)}"
        if hidden := list(_hidden_columns(next(self._archive.chunks(self._part), b""))):
            yield f"hidden columns, shown here: {_listed(hidden)}"

    def _leave_out(self, what: str, into: Extract) -> None:
        self._left_out.append(what)
        into.cut_off()

    def _line(self, row: Element, number: int, into: Extract) -> list[str]:
        line: list[str] = []
        for cell in children(row, "c"):
            place = PLACE.fullmatch(attribute(cell, "r"))
            column = column_number(place[1]) if place else len(line) + 1
            if column > MAX_COLUMNS:
                self._leave_out(f"columns from {column_name(MAX_COLUMNS + 1)} on", into)
                break
            line += [""] * (column - len(line) - 1)
            line[column - 1 :] = [self._cell(cell, f"{column_name(column)}{number}")]
        if attribute(row, "hidden") in ("1", "true") and any(line):
            self._hidden_rows.append(str(number))
        return self._with_merged(line, number)

    def _cell(self, cell: Element, place: str) -> str:
        text = self._cells.text(cell)
        if text.startswith("=") and text == self._cells.formula(cell):
            self._uncomputed.append(place)
        return text

    def _with_merged(self, line: list[str], number: int) -> list[str]:
        """Repeats what is merged over rows in each of them, and over columns where the row says more."""
        for merged in self._merged.get(number, ()):
            if number == merged.top:
                self._values[merged] = line[merged.left - 1] if len(line) >= merged.left else ""
            value = self._values.get(merged, "")
            others = any(line[: merged.left - 1]) or any(line[merged.right :])
            right = merged.right if others else merged.left
            if value and (number == merged.top or others):
                line += [""] * (min(right, MAX_COLUMNS) - len(line))
                line[merged.left - 1 : right] = [value] * (min(right, MAX_COLUMNS) - merged.left + 1)
        return line


def column_number(name: str) -> int:
    """Returns 1 for A, 27 for AA."""
    number = 0
    for letter in name:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def column_name(number: int) -> str:
    """Returns A for 1, AA for 27."""
    name = ""
    while number:
        number, place = divmod(number - 1, 26)
        name = chr(ord("A") + place) + name
    return name


def _merged(archive: Archive, part: str) -> dict[int, list[Merged]]:
    """Returns the merged ranges by the rows that are read and that they reach over."""
    if archive.sizes.get(part, 0) > SCANNED_BYTES:
        return {}
    found: dict[int, list[Merged]] = {}
    tail = b""
    ranges = list[Merged]()
    for chunk in archive.chunks(part):
        ranges += [_range(match) for match in MERGED.finditer(tail + chunk)]
        tail = chunk[-120:] if b"mergeCell" not in chunk[-120:] else chunk[chunk.rfind(b"<") :]
        if len(ranges) > MAX_MERGED:
            break
    for merged in dict.fromkeys(ranges):
        if merged.left <= MAX_COLUMNS:
            for row in range(merged.top, min(merged.bottom, MAX_ROWS) + 1):
                found.setdefault(row, []).append(merged)
    return found


def _range(match: re.Match[bytes]) -> Merged:
    left, top, right, bottom = (piece.decode() for piece in match.groups())
    return Merged(column_number(left), int(top), column_number(right), int(bottom))


def _number(stated: str, counted: int) -> int:
    return int(stated) if stated.isdigit() else counted


def _hidden_columns(head: bytes) -> Iterator[str]:
    """Yields the columns that the beginning of a sheet says are hidden."""
    for found in COLUMN.finditer(head):
        stated = dict(PAIR.findall(found[1].decode("ascii", "replace")))
        first, last = _number(stated.get("min", ""), 1), _number(stated.get("max", ""), 1)
        if stated.get("hidden") in ("1", "true"):
            same = first == last
            yield column_name(first) if same else f"{column_name(first)} to {column_name(min(last, 16_384))}"


def _listed(names: list[str]) -> str:
    more = len(names) - MAX_NAMED
    return ", ".join(names[:MAX_NAMED]) + (f" and {more} more" if more > 0 else "")
