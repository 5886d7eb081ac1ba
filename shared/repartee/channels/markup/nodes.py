"""The nodes of a tree of blocks and marks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from markdown_it.token import Token

NO_ATTRS: Mapping[str, str | int | float] = {}


class Node:
    """A block or a mark with what it holds, or a text. Its type is markdown-it's name of the token."""

    __slots__ = ("attrs", "children", "content", "hidden", "info", "tag", "type")

    def __init__(self, token: Token | None, kind: str, content: str = "") -> None:
        self.type = kind
        self.children: list[Node] = []
        if token:
            self.tag, self.content, self.info = token.tag, token.content, token.info
            self.attrs: Mapping[str, str | int | float] = token.attrs
            self.hidden = bool(token.hidden)
        else:
            self.tag, self.content, self.info = "", content, ""
            self.attrs, self.hidden = NO_ATTRS, False

    def holding(self, children: Iterable[Node]) -> Node:
        """The same with other children."""
        other = Node(None, self.type, self.content)
        other.tag, other.info = self.tag, self.info
        other.attrs, other.hidden, other.children = self.attrs, self.hidden, list(children)
        return other


def holding(kind: str, children: list[Node]) -> Node:
    """A node with these children."""
    node = Node(None, kind)
    node.children = children
    return node
