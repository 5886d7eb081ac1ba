"""Reads text: as it is, or as a table of separated values."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence

from repartee.services.documents import markdown
from repartee.services.documents.encodings import decoded, is_cut
from repartee.services.documents.extract import Extract, count_of

SEPARATORS = ",;\t|"

SAMPLE_LINES = 50
"""Lines by which the separator is told."""

MAX_ROWS, MAX_COLUMNS = 2_000, 60


def read(content: bytes, into: Extract) -> None:
    """Adds the text as it is."""
    into.add(decoded(content))
    if is_cut(content):
        into.cut_off()


def read_separated(content: bytes, into: Extract) -> None:
    """Adds the values as a Markdown table; the text as it is where nothing separates them."""
    text = decoded(content)
    separator, text = _separator(text)
    rows = _rows(text, separator) if separator else []
    if max(map(len, rows), default=0) < 2:
        into.add(text)
    else:
        into.parts = count_of(len(rows) - 1, "row") if not is_cut(content) else ""
        _add(rows, into)
    if is_cut(content):
        into.cut_off()


def _add(rows: Sequence[Sequence[str]], into: Extract) -> None:
    if len(rows) > MAX_ROWS or any(len(row) > MAX_COLUMNS for row in rows):
        into.cut_off()
    into.add(markdown.table([row[:MAX_COLUMNS] for row in rows[:MAX_ROWS]]))


def _separator(text: str) -> tuple[str, str]:
    """Returns what separates the values, and the text without the line by which Excel is told."""
    first, _, rest = text.partition("\n")
    stated = first.strip().lower()
    if stated.startswith("sep=") and len(stated) <= 5:
        return stated[4:] or "\t", rest
    scores = {one: _score(text, one) for one in SEPARATORS}
    best = max(SEPARATORS, key=lambda one: scores[one])
    return (best, text) if scores[best] > 0 else ("", text)


def _score(text: str, separator: str) -> float:
    """Returns how evenly a separator divides the lines: the columns that most lines have, by their share."""
    sample = "\n".join(text.splitlines()[:SAMPLE_LINES])
    widths = Counter(len(row) for row in _rows(sample, separator) if row)
    if not widths:
        return 0.0
    width, lines = max(widths.items(), key=lambda one: (one[1] if one[0] > 1 else 0, one[0]))
    return (lines / sum(widths.values())) * (1 - 1 / width)


def _rows(text: str, separator: str) -> list[list[str]]:
    try:
        return list(csv.reader(text.splitlines(keepends=True), delimiter=separator))
    except csv.Error:
        return [line.split(separator) for line in text.splitlines()]
