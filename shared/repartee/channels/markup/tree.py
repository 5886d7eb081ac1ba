"""Markdown as a tree of what was marked how."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from types import MappingProxyType
from typing import Any

from repartee.channels.markup.budget import as_code, cost_per_char, is_made_of_marks, with_noise_as_code
from repartee.channels.markup.nodes import Node
from repartee.channels.markup.parser import Event, read_events
from repartee.channels.markup.people import LESS_THAN, mark_as_meant, replace_unsafe, restore

__all__ = ["Node", "has_table", "parse_markdown", "rows"]

MAX_DEPTH, MAX_BLOCK_DEPTH = 36, 20
"""Levels of the tree, and of its quotes and lists (a list and its items are two). Marks that are deeper go,
their text stays."""

KINDS = {
    "Paragraph": "paragraph",
    "HtmlBlock": "paragraph",
    "Heading": "heading",
    "CodeBlock": "code_block",
    "BlockQuote": "blockquote",
    "List": "bullet_list",
    "Item": "list_item",
    "Table": "table",
    "TableHead": "tr",
    "TableRow": "tr",
    "TableCell": "td",
    "Emphasis": "em",
    "Strong": "strong",
    "Strikethrough": "s",
    "Link": "link",
    "Image": "image",
}
"""The nodes' types by the parser's names."""

INLINE = {"em", "strong", "s", "link", "image", "text", "softbreak", "hardbreak", "code_inline"}

ALONE = {"SoftBreak": "softbreak", "HardBreak": "hardbreak", "Rule": "hr"}

NESTING = {"bullet_list", "ordered_list", "blockquote", "list_item"}

MERGED = {kind: f"merged_{kind}" for kind in (*NESTING, "em", "strong", "s", "link", "image")}
"""The types of nodes that are too deep."""

MERGED_TYPES = set(MERGED.values())

SIDES = {"Left": "left", "Right": "right", "Center": "center"}

LINE_BREAK = re.compile(rf"({LESS_THAN}br\s*/?>)", re.IGNORECASE)
"""The one tag that models like to write: a table's cell has no other way to begin a line."""


def parse_markdown(text: str) -> Node:
    """Returns the text as a tree of blocks. Every text is Markdown: nothing is refused."""
    text = replace_unsafe(text)
    marked = with_noise_as_code(text, mark_as_meant) if is_made_of_marks(text) else mark_as_meant(text)
    events, numbers = read_events(marked)
    if cost := cost_per_char(events, text):
        events, numbers = read_events(as_code(marked, cost))
    return _Builder(numbers).build(events)


class _Builder:
    """Makes a tree of events."""

    def __init__(self, numbers: Iterator[str] | None) -> None:
        self._numbers = numbers
        self._depth = 0
        self._open = [Node("root")]

    def build(self, events: Iterable[Event]) -> Node:
        """Returns the tree of the events, of which nothing is left."""
        children = self._open[0].children
        for event in events:
            if type(event) is str:
                children.append(Node(ALONE[event]))
                continue
            kind, value = event.popitem()
            if kind == "Start":
                children = self._begin(value)
            elif kind == "End":
                children = self._end()
            elif kind == "Code":
                children.append(Node("code_inline", restore(value)))
            elif LESS_THAN in value:
                children += _with_breaks(value, in_cell=any(one.type == "td" for one in self._open))
            else:
                children.append(Node("text", value if value.isascii() else restore(value)))
        return self._open[0]

    def _begin(self, tag: Any) -> list[Node]:
        """Adds a block or a mark and returns what it holds. Where it is too deep, its parent does."""
        around = self._open[-1]
        node = _opened(tag, self._numbers, around)
        if self._depth > (MAX_BLOCK_DEPTH if node.type in NESTING else MAX_DEPTH) and node.type in MERGED:
            node = _merged(node, around.children)
        else:
            around.children.append(node)
            self._depth += 1
        self._open.append(node)
        return node.children

    def _end(self) -> list[Node]:
        """Ends the last block or mark and returns what the one around it holds."""
        node = self._open.pop()
        if node.type not in MERGED_TYPES:
            self._depth -= 1
        around = self._open[-1].children
        if finish := FINISH.get(node.type):
            finish(node, around)
        return around


def _opened(tag: Any, numbers: Iterator[str] | None, around: Node) -> Node:
    """Returns the node of a block or a mark that begins in another one."""
    if type(tag) is str:
        node = Node(KINDS[tag])
        if tag == "Item":
            node.info = next(numbers) if numbers else str(int(around.info or 0) + len(around.children))
        return node
    name, value = tag.popitem()
    node = Node(KINDS[name])
    if name in ("Link", "Image"):
        node.href = restore(value["dest_url"])
    elif name == "Heading":
        node.info = value["level"].lower()
    elif name == "CodeBlock":
        node.info = restore(value["Fenced"]) if type(value) is dict else ""
    elif name == "List" and value is not None:
        node.type, node.info = "ordered_list", str(value)
    elif name == "Table":
        node.info = ",".join(SIDES.get(side, "") for side in value)
    return node


def _merged(node: Node, children: list[Node]) -> Node:
    """Returns what stands for a node that is too deep: what it holds goes to the node around it."""
    held = [] if node.type == "list_item" else children
    return Node(MERGED[node.type], "", held, node.info, node.href)


def _with_breaks(text: str, *, in_cell: bool) -> Iterator[Node]:
    """Yields a text with `<br>` as the end of a line; in a sentence that speaks of it, it is a word."""
    before, *others = LINE_BREAK.split(text)
    yield Node("text", restore(before))
    for tag, after in zip(others[::2], others[1::2], strict=True):
        is_word = not in_cell and before.endswith(" ") and after.startswith(" ")
        yield Node("text" if is_word else "hardbreak", restore(tag))
        if after:
            yield Node("text", restore(after))
        before = after


def _finish_code(node: Node, around: list[Node]) -> None:
    node.content = "".join(one.content for one in node.children)
    node.children = []


def _finish_item(node: Node, around: list[Node]) -> None:
    """Makes paragraphs of the texts of an item that is one line."""
    is_text = [one.type in INLINE for one in node.children]
    if any(is_text):
        whole = all(is_text)
        node.children = [_tight(node.children)] if whole else list(_paragraphs(node.children))


def _paragraphs(nodes: Sequence[Node]) -> Iterator[Node]:
    for is_text, group in groupby(nodes, lambda node: node.type in INLINE):
        if not is_text:
            yield from group
            continue
        yield _tight(list(group))


def _tight(nodes: list[Node]) -> Node:
    """Returns a paragraph of an item that is one line."""
    return Node("paragraph", "", nodes, "tight")


def _finish_table(node: Node, around: list[Node]) -> None:
    sides = node.info.split(",")
    for row in node.children:
        row.children += [Node("td") for _ in sides[len(row.children) :]]
        for cell, side in zip(row.children, sides, strict=False):
            cell.info = side
    for cell in node.children[0].children:
        cell.type = "th"


def _finish_merged_item(node: Node, around: list[Node]) -> None:
    around += _paragraphs(node.children)


def _finish_merged_link(node: Node, around: list[Node]) -> None:
    around.append(Node("text", f" ({node.href})"))


FINISH: Mapping[str, Callable[[Node, list[Node]], None]] = MappingProxyType(
    {
        "code_block": _finish_code,
        "list_item": _finish_item,
        "table": _finish_table,
        "merged_list_item": _finish_merged_item,
        "merged_link": _finish_merged_link,
        "merged_image": _finish_merged_link,
    }
)
"""The functions that are called at the end of a node."""


def has_table(tree: Node) -> bool:
    """Whether there is a table in it."""
    return any(node.type == "table" or has_table(node) for node in tree.children if node.type not in INLINE)


def rows(table: Node) -> Iterator[list[Node]]:
    """Yields the cells of each row, the header's first."""
    return (row.children for row in table.children)
