"""Markdown as a tree of what was marked how."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from markdown_it.token import Token

from repartee.channels.markup.parser import parser

MAX_DEPTH = 60
"""Levels of the tree. Marks that are deeper go, their text stays."""

MAX_MARKS = 12
"""Marks in each other within one block, like bold in italic. The others go, their text stays."""


class Node:
    """A block or a mark with what it holds, or a text. Its type is markdown-it's name of the token."""

    __slots__ = ("attrs", "children", "content", "hidden", "info", "tag", "type")

    def __init__(self, token: Token | None, kind: str) -> None:
        self.type = kind
        self.tag = token.tag if token else ""
        self.content = token.content if token else ""
        self.info = token.info if token else ""
        self.attrs = token.attrs if token else {}
        self.hidden = bool(token and token.hidden)
        self.children: list[Node] = []

    def holding(self, children: Iterable[Node]) -> Node:
        """The same with other children."""
        other = Node(None, self.type)
        other.tag, other.content, other.info = self.tag, self.content, self.info
        other.attrs, other.hidden, other.children = self.attrs, self.hidden, list(children)
        return other


def parse_markdown(text: str) -> Node:
    """The text as a tree of blocks. Every text is Markdown: nothing is refused."""
    return _tree(Node(None, "root"), parser().parse(text), MAX_DEPTH)


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
            cell = in_cell or open_nodes[-1].type in ("td", "th")
            open_nodes[-1].children.append(_leaf(token, in_cell=cell))
    return root


def _leaf(token: Token, *, in_cell: bool) -> Node:
    """A block's text as a tree of marks, or the node of a token without any."""
    leaf = Node(token, token.type)
    if token.type == "tag_break":
        leaf.type = "hardbreak" if in_cell or token.info != "word" else "text"
    if token.children:
        _tree(leaf, token.children, MAX_MARKS, in_cell=in_cell)
    return leaf


def has_table(tree: Node) -> bool:
    """Whether there is a table in it."""
    return tree.type == "table" or any(map(has_table, tree.children))


def rows(table: Node) -> Iterator[list[Node]]:
    """The cells of each row, the header's first."""
    return (row.children for part in table.children for row in part.children)


def inline(block: Node) -> list[Node]:
    """Returns the content of a paragraph, a heading or a cell."""
    return [node for one in block.children for node in one.children]
