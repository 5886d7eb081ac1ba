"""The nodes of a tree of blocks and marks."""

from __future__ import annotations

from collections.abc import Iterable

NO_CHILDREN: list[Node] = []
"""The children of all nodes that hold none. It is never added to."""


class Node:
    """A block or a mark with what it holds, or a text.

    `content` is the text of a text or of code; `href` where a link or an image leads; `info` a block of
    code's language, an item's number as it is written, a heading's tag, the side of a cell, `tight` for an
    item's line.
    """

    __slots__ = ("children", "content", "href", "info", "type")

    def __init__(self, kind: str, content: str = "", children: list[Node] | None = None) -> None:
        self.type = kind
        self.content = content
        self.children: list[Node] = NO_CHILDREN if children is None else children
        self.info = self.href = ""

    def holding(self, children: Iterable[Node]) -> Node:
        """Returns the same with other children."""
        other = Node(self.type, self.content, list(children))
        other.info, other.href = self.info, self.href
        return other
