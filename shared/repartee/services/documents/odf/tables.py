"""Lays out the tables of an OpenDocument, whose rows and cells may stand for many."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from repartee.services.documents.archive import Element, attribute, local
from repartee.services.documents.grid import MAX_COLUMNS, Grid

MAX_ROWS = 2_000
MAX_REPEATED = 50
"""Times that a row with something in it is repeated. Empty ones to the end of the sheet are one."""

GROUPS = {"table-header-rows", "table-rows", "table-row-group"}


def rows(table: Element, text_of: Callable[[Element], str]) -> Sequence[Sequence[str]]:
    """Returns the table's rows, up to a number of them."""
    grid = Grid()
    for row in _rows(table):
        if len(grid.rows()) >= MAX_ROWS:
            break
        cells = [(cell, text_of(cell)) for cell in row]
        filled = any(text.strip() for _, text in cells)
        for _ in range(min(_repeated(row, "number-rows-repeated"), MAX_REPEATED) if filled else 1):
            grid.start_row()
            _fill(grid, cells)
    return grid.rows()


def has_more_rows(table: Element) -> bool:
    """Tells whether a table has more rows than are read."""
    return any(
        number >= MAX_ROWS and any(len(cell) for cell in row) for number, row in enumerate(_rows(table))
    )


def hidden_rows(table: Element) -> bool:
    """Tells whether rows with something in them are hidden."""
    return any(
        attribute(row, "visibility") in ("collapse", "filter") and any(map(len, row)) for row in _rows(table)
    )


def _fill(grid: Grid, cells: Sequence[tuple[Element, str]]) -> None:
    for cell, text in cells:
        if local(cell) == "covered-table-cell":
            continue  # the cell that covers it has said how far it reaches
        columns, below = _repeated(cell, "number-columns-spanned"), _repeated(cell, "number-rows-spanned")
        for _ in range(min(_repeated(cell, "number-columns-repeated"), MAX_COLUMNS)):
            grid.add(text, columns, min(below, MAX_ROWS))
    grid.end_row()


def _rows(table: Element) -> Iterator[Element]:
    for one in table:
        if local(one) == "table-row":
            yield one
        elif local(one) in GROUPS:
            yield from _rows(one)


def _repeated(element: Element, name: str) -> int:
    stated = attribute(element, name, "1")
    return max(1, int(stated)) if stated.isdigit() else 1
