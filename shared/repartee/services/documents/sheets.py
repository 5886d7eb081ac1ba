"""The cells of an Excel workbook, sheet by sheet, read by openpyxl row by row.

Only its streaming mode will do: a reader that makes a table of a sheet takes the memory of all the cells that
could be between two far corners, for a file of a few kilobytes.
"""

from __future__ import annotations

import datetime
import warnings
from collections.abc import Sequence
from io import BytesIO
from typing import Any

from repartee.errors import PayloadTooLarge
from repartee.services.documents import archive
from repartee.services.documents.extract import Extract

SHEETS, ROWS, COLUMNS = 20, 2_000, 60
"""What is read of a workbook, and of each of its sheets."""

LARGEST_SHEET, LARGEST_STRINGS, LARGEST_OTHER = 16 * 2**20, 8 * 2**20, 2**20
"""Bytes that a sheet, the table of all texts, and every other part may unpack to. All but the sheets is read
before the first cell, in Python, at some megabytes a second."""


def read(content: bytes, into: Extract) -> None:
    """Values as they were last computed. Raises `TooLarge` for a workbook that would take too long."""
    with archive.opened(content) as parts:
        archive.refuse_entities(parts)
        if any(part.file_size > _largest(part.filename) for part in archive.xml_parts(parts)):
            raise PayloadTooLarge("a workbook that is too large: send the sheet that matters as CSV")
    from openpyxl import load_workbook

    warnings.filterwarnings("ignore", module="openpyxl")  # of what it does not know in a workbook
    workbook = load_workbook(BytesIO(content), read_only=True, data_only=True, keep_links=False)
    try:
        _sheets(workbook.worksheets, into)
    finally:
        workbook.close()


def _largest(part: str) -> int:
    if part.startswith("xl/worksheets/"):
        return LARGEST_SHEET
    return LARGEST_STRINGS if part == "xl/sharedStrings.xml" else LARGEST_OTHER


def _sheets(sheets: Sequence[Any], into: Extract) -> None:
    into.parts = f"{len(sheets)} sheet{'' if len(sheets) == 1 else 's'}"
    for sheet in sheets[:SHEETS]:
        if into.enough():
            return
        into.add(f"\n\n[sheet {sheet.title}]\n")
        _rows(sheet, into)
    if len(sheets) > SHEETS:
        into.cut_off()


def _rows(sheet: Any, into: Extract) -> None:
    """One row and one column more than is taken are looked at, to know whether there are any."""
    for number, row in enumerate(sheet.iter_rows(max_row=ROWS + 1, max_col=COLUMNS + 1, values_only=True), 1):
        cells = [_cell(value) for value in row]
        if not any(cells):
            continue
        if number > ROWS or cells[COLUMNS]:
            into.cut_off()
        if number > ROWS or into.enough():
            return
        into.add(" | ".join(cells[:COLUMNS]).rstrip(" |") + "\n")


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    return " ".join(str(value).split())
