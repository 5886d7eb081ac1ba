"""Telegram's rich messages, Bot API 10.1: https://core.telegram.org/bots/api#rich-message-formatting-options."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

from repartee.channels.markup.telegram import TelegramHtmlRenderer, anchor
from repartee.channels.markup.tree import Node, inline, rows

COLUMNS = 20
"""Columns that a table may have."""

ADDRESS = re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?)'\]]")
"""An address in the text. Telegram looks for none where it is told to look for no names either."""

LINK = re.compile(r"</?a\b[^>]*>")


class TelegramRichRenderer(TelegramHtmlRenderer):
    """Blocks instead of lines: headings, lists in lists, tables. To be sent with `skip_entity_detection`."""

    newline = "<br>"

    def text(self, text: str) -> str:
        """Text with the addresses in it as links."""
        shown, at = "", 0
        for found in ADDRESS.finditer(text):
            shown += escape(text[at : found.start()], quote=False) + anchor(escape(found[0]), found[0])
            at = found.end()
        return shown + escape(text[at:], quote=False)

    def link(self, inner: str, href: str) -> str:
        return anchor(LINK.sub("", inner) or escape(href), href)

    def quote(self, inner: str) -> str:
        return f"<blockquote>{inner}</blockquote>"

    def _blocks(self, nodes: Iterable[Node], between: str = "") -> str:
        return super()._blocks(nodes, between)

    def _heading(self, node: Node) -> str:
        return f"<{node.tag}>{self.inline(inline(node))}</{node.tag}>"

    def _paragraph(self, node: Node) -> str:
        """A tight list's items are lines, not paragraphs."""
        words = self.inline(inline(node))
        return words if node.hidden else f"<p>{words}</p>"

    def _hr(self, node: Node) -> str:
        return "<hr/>"

    def _bullet_list(self, node: Node) -> str:
        return f"<ul>{self._items(node)}</ul>"

    def _ordered_list(self, node: Node) -> str:
        start = int(node.attrs.get("start", 1))
        opening = "<ol>" if start == 1 else f'<ol start="{start}">'
        return f"{opening}{self._items(node)}</ol>"

    def _items(self, node: Node) -> str:
        return "".join(f"<li>{self._blocks(item.children)}</li>" for item in node.children)

    def _table(self, node: Node) -> str:
        if len(next(rows(node))) > COLUMNS:
            return super()._table(node)
        lines = "".join(f"<tr>{''.join(map(self._cell, row))}</tr>" for row in rows(node))
        return f"<table bordered>{lines}</table>"

    def _cell(self, cell: Node) -> str:
        side = str(cell.attrs.get("style", "")).removeprefix("text-align:")
        aligned = f' align="{side}"' if side in ("center", "right") else ""
        return f"<{cell.tag}{aligned}>{self.inline(inline(cell))}</{cell.tag}>"
