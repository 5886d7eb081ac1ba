"""Telegram's HTML: https://core.telegram.org/bots/api#html-style."""

from __future__ import annotations

import re
from html import escape

from repartee.channels.markup.addresses import break_mentions, is_disguised
from repartee.channels.markup.lines import Lines

ENTITIES = ("&lt;", "&gt;", "&amp;")
"""The entities that `escape` makes of characters outside of tags."""

TAG = re.compile(r"<[^>]*>")
LANGUAGE = re.compile(r"[\w+#.-]{1,32}")


class TelegramHtmlRenderer(Lines):
    """The few tags that a classic message knows: no headings, no lists, no tables, no quotes in quotes."""

    def text(self, text: str) -> str:
        return escape(break_mentions(text), quote=False)

    def bold(self, inner: str) -> str:
        return f"<b>{inner}</b>" if inner else ""

    def italic(self, inner: str) -> str:
        return f"<i>{inner}</i>" if inner else ""

    def struck(self, inner: str) -> str:
        return f"<s>{inner}</s>" if inner else ""

    def code(self, text: str) -> str:
        return f"<code>{escape(text, quote=False)}</code>"

    def block_of_code(self, text: str, language: str) -> str:
        return pre(text, language)

    def link(self, inner: str, href: str, words: str) -> str:
        shown = anchor(inner if words.strip() else escape(href, quote=False), href)
        return f"{shown} ({anchor(escape(href, quote=False), href)})" if is_disguised(words, href) else shown

    def quote(self, inner: str) -> str:
        flat = inner.replace("<blockquote>", "").replace("</blockquote>", "")
        return f"<blockquote>{flat}</blockquote>"


def pre(text: str, language: str) -> str:
    """A block of code."""
    code = escape(text, quote=False)
    if not LANGUAGE.fullmatch(language):
        return f"<pre>{code}</pre>"
    return f'<pre><code class="language-{escape(language)}">{code}</code></pre>'


def anchor(inner: str, href: str) -> str:
    """A link."""
    return f'<a href="{escape(href)}">{inner}</a>'


def count_visible_chars(html: str) -> int:
    """How long Telegram takes a text to be: what is seen of it, in UTF-16 code units."""
    seen = TAG.sub("", html)
    units = len(seen) if seen.isascii() else len(seen.encode("utf-16-le", "replace")) // 2
    return units - sum(seen.count(entity) * (len(entity) - 1) for entity in ENTITIES)
