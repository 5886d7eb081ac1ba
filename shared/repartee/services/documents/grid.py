"""Lays the cells of a table out, merged ones included."""

from __future__ import annotations

from collections.abc import Sequence

MAX_COLUMNS = 60
"""Cells of a row that are kept: merged ones may claim any number."""


class Grid:
    """A table while it is read. A cell that is merged over rows is repeated in each, so that every row can be
    understood alone; one that is merged over columns stands in the first of them."""

    def __init__(self) -> None:
        self._rows: list[list[str]] = []
        self._below: dict[int, tuple[str, int]] = {}

    def start_row(self, skipped_columns: int = 0) -> None:
        """Begins a row, after so many columns without a cell."""
        self._rows.append([""] * min(skipped_columns, MAX_COLUMNS))

    def add(self, text: str, columns: int = 1, rows: int = 1) -> None:
        """Adds a cell that takes so many columns and rows."""
        self._fill_from_above()
        place = len(self._rows[-1])
        if rows > 1:
            self._below |= {
                place + at: (text if not at else "", rows - 1) for at in range(min(columns, MAX_COLUMNS))
            }
        self._append([text, *[""] * (min(columns, MAX_COLUMNS) - 1)])

    def repeat_above(self, columns: int = 1) -> None:
        """Adds a cell that goes on from the row above."""
        place = len(self._rows[-1])
        above = self._rows[-2] if len(self._rows) > 1 else []
        self._append([*above[place : place + columns], *[""] * columns][: min(columns, MAX_COLUMNS)])

    def rows(self) -> Sequence[Sequence[str]]:
        """Returns the table."""
        return self._rows

    def end_row(self) -> None:
        """Adds what reaches down into the end of the row."""
        self._fill_from_above()

    def _fill_from_above(self) -> None:
        while (place := len(self._rows[-1])) in self._below and place < MAX_COLUMNS:
            text, left = self._below.pop(place)
            if left > 1:
                self._below[place] = (text, left - 1)
            self._append([text])

    def _append(self, cells: list[str]) -> None:
        self._rows[-1] += cells[: max(0, MAX_COLUMNS - len(self._rows[-1]))]
