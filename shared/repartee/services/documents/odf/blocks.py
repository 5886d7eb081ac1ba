"""Writes paragraphs, lists and tables of an OpenDocument as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from repartee.services.documents import markdown
from repartee.services.documents.archive import Element, attribute, child, children, local
from repartee.services.documents.odf import tables
from repartee.services.documents.odf.inline import OdfInline
from repartee.services.documents.odf.styles import OdfStyles, label

HOLDERS = {
    "section",
    "table-of-content",
    "alphabetical-index",
    "illustration-index",
    "table-index",
    "user-index",
    "bibliography",
    "index-body",
    "index-title",
    "numbered-paragraph",
    "text-box",
    "g",
    "custom-shape",
    "rect",
    "text",
    "header",
    "footer",
    "object-index",
}

MAX_DEPTH = 40
"""Lists and sections within one another that are read."""


class OdfBlocks:
    """Reads blocks one after the other, and counts headings and lists on the way."""

    def __init__(self, styles: OdfStyles) -> None:
        self._styles = styles
        self.inline = OdfInline(styles)
        self._headings: dict[int, int] = {}
        self._counts: dict[str, dict[int, int]] = {}

    def lines(self, blocks: Iterable[Element], depth: int = 0) -> Iterator[str]:
        """Yields each paragraph, item and table with its line ends."""
        for block in blocks:
            name = local(block)
            if depth > MAX_DEPTH:
                yield "[deeper parts are not read]\n"
            elif name in ("p", "h"):
                yield from self._paragraph(block, depth)
            elif name == "list":
                yield from self._list(block, 1, "", depth)
            elif name == "table":
                rows = tables.rows(block, self._cell)
                yield f"{markdown.flat(rows)}\n" if depth > 1 else f"\n{markdown.table(rows)}\n"
            elif name == "frame":
                yield f"{self.inline.text(_around(block))}\n"
                yield from self._boxes(depth)
            elif name in HOLDERS and attribute(block, "display") != "none":
                yield from self.lines(block, depth + 1)

    def _paragraph(self, block: Element, depth: int) -> Iterator[str]:
        if self._styles.hidden(attribute(block, "style-name")):
            return
        text = self.inline.text(block)
        if text.strip():
            yield self._heading(block, text) if local(block) == "h" else f"{text}\n"
        yield from self._boxes(depth)

    def _boxes(self, depth: int) -> Iterator[str]:
        boxes, self.inline.boxes = self.inline.boxes, []
        for box in boxes:
            yield from self.lines(box, depth + 1)

    def _heading(self, block: Element, text: str) -> str:
        stated = attribute(block, "outline-level", "1")
        level = int(stated) if stated.isdigit() else 1
        number = "" if attribute(block, "is-list-header") == "true" else self._heading_number(level)
        return f"\n{'#' * min(level, 6)} {number}{' '.join(text.split())}\n"

    def _heading_number(self, level: int) -> str:
        levels = self._styles.outline
        if level not in levels or not levels[level].format:
            return ""
        self._count(self._headings, level, levels[level].start)
        return f"{label(levels, self._headings, level)} "

    def _list(self, block: Element, level: int, inherited: str, depth: int) -> Iterator[str]:
        style = attribute(block, "style-name") or inherited
        goes_on = attribute(block, "continue-numbering") == "true" or attribute(block, "continue-list")
        counts = self._counts.setdefault(style, {})
        if level == 1 and not goes_on:
            counts.clear()
        for item in block:
            if depth > MAX_DEPTH:
                return
            yield from self._item(item, level, style, depth + 1)

    def _item(self, item: Element, level: int, style: str, depth: int) -> Iterator[str]:
        levels, counts = self._styles.list_levels(style), self._counts[style]
        stated = attribute(item, "start-value")
        if stated.isdigit():
            counts[level] = int(stated) - 1
        if local(item) == "list-item" and any(local(one) in ("p", "h") for one in item):
            self._count(counts, level, levels[level].start if level in levels else 1)
            mark = label(levels, counts, level)
        else:
            mark = ""
        for one in item:
            if local(one) == "list":
                yield from self._list(one, level + 1, style, depth)
            else:
                yield from self._marked(one, mark, level, depth)
                mark = ""

    def _marked(self, block: Element, mark: str, level: int, depth: int) -> Iterator[str]:
        for place, line in enumerate(self.lines([block], depth)):
            heading = line.startswith("\n#")
            if place or not mark:
                yield line
            elif heading:
                hashes, _, text = line.lstrip("\n").partition(" ")
                yield f"\n{hashes} {'' if mark == '-' else f'{mark} '}{text}"
            else:
                yield markdown.indented(line, mark, level - 1)

    def _count(self, counts: dict[int, int], level: int, start: int) -> None:
        counts[level] = counts.get(level, start - 1) + 1
        for deeper in [at for at in counts if at > level]:
            del counts[deeper]

    def _cell(self, cell: Element) -> str:
        """Returns the blocks of a cell on one line."""
        return " ".join("".join(self.lines(cell, 2)).split("\n"))


def _around(element: Element) -> Element:
    holder = Element("holder")
    holder.append(element)
    return holder


def notes_of(page: Element) -> Iterator[Element]:
    """Yields the frames of a slide's notes, without the small picture of the slide."""
    return children(child(page, "notes"), "frame")
