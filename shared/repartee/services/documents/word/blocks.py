"""Writes paragraphs and tables of a Word document as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from repartee.services.documents import grid, markdown
from repartee.services.documents.archive import Archive, Element, attribute, child, local
from repartee.services.documents.word.inline import Inline
from repartee.services.documents.word.numbering import Numbering
from repartee.services.documents.word.styles import Styles

HOLDERS = {
    "sdt",
    "sdtContent",
    "ins",
    "moveTo",
    "customXml",
    "smartTag",
    "AlternateContent",
    "Choice",
    "txbxContent",
}
"""Elements around paragraphs and tables that say nothing themselves."""

MAX_DEPTH = 40
"""Holders and tables within one another that are read."""


class Blocks:
    """Reads the blocks of one part, which has its own links."""

    def __init__(self, styles: Styles, numbering: Numbering, archive: Archive, part: str) -> None:
        self._styles, self._numbering = styles, numbering
        self._archive, self._part = archive, part
        self._relations = archive.relations(part)

    def lines(self, blocks: Iterable[Element], depth: int = 0) -> Iterator[str]:
        """Yields each paragraph and each table with its line ends."""
        for block in blocks:
            name = local(block)
            if depth > MAX_DEPTH:
                yield "[deeper parts are not read]\n"
            elif name == "p":
                yield from self._paragraph(block, depth)
            elif name == "tbl":
                rows = self._rows_of(block, depth)
                yield f"{markdown.flat(rows)}\n" if depth else f"\n{markdown.table(rows)}\n"
            elif name in HOLDERS:
                yield from self.lines(block, depth + 1)
            elif name == "altChunk":
                yield "[a part in another format, which is not read]\n"

    def _paragraph(self, paragraph: Element, depth: int) -> Iterator[str]:
        properties = child(paragraph, "pPr")
        style = attribute(child(properties, "pStyle"), "val")
        if self._styles.hidden(style):
            return
        inline = Inline(self._styles, self._relations, self._archive)
        text = inline.text(paragraph)
        if text.strip():
            yield self._line(text, style, properties)
        for box in inline.boxes:
            yield from self.lines(box, depth + 1)

    def _line(self, text: str, style: str, properties: Element | None) -> str:
        label = self._numbering.label(properties, style)
        level = self._styles.heading_level(style, properties)
        if level:
            number = f"{label.text} " if label and label.text != "-" else ""
            return f"\n{'#' * min(level, 6)} {number}{' '.join(text.split())}\n"
        return (markdown.indented(text, label.text, label.level) if label else text) + "\n"

    def _rows_of(self, table: Element, depth: int) -> Sequence[Sequence[str]]:
        rows = grid.Grid()
        for row in self._rows(table):
            before = attribute(child(row, "trPr", "gridBefore"), "val")
            rows.start_row(int(before) if before.isdigit() else 0)
            for cell in _held(row, "tc"):
                self._cell(cell, rows, depth)
        return rows.rows()

    def _rows(self, table: Element) -> Iterator[Element]:
        return (row for row in _held(table, "tr") if child(row, "trPr", "del") is None)

    def _cell(self, cell: Element, rows: grid.Grid, depth: int) -> None:
        properties = child(cell, "tcPr")
        span, merge = attribute(child(properties, "gridSpan"), "val"), child(properties, "vMerge")
        text = " ".join("".join(self.lines(cell, depth + 1)).split("\n"))
        columns = int(span) if span.isdigit() else 1
        if merge is not None and attribute(merge, "val", "continue") == "continue":
            rows.repeat_above(columns)
        else:
            rows.add(text, columns)


def _held(holder: Element, name: str) -> Iterator[Element]:
    """Yields rows or cells, also those within controls."""
    for one in holder:
        if local(one) == name:
            yield one
        elif local(one) in HOLDERS:
            yield from _held(one, name)
