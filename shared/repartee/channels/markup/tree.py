"""Markdown as a tree of what was marked how."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from markdown_it.token import Token

from repartee.channels.markup.budget import ReadableSection, readable_parts
from repartee.channels.markup.nodes import Node, holding
from repartee.channels.markup.parser import SIMPLE, parser
from repartee.channels.markup.simple import ITEM
from repartee.channels.markup.simple_table import CELL, HEAD

__all__ = ["Node", "has_table", "inline", "parse_markdown", "rows"]

MAX_DEPTH = 60
"""Levels of the tree. Marks that are deeper go, their text stays."""

MAX_MARKS = 12
"""Marks in each other within one block, like bold in italic. The others go, their text stays."""


def parse_markdown(text: str) -> Node:
    """The text as a tree of blocks. Every text is Markdown: nothing is refused."""
    root, env = Node(None, "root"), dict[str, Any]()
    parts = [_part(part, env) for part in reversed(readable_parts(text))]  # a link's definition comes later
    root.children = [child for part in reversed(parts) for child in part.children]
    return root


def _part(part: ReadableSection, env: dict[str, Any]) -> Node:
    if part.is_verbatim:
        return holding("root", [Node(None, "code_block", part.text.strip("\n"))])
    return _tree(Node(None, "root"), parser().parse(part.text, env), MAX_DEPTH)


def _tree(root: Node, tokens: Iterable[Token], depth: int, *, in_cell: bool = False) -> Node:
    """Adds what the tokens say to a node. In a table's cell, a break is no word about which a text speaks."""
    open_nodes = [root]
    for token in tokens:
        if token.nesting > 0:
            node = Node(token, token.type.removesuffix("_open"))
            if len(open_nodes) <= depth:
                open_nodes[-1].children.append(node)
            else:
                node.children = open_nodes[-1].children
            open_nodes.append(node)
        elif token.nesting < 0:
            open_nodes.pop()
        else:
            cell = in_cell or open_nodes[-1].type in ("td", "th", "tr")
            open_nodes[-1].children.append(_leaf(token, in_cell=cell))
    return root


def _leaf(token: Token, *, in_cell: bool) -> Node:
    """A block's text as a tree of marks, or the node of a token without any."""
    leaf = Node(token, token.type)
    if token.type == "inline" and SIMPLE in token.meta:
        leaf.children = token.meta[SIMPLE]
    if token.type == "tag_break":
        leaf.type = "hardbreak" if in_cell or token.info != "word" else "text"
    if token.children:
        _tree(leaf, token.children, MAX_MARKS, in_cell=in_cell)
    whole = WHOLE.get(token.tag)
    return whole(leaf) if whole and token.type == "inline" else leaf


def _cell(leaf: Node) -> Node:
    """A table's cell."""
    cell = holding("th" if leaf.tag == HEAD else "td", [leaf])
    cell.tag = cell.type
    if leaf.info:
        cell.attrs = {"style": f"text-align:{leaf.info}"}
    return cell


def _item(leaf: Node) -> Node:
    """A list's item that is one line."""
    paragraph = holding("paragraph", [leaf])
    paragraph.hidden = True
    item = holding("list_item", [paragraph])
    item.info = leaf.info
    return item


WHOLE = {ITEM: _item, CELL: _cell, HEAD: _cell}
"""The nodes of tokens that stand for several, by their tags."""


def has_table(tree: Node) -> bool:
    """Whether there is a table in it."""
    return tree.type == "table" or any(map(has_table, tree.children))


def rows(table: Node) -> Iterator[list[Node]]:
    """The cells of each row, the header's first."""
    return (row.children for part in table.children for row in part.children)


def inline(block: Node) -> list[Node]:
    """Returns the content of a paragraph, a heading or a cell."""
    return [node for one in block.children for node in one.children]
