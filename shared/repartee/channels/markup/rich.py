"""Telegram's rich messages, Bot API 10.1: https://core.telegram.org/bots/api#rich-message-formatting-options."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

from repartee.channels.markup import tables
from repartee.channels.markup.addresses import is_disguised
from repartee.channels.markup.lines import numbered
from repartee.channels.markup.people import bare_addresses
from repartee.channels.markup.telegram import TelegramHtmlRenderer, anchor, count_visible_chars
from repartee.channels.markup.tree import Node, rows

MAX_COLUMNS = 20
"""Columns that a table may have."""

MAX_LENGTH, MAX_BLOCKS, MAX_DEPTH = 32_768, 500, 16
"""Characters of a message, its blocks (items and rows count as such), and its elements in each other."""

BLOCK = re.compile(r"<(?:p|h\d|ul|ol|li|table|tr|pre|blockquote|hr/)\b")

OPEN_OR_END = re.compile(r"</|<(?!br>|hr/>)")
"""The beginning of a tag that holds others, or of its end: `<` in a text is escaped."""

LINK = re.compile(r"</?a\b[^>]*>")


class TelegramRichRenderer(TelegramHtmlRenderer):
    """Blocks instead of lines: headings, lists in lists, tables. To be sent with `skip_entity_detection`."""

    newline = "<br>"

    def text(self, text: str) -> str:
        """A text with the addresses in it as links: Telegram looks for none where it looks for no names."""
        shown, at = "", 0
        for start, end in bare_addresses(text):
            link = anchor(escape(text[start:end], quote=False), text[start:end])
            shown, at = shown + escape(text[at:start], quote=False) + link, end
        return shown + escape(text[at:], quote=False)

    def link(self, inner: str, href: str, words: str) -> str:
        shown = anchor(LINK.sub("", inner) if words.strip() else escape(href, quote=False), href)
        return f"{shown} ({anchor(escape(href, quote=False), href)})" if is_disguised(words, href) else shown

    def quote(self, inner: str) -> str:
        return f"<blockquote>{inner}</blockquote>"

    def _blocks(self, nodes: Iterable[Node], between: str = "") -> str:
        return super()._blocks(nodes, between)

    def _heading(self, node: Node) -> str:
        return f"<{node.info}>{self.inline(node.children)}</{node.info}>"

    def _paragraph(self, node: Node) -> str:
        """A tight list's items are lines, not paragraphs."""
        words = self.inline(node.children)
        return words if node.info else f"<p>{words}</p>"

    def _hr(self, node: Node) -> str:
        return "<hr/>"

    def _bullet_list(self, node: Node) -> str:
        return f"<ul>{self._items(node)}</ul>"

    def _ordered_list(self, node: Node) -> str:
        """A list with its first number, and each number that does not follow from the one before it."""
        items, expected = "", 1
        for item, written in numbered(node):
            value = "" if int(written) == expected else f' value="{int(written)}"'
            items += f"<li{value}>{self._blocks(item.children)}</li>"
            expected = int(written) + 1
        return f"<ol>{items}</ol>"

    def _items(self, node: Node) -> str:
        return "".join(f"<li>{self._blocks(item.children)}</li>" for item in node.children)

    def _table(self, node: Node) -> str:
        if len(next(rows(node))) > MAX_COLUMNS:
            return f"<p>{self.newline.join(map(self.inline, tables.lines(node)))}</p>"
        lines = "".join(f"<tr>{''.join(map(self._cell, row))}</tr>" for row in rows(node))
        return f"<table bordered>{lines}</table>"

    def _cell(self, cell: Node) -> str:
        aligned = f' align="{cell.info}"' if cell.info in ("center", "right") else ""
        return f"<{cell.type}{aligned}>{self.inline(cell.children)}</{cell.type}>"


def fits(html: str) -> bool:
    """Whether Telegram takes a rich message of this size."""
    if count_visible_chars(html) > MAX_LENGTH or len(BLOCK.findall(html)) > MAX_BLOCKS:
        return False
    depth = deepest = 0
    for tag in OPEN_OR_END.findall(html):
        if tag == "</":
            depth -= 1
        else:
            depth += 1
            deepest = max(deepest, depth)
    return deepest <= MAX_DEPTH
