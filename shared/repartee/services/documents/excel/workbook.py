"""Reads a workbook sheet by sheet, in the order of its tabs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from repartee.errors import PayloadTooLarge
from repartee.services.documents.archive import Archive, Element, attribute, descendants
from repartee.services.documents.excel.cells import Cells
from repartee.services.documents.excel.sheet import Sheet
from repartee.services.documents.extract import Extract, count_of
from repartee.services.documents.markdown import table

MAX_SHEETS = 20
MAX_STRINGS_BYTES = 16 * 2**20
"""Bytes that the table of all texts may unpack to: it is read before the first cell."""

MAX_SHEET_BYTES = 512 * 2**20
"""Bytes that a sheet may state. It is read from the stream, and only as far as there is room for its text."""

MAIN = "xl/workbook.xml"


class Tab(NamedTuple):
    """A sheet as the workbook lists it."""

    name: str
    part: str
    hidden: bool


def read(content: bytes, into: Extract) -> None:
    """Adds the sheets as tables. Raises `PayloadTooLarge` for a workbook with too much text to look up."""
    with Archive(content, max_part_bytes=MAX_SHEET_BYTES) as archive:
        for name, size in archive.sizes.items():
            if not name.startswith("xl/worksheets/") and size > MAX_STRINGS_BYTES:
                raise PayloadTooLarge("a workbook that is too large: send the sheet that matters as CSV")
        tabs = _tabs(archive)
        if not tabs:
            raise ValueError("a workbook without a sheet")
        into.parts = count_of(len(tabs), "sheet")
        cells = Cells(archive)
        for tab in tabs[:MAX_SHEETS]:
            if into.enough():
                return
            _add(archive, tab, cells, into)
        if len(tabs) > MAX_SHEETS:
            into.add(f"\n\n[{count_of(len(tabs) - MAX_SHEETS, 'more sheet')}: {_names(tabs[MAX_SHEETS:])}]\n")
            into.cut_off()


def _tabs(archive: Archive) -> Sequence[Tab]:
    relations = archive.relations(MAIN)
    found = []
    for sheet in descendants(archive.root(MAIN), "sheet"):
        relation = relations.get(attribute(sheet, "id"))
        hidden = attribute(sheet, "state") in ("hidden", "veryHidden")
        found.append(Tab(attribute(sheet, "name"), relation.target if relation else "", hidden))
    return found or [
        Tab(part, part, False) for part in sorted(archive.names) if part.startswith("xl/worksheets/s")
    ]


def _add(archive: Archive, tab: Tab, cells: Cells, into: Extract) -> None:
    into.add(f"\n\n[sheet {tab.name}{' (hidden)' if tab.hidden else ''}]\n")
    if not tab.part.startswith("xl/worksheets/") or tab.part not in archive.names:
        into.add("[a sheet without cells, such as a chart, which is not read]\n")
        return
    sheet = Sheet(archive, tab.part, cells)
    tables = [text for text in map(table, sheet.tables(into)) if text]
    for text in tables or ["[empty]\n"]:
        into.add(f"{text}\n")
    for remark in (*sheet.remarks(), *_comments(archive, tab.part)):
        into.add(f"[{remark}]\n")


def _comments(archive: Archive, part: str) -> Sequence[str]:
    found: list[str] = []
    for relation in archive.relations(part).values():
        if relation.type == "comments":
            root = archive.root(relation.target)
            found += map(_comment_by(root), descendants(root, "comment"))
        elif relation.type == "drawing" and _has_pictures(archive, relation.target):
            found.append("pictures on this sheet, which are not read")
    return found


def _comment_by(root: Element) -> Callable[[Element], str]:
    authors = [one.text or "" for one in descendants(root, "author")]

    def told(comment: Element) -> str:
        number = attribute(comment, "authorId")
        author = authors[int(number)] if number.isdigit() and int(number) < len(authors) else ""
        text = " ".join("".join(piece.text or "" for piece in descendants(comment, "t")).split())
        return f"comment at {attribute(comment, 'ref')}{f' by {author}' if author else ''}: {text}"

    return told


def _has_pictures(archive: Archive, drawing: str) -> bool:
    return any(one.type == "image" for one in archive.relations(drawing).values())


def _names(tabs: Sequence[Tab]) -> str:
    return ", ".join(tab.name for tab in tabs)
