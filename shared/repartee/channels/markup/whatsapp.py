"""WhatsApp's dialect: https://faq.whatsapp.com/539178204879377, "How to format your messages".

One character on each side marks a text, on every line anew. There is no way to escape it, so each line is
read as WhatsApp would read it: a mark that would not be one goes, and a literal character that would be one
is shown as code.
"""

from __future__ import annotations

from collections.abc import Iterable

from repartee.channels.markup.addresses import ZERO_WIDTH_SPACE, address, break_mentions, is_safe, words
from repartee.channels.markup.lines import Lines, unlinked
from repartee.channels.markup.people import bare_addresses
from repartee.channels.markup.pieces import ADDRESS, BREAK, CODE, FENCE, TEXT, Piece, marked, written
from repartee.channels.markup.tree import Node

MARKS = {"strong": "*", "em": "_", "s": "~"}


class WhatsAppRenderer(Lines):
    """Marks are set around words alone, never around code or an address."""

    def inline(self, nodes: Iterable[Node]) -> str:
        return written(self._pieces(nodes))

    def code(self, text: str) -> str:
        """Code between backticks; code that has some itself is shown as it is."""
        if "`" not in text:
            return f"`{text}`" if text.strip() else text
        text = _unfenced(text)
        inner = not (text.startswith("`") or text.endswith("`"))
        return f"{FENCE}{text}{FENCE}" if inner else text

    def block_of_code(self, text: str, language: str) -> str:
        return f"{FENCE}\n{_unfenced(text)}\n{FENCE}"

    def _pieces(self, nodes: Iterable[Node]) -> list[Piece]:
        pieces: list[Piece] = []
        for node in nodes:
            if node.type == "text" and node.content.isalnum():
                pieces.append(Piece(TEXT, node.content))
            else:
                pieces += self._piece(node)
        return pieces

    def _piece(self, node: Node) -> list[Piece]:
        if node.type == "text":
            return _text(node.content)
        if node.type in ("softbreak", "hardbreak"):
            return [Piece(BREAK, "\n")]
        if node.type == "code_inline":
            return [_code(node.content, self.code(node.content))]
        if node.type in ("link", "image"):
            return self._linked(node)
        inner = self._pieces(node.children)
        return marked(MARKS[node.type], inner) if node.type in MARKS else inner

    def _linked(self, node: Node) -> list[Piece]:
        """A link's words, and behind them its address, unless they are the same."""
        children, href = unlinked(node.children), address(node)
        inner, said = self._pieces(children), words(children)
        shown = Piece(ADDRESS, href if is_safe(href) else break_mentions(href))
        if href and said in ("", href):
            return [shown]
        if said == href.partition(":")[2]:
            return inner
        return [*inner, Piece(CODE, " ("), shown, Piece(CODE, ")")]


def _unfenced(text: str) -> str:
    """The text without a mark of a block, which cannot be escaped: it would turn code and text around."""
    return text.replace(FENCE, f"``{ZERO_WIDTH_SPACE}`") if FENCE in text else text


def _text(text: str) -> list[Piece]:
    """A text, with the addresses in it apart."""
    text = _unfenced(text)
    if "://" not in text:
        return [Piece(TEXT, break_mentions(text))] if text else []
    pieces, at = list[Piece](), 0
    for start, end in bare_addresses(text):
        pieces += [Piece(TEXT, break_mentions(text[at:start])), Piece(ADDRESS, text[start:end])]
        at = end
    pieces.append(Piece(TEXT, break_mentions(text[at:])))
    return [piece for piece in pieces if piece.text]


def _code(text: str, shown: str) -> Piece:
    """Code; what cannot be shown as such is checked like text, but never marked."""
    return Piece(ADDRESS if shown == text else CODE, shown)
