"""The nodes of a tree of blocks and marks."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec


class Node(msgspec.Struct, eq=False, gc=False):
    """A block or a mark with what it holds, or a text.

    `content` is the text of a text or of code; `href` where a link or an image leads; `info` a block of
    code's language, an item's number as it is written, a heading's tag, the side of a cell, `tight` for an
    item's line. A node is never in itself, so that no garbage collector needs to look for it.
    """

    type: str
    content: str = ""
    children: list[Node] = []
    info: str = ""
    href: str = ""

    def holding(self, children: Iterable[Node]) -> Node:
        """Returns the same with other children."""
        return Node(self.type, self.content, list(children), self.info, self.href)
