"""Tells what a cell shows: its value by its type and its number format."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from repartee.services.documents.archive import (
    Archive,
    Element,
    attribute,
    child,
    children,
    descendants,
    local,
)
from repartee.services.documents.excel.formats import BUILTIN, GENERAL, shown

MAIN = "xl/workbook.xml"

MAX_TEXTS = 200_000
"""Texts that are looked up. What is shown of a workbook has some thousands."""


class Cells:
    """The parts that all sheets share: texts, styles, and the day from which dates are counted."""

    def __init__(self, archive: Archive) -> None:
        relations = {one.type: one.target for one in archive.relations(MAIN).values()}
        self._texts = _texts(archive, relations.get("sharedStrings", "xl/sharedStrings.xml"))
        self._formats = _formats(archive.root(relations.get("styles", "xl/styles.xml")))
        properties = child(archive.root(MAIN), "workbookPr")
        self._from_1904 = attribute(properties, "date1904") in ("1", "true")

    def text(self, cell: Element) -> str:
        """Returns what the cell shows. Of a formula that was never computed that is the formula."""
        kind, value = attribute(cell, "t", "n"), child(cell, "v")
        if kind == "inlineStr":
            return rich_text(child(cell, "is"))
        raw = (value.text or "") if value is not None else ""
        if not raw:
            return self.formula(cell) if kind != "str" or value is None else ""
        if kind == "s":
            return self._texts[int(raw)] if raw.isdigit() and int(raw) < len(self._texts) else ""
        return self._typed(kind, raw, cell)

    def formula(self, cell: Element) -> str:
        """Returns the cell's formula as it is typed. A cell that shares another's says no more than that."""
        formula = child(cell, "f")
        if formula is None:
            return ""
        return f"={formula.text}" if formula.text else "=(as in the cells beside it)"

    def _typed(self, kind: str, raw: str, cell: Element) -> str:
        if kind == "b":
            return "TRUE" if raw == "1" else "FALSE"
        if kind == "d":
            return raw.removesuffix("T00:00:00")
        style = attribute(cell, "s", "0")
        known = style.isdigit() and int(style) < len(self._formats)
        return (
            shown(raw, self._formats[int(style)] if known else GENERAL, self._from_1904)
            if kind == "n"
            else raw
        )


def rich_text(holder: Element | None) -> str:
    """Returns a text of several fonts, without the readings that stand above it."""
    if holder is None:
        return ""
    pieces = (one for one in holder if local(one) in ("t", "r"))
    return "".join(one.text or "" for piece in pieces for one in descendants(piece, "t"))


def _texts(archive: Archive, part: str) -> Sequence[str]:
    if part not in archive.names:
        return []
    return [rich_text(one) for one in islice(archive.blocks(part, "sst"), MAX_TEXTS)]


def _formats(root: Element) -> Sequence[str]:
    own = {attribute(one, "numFmtId"): attribute(one, "formatCode") for one in descendants(root, "numFmt")}
    numbers = (attribute(one, "numFmtId", "0") for one in children(child(root, "cellXfs"), "xf"))
    return [own.get(number) or BUILTIN.get(number, GENERAL) for number in numbers]
