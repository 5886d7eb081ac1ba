"""What the dialects of chats have in common: a message is lines, with marks for a few kinds of text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from repartee.channels.markup.tree import BREAK, Node, break_mentions, inline, parse_markdown, rows, target

NARROW = 44
"""Characters of a line that most phones show without wrapping it, in type of one width."""

GAP = "  "
RULE = "———"

COLUMNED = {"fence", "code_block", "table"}
"""Blocks in which the place in the line says something."""


class Lines:
    """A dialect. The methods that only hand on what they get are where the dialects differ."""

    newline = "\n"

    def render(self, text: str) -> str:
        """The Markdown in this dialect."""
        return self.tree(parse_markdown(text))

    def tree(self, tree: Node) -> str:
        """A text that is parsed already."""
        return self._blocks(tree.children).strip("\n")

    # Where dialects differ

    def text(self, text: str) -> str:
        return break_mentions(text)

    def bold(self, inner: str) -> str:
        return inner

    def italic(self, inner: str) -> str:
        return inner

    def struck(self, inner: str) -> str:
        return inner

    def code(self, text: str) -> str:
        return self.text(text)

    def block_of_code(self, text: str, language: str) -> str:
        return self.text(text)

    def link(self, inner: str, href: str) -> str:
        """A link that may be followed. An address that says itself is not said twice."""
        shown = self.text(href)
        return shown if inner in ("", shown, self.text(href.partition(":")[2])) else f"{inner} ({shown})"

    def quote(self, inner: str) -> str:
        return "\n".join(f"> {line}" for line in inner.split("\n"))

    # What they share

    def inline(self, nodes: Iterable[Node]) -> str:
        """What stands in one block of text."""
        return "".join(self._inline(node) for node in nodes)

    def _inline(self, node: Node) -> str:
        told: Callable[[Node], str] = getattr(self, f"_{node.type}", self._inner)
        return told(node)

    def _inner(self, node: Node) -> str:
        return self.inline(node.children)

    def _text(self, node: Node) -> str:
        return self.newline.join(map(self.text, BREAK.split(node.content)))

    def _softbreak(self, node: Node) -> str:
        return self.newline

    _hardbreak = _softbreak

    def _code_inline(self, node: Node) -> str:
        return self.code(node.content)

    def _strong(self, node: Node) -> str:
        return self.bold(self._inner(node))

    def _em(self, node: Node) -> str:
        return self.italic(self._inner(node))

    def _s(self, node: Node) -> str:
        return self.struck(self._inner(node))

    def _link(self, node: Node) -> str:
        href = target(node)
        return self.link(self._inner(node), href) if href else self._inner(node)

    _image = _link

    def _blocks(self, nodes: Iterable[Node], between: str = "\n\n") -> str:
        return between.join(block for node in nodes if (block := self._block(node)).strip())

    def _block(self, node: Node) -> str:
        told: Callable[[Node], str] = getattr(self, f"_{node.type}", self._paragraph)
        return told(node)

    def _paragraph(self, node: Node) -> str:
        return self.inline(inline(node))

    def _heading(self, node: Node) -> str:
        return self.bold(self._paragraph(node))

    def _hr(self, node: Node) -> str:
        return RULE

    def _blockquote(self, node: Node) -> str:
        return self.quote(self._blocks(node.children))

    def _fence(self, node: Node) -> str:
        return self.block_of_code(node.content.rstrip("\n"), node.info.partition(" ")[0])

    _code_block = _fence

    def _bullet_list(self, node: Node) -> str:
        return "\n".join(self._item(item, "•") for item in node.children)

    def _ordered_list(self, node: Node) -> str:
        first = int(node.attrs.get("start", 1))
        return "\n".join(self._item(item, f"{number}.") for number, item in enumerate(node.children, first))

    def _item(self, item: Node, mark: str) -> str:
        """An item, and what belongs to it below, moved in. Code keeps its own place in the line."""
        margin = " " * (len(mark) + 1)
        blocks = [
            block if node.type in COLUMNED else margin + block.replace("\n", "\n" + margin)
            for node in item.children
            if (block := self._block(node)).strip()
        ]
        whole = "\n".join(blocks)
        return mark + whole[len(mark) :] if whole.startswith(margin) else f"{mark}\n{whole}".rstrip("\n")

    def _table(self, node: Node) -> str:
        """In columns of one width where that fits a phone, else each row as a list."""
        cells = [[_words(cell) for cell in row] for row in rows(node)]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        if sum(widths) + len(GAP) * len(widths) <= NARROW:
            return self.block_of_code("\n".join(_columns(row, widths) for row in cells), "")
        header, *body = cells
        return "\n".join(self._row(header, row) for row in body)

    def _row(self, header: Sequence[str], row: Sequence[str]) -> str:
        first, *others = zip(header, row, strict=True)
        told = [f"{self.text(name)}: {self.text(cell)}" for name, cell in others if cell]
        return f"• {self.bold(self.text(first[1]))}" + "".join(f"\n  {one}" for one in told)


def _columns(row: Sequence[str], widths: Sequence[int]) -> str:
    return GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _words(cell: Node) -> str:
    """A table's cell without any marks, in one line."""
    return " ".join(Unmarked().inline(inline(cell)).split())


class Unmarked(Lines):
    """Only the words."""

    def text(self, text: str) -> str:
        return text

    def link(self, inner: str, href: str) -> str:
        return inner or href
