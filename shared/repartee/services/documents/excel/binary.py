"""Reads Excel's binary workbooks, .xls (before 2007) and .xlsb, through python-calamine.

It tells dates from numbers but no other formats, which is said, and of formulas their stored values. A sheet
is laid out as a table, in a process with a limit of memory (`child`).
"""

from __future__ import annotations

import datetime
from io import BytesIO
from typing import TYPE_CHECKING

from repartee.errors import InvalidPayload
from repartee.services.documents.extract import MAX_CHARACTERS, Extract, count_of
from repartee.services.documents.grid import MAX_COLUMNS
from repartee.services.documents.markdown import table

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook, SheetMetadata

MAX_SHEETS = 20

STREAMS = tuple(name.encode("utf-16-le") for name in ("Workbook\0", "Book\0"))
"""Names of the stream of a workbook in Microsoft's old container."""

REMARK = "numbers are shown without their formats, such as percent or a currency"

MIDNIGHT = datetime.time()

Cell = int | float | str | bool | datetime.date | datetime.time | datetime.timedelta


def is_workbook(content: bytes) -> bool:
    """Tells whether a file in Microsoft's old container is a workbook."""
    return any(name in content for name in STREAMS)


def read(content: bytes, into: Extract) -> None:
    """Adds the sheets as tables, in the order of their tabs."""
    from python_calamine import CalamineWorkbook, PasswordError

    try:
        book = CalamineWorkbook.from_filelike(BytesIO(content))
    except PasswordError:
        raise InvalidPayload("a document with a password: send it without one") from None
    tabs = book.sheets_metadata
    into.parts = count_of(len(tabs), "sheet")
    for tab in tabs[:MAX_SHEETS]:
        if into.enough():
            return
        _add(book, tab, into)
    if more := [tab.name for tab in tabs[MAX_SHEETS:]]:
        into.add(f"\n\n[{count_of(len(more), 'more sheet')}: {', '.join(more)}]\n")
        into.cut_off()


def _add(book: CalamineWorkbook, tab: SheetMetadata, into: Extract) -> None:
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    hidden = "" if tab.visible == SheetVisibleEnum.Visible else " (hidden)"
    into.add(f"\n\n[sheet {tab.name}{hidden}]\n")
    if tab.typ != SheetTypeEnum.WorkSheet:
        into.add("[a sheet without cells, such as a chart, which is not read]\n")
        return
    into.checkpoint()
    rows, has_numbers = _rows(book.get_sheet_by_name(tab.name), into)
    into.add(table(rows) or "[empty]\n")
    if has_numbers:
        into.add(f"[{REMARK}]\n")


def _rows(sheet: CalamineSheet, into: Extract) -> tuple[list[list[str]], bool]:
    """Returns the rows as texts, and whether there are numbers among them; a cell that is merged over rows is
    repeated in each."""
    merged = {
        (row, left): (top, left)
        for (top, left), (bottom, _) in sheet.merged_cell_ranges or ()
        for row in range(top + 1, min(bottom, top + MAX_COLUMNS) + 1)
    }
    above: dict[tuple[int, int], str] = {}
    sources = set(merged.values())
    top, left = sheet.start or (0, 0)
    rows, chars, has_numbers = list[list[str]](), 0, False
    for number, cells in enumerate(sheet.iter_rows(), top):
        if chars > MAX_CHARACTERS or into.late():
            into.cut_off()
            break
        has_numbers = has_numbers or any(type(cell) is float for cell in cells)
        row = [_text(cell) for cell in cells[:MAX_COLUMNS]]
        for place, text in enumerate(row, left):
            if (number, place) in sources:
                above[number, place] = text
            elif source := merged.get((number, place)):
                row[place - left] = text or above.get(source, "")
        if any(row):
            rows.append(row)
            chars += sum(map(len, row))
    return rows, has_numbers


def _text(cell: Cell) -> str:
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float):
        return f"{cell:.15g}"
    if isinstance(cell, datetime.datetime):
        day, time = cell.date(), cell.time()
        return day.isoformat() if time == MIDNIGHT else f"{day} {time:%H:%M:%S}".removesuffix(":00")
    if isinstance(cell, datetime.timedelta):
        minutes, seconds = divmod(int(cell.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return str(cell)
