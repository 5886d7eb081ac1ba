"""Tables where a platform has none. Each cell is said once, so that no table outgrows its Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from unicodedata import category, east_asian_width

from repartee.channels.markup.addresses import words
from repartee.channels.markup.tree import Node, rows

NARROW = 44
"""Characters of a line that most phones show without wrapping it, in type of one width."""

PADDING = 400
"""Spaces that columns may add to a table. What would need more is shown as lines."""

GAP = "  "

FIRST, OTHERS, EMPTY = " — ", " · ", "-"
"""The text behind a row's first cell, between the others, and for one that is empty."""


def bold(nodes: Iterable[Node]) -> Node:
    """The nodes in bold."""
    return Node("strong", "", list(nodes))


def text(content: str) -> Node:
    """A text without marks."""
    return Node("text", content)


def columns(table: Node) -> str:
    """The table in columns of one width, empty if it is too wide, too uneven, or has links to follow."""
    if has_links(table):
        return ""
    cells = [[" ".join(words(_cell(cell)).split()) for cell in row] for row in rows(table)]
    widths = [max(map(width, column)) for column in zip(*cells, strict=True)]
    total = sum(widths) + len(GAP) * (len(widths) - 1)
    said = sum(width(cell) for row in cells for cell in row)
    if total > NARROW or total * len(cells) - said > PADDING + said:
        return ""
    return "\n".join(_row(row, widths) for row in cells)


def lines(table: Node) -> Iterator[list[Node]]:
    """Yields the content of each line: the header's cells, then each row's, the first in bold."""
    header, *body = rows(table)
    yield [bold(_joined([_cell(cell) for cell in header]))]
    for row in body:
        first, *others = map(_cell, row)
        key = [bold(first)] if words(first).strip() else []
        yield [text("• "), *_joined([key, *others])]


def _joined(cells: Sequence[list[Node]]) -> list[Node]:
    """The cells in one line. What is empty at its end is left out, what is empty within keeps its place."""
    used = max((number for number, cell in enumerate(cells, 1) if cell), default=0)
    joined = list(cells[0]) or [text(EMPTY)]
    for number, cell in enumerate(cells[1:used]):
        joined += [text(OTHERS if number else FIRST), *(cell or [text(EMPTY)])]
    return joined


def _cell(cell: Node) -> list[Node]:
    """Returns the content of a cell, in one line."""
    return [_one_line(node) for node in cell.children]


def _one_line(node: Node) -> Node:
    if node.type in ("hardbreak", "softbreak"):
        return text(" / ")
    return node.holding(map(_one_line, node.children)) if node.children else node


def has_links(node: Node) -> bool:
    """Whether anything in it leads anywhere."""
    bare = node.type == "text" and "://" in node.content
    return bare or node.type in ("link", "image") or any(map(has_links, node.children))


def width(text: str) -> int:
    """The columns that a text takes in type of one width."""
    return len(text) if text.isascii() else sum(map(_char_width, text))


def _char_width(char: str) -> int:
    if category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if east_asian_width(char) in "WF" else 1


def _row(row: Sequence[str], widths: Sequence[int]) -> str:
    """The cells of a row, each filled up to its column's width."""
    cells = (cell + " " * (wide - width(cell)) for cell, wide in zip(row, widths, strict=True))
    return GAP.join(cells).rstrip()
