"""The parts that the dialects of chats have in common: a message is lines, with marks for a few kinds of
text."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from repartee.channels.markup import tables
from repartee.channels.markup.addresses import address, break_mentions, is_safe, words
from repartee.channels.markup.tree import Node, parse_markdown

RULE = "———"

KEPT = "\0"
"""Begins a line of code until the text is whole: no margin and no quotation mark is set before it. The parser
lets no such character through."""


class Lines:
    """A dialect. The methods that only hand on what they get are where the dialects differ."""

    newline = "\n"

    def render(self, text: str) -> str:
        """The Markdown in this dialect."""
        return self.tree(parse_markdown(text))

    def tree(self, tree: Node) -> str:
        """A text that is parsed already."""
        return self._blocks(tree.children).replace(KEPT, "").strip("\n")

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
        return text

    def block_of_code(self, text: str, language: str) -> str:
        return text

    def link(self, inner: str, href: str, words: str) -> str:
        """A link that may be followed. An address that says itself is not said twice."""
        if words in ("", href):
            return href
        return inner if words == href.partition(":")[2] else f"{inner} ({href})"

    def quote(self, inner: str) -> str:
        return _moved(inner, "> ")

    # What they share

    def inline(self, nodes: Iterable[Node]) -> str:
        """Returns the content of one block of text."""
        return "".join(
            [self.text(node.content) if node.type == "text" else self._inline(node) for node in nodes]
        )

    def _inline(self, node: Node) -> str:
        told: Callable[[Node], str] = getattr(self, f"_{node.type}", self._inner)
        return told(node)

    def _inner(self, node: Node) -> str:
        return self.inline(node.children) if node.children else self.text(node.content)

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
        """A link; the address of one that must not be followed is text."""
        children, href = unlinked(node.children), address(node)
        inner, said = self.inline(children), words(children)
        if is_safe(href):
            return self.link(inner, href, said)
        return f"{inner} ({self.text(href)})".lstrip() if href and said != href else inner

    _image = _link

    def _blocks(self, nodes: Iterable[Node], between: str = "\n\n") -> str:
        return between.join(block for node in nodes if (block := self._block(node)).strip())

    def _block(self, node: Node) -> str:
        told: Callable[[Node], str] = getattr(self, f"_{node.type}", self._paragraph)
        return told(node)

    def _paragraph(self, node: Node) -> str:
        return self.inline(node.children)

    def _heading(self, node: Node) -> str:
        return self.inline([tables.bold(node.children)])

    def _hr(self, node: Node) -> str:
        return RULE

    def _blockquote(self, node: Node) -> str:
        return self.quote(self._blocks(node.children))

    def _code_block(self, node: Node) -> str:
        text = node.content.removesuffix("\n")
        return _kept(self.block_of_code(text, node.info.strip().partition(" ")[0])) if text.strip() else ""

    def _bullet_list(self, node: Node) -> str:
        return "\n".join(self._item(item, "•") for item in node.children)

    def _ordered_list(self, node: Node) -> str:
        return "\n".join(self._item(item, f"{number}.") for item, number in numbered(node))

    def _item(self, item: Node, mark: str) -> str:
        """An item, and what belongs to it below, moved in."""
        margin = " " * (len(mark) + 1)
        blocks = [block for node in item.children if (block := self._block(node)).strip()]
        whole = _moved("\n".join(blocks), margin)
        return mark + whole[len(mark) :] if whole.startswith(margin) else f"{mark}\n{whole}".rstrip("\n")

    def _table(self, node: Node) -> str:
        """In columns of one width where that fits a phone, else each row as a line."""
        if columns := tables.columns(node):
            return _kept(self.block_of_code(columns, ""))
        return "\n".join(map(self.inline, tables.lines(node)))


def numbered(ordered: Node) -> list[tuple[Node, str]]:
    """A list's items with their numbers: as written, or counted where all are written alike."""
    written = [item.info for item in ordered.children]
    if len(written) > 1 and len(set(written)) == 1:
        first = int(written[0])
        written = [str(number) for number, _ in enumerate(written, first)]
    return list(zip(ordered.children, written, strict=True))


def _kept(code: str) -> str:
    """A block of code whose lines are not moved in."""
    return KEPT + code.replace("\n", f"\n{KEPT}")


def _moved(text: str, margin: str) -> str:
    """The lines behind a margin, but for those of code."""
    if "\n" not in text:
        return text if text.startswith(KEPT) else margin + text
    return "\n".join(line if line.startswith(KEPT) else margin + line for line in text.split("\n"))


def unlinked(nodes: Iterable[Node]) -> list[Node]:
    """Returns the content of a link, with the addresses of links and images in it as text: a link in a link
    leads nowhere."""
    shown: list[Node] = []
    for node in nodes:
        if node.type in ("image", "link"):
            shown += unlinked(node.children)
            if words(node.children) not in (href := address(node), href.partition(":")[2]):
                shown.append(tables.text(f" ({href})"))
        elif node.children:
            shown.append(node.holding(unlinked(node.children)))
        else:
            shown.append(node)
    return shown
