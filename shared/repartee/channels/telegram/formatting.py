"""The forms in which Telegram takes a text, the one that shows it best first.

A rich message (Bot API 10.1) shows tables, and holds eight times as much. It is used only for what a classic
message cannot show: Telegram Web, watches and older apps show a rich message as "not supported", the whole of
it (openclaw/openclaw#94226, #94548). Classic messages come as HTML; what is refused as HTML is sent as text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

import msgspec

from repartee.channels.markup import (
    Node,
    TelegramHtmlRenderer,
    TelegramRichRenderer,
    has_table,
    parse_markdown,
)
from repartee.channels.markup.graphemes import boundary
from repartee.channels.markup.rich import fits
from repartee.channels.markup.telegram import count_visible_chars
from repartee.channels.telegram.entities import plain

MAX_CLASSIC_CHARS = 4096
"""Characters of a classic message, as people see them."""

HEAVY: Mapping[str, int] = MappingProxyType({"": 1, "|": 1, "@": 1})
"""Characters of Markdown that may take more than one of these, and how many more. Those behind U+FFFF (the
empty name) take two UTF-16 units."""

EMPTY_TEXT = "…"
"""The text where there is nothing to be seen yet, or no room for more: a message must say something."""


class FormattedText(msgspec.Struct, frozen=True):
    """A text as arguments of a method: of one for rich messages, or for classic ones."""

    is_rich: bool
    arguments: dict[str, Any]


def format_candidates(text: str, *, allow_rich: bool) -> Iterator[FormattedText]:
    """The Markdown in each form that may do, if `allow_rich` with rich ones among them; two at least."""
    tree = parse_markdown(text)
    html = TelegramHtmlRenderer().tree(tree)
    is_long = len(html) > MAX_CLASSIC_CHARS and count_visible_chars(html) > MAX_CLASSIC_CHARS
    if allow_rich and (is_long or has_table(tree)):
        yield from _rich(tree)
    last = _plain(tree, text)
    classic = {"text": html if html.strip() else EMPTY_TEXT, "parse_mode": "HTML"}
    yield last if is_long else FormattedText(False, classic)
    yield last


def _rich(tree: Node) -> Iterator[FormattedText]:
    html = TelegramRichRenderer().tree(tree)
    if html and fits(html):
        yield FormattedText(True, {"rich_message": {"html": html, "skip_entity_detection": True}})


def _plain(tree: Node, markdown: str) -> FormattedText:
    """The text without marks. What no message can hold is cut, and the cut is seen: `markdown.parts` lets it
    come to that only where a text becomes much longer than its Markdown."""
    text, entities = plain(tree)
    shown = text or markdown.strip() or EMPTY_TEXT
    if length_of(shown) > MAX_CLASSIC_CHARS:
        room = (
            MAX_CLASSIC_CHARS - sum(char > "\uffff" for char in shown[:MAX_CLASSIC_CHARS]) - len(EMPTY_TEXT)
        )
        shown, entities = shown[: boundary(shown, room)] + EMPTY_TEXT, []
    return FormattedText(False, {"text": shown, **({"entities": entities} if entities else {})})


def length_of(text: str) -> int:
    """The length of a text in UTF-16 code units."""
    return len(text.encode("utf-16-le", "replace")) // 2
