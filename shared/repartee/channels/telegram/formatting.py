"""The forms in which Telegram takes a text, the one that shows it best first.

A rich message (Bot API 10.1) shows tables, and holds eight times as much. It is used only for what a classic
message cannot show: Telegram Web, watches and older apps show a rich message as "not supported", the whole of
it (openclaw/openclaw#94226, #94548). Classic messages come as HTML; what is refused as HTML is sent as text.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from repartee.channels.markup import (
    PlainTextRenderer,
    TelegramHtmlRenderer,
    TelegramRichRenderer,
    has_table,
    parse_markdown,
)
from repartee.channels.markup.telegram import count_visible_chars

MAX_CLASSIC_CHARS = 4096
"""Characters of a classic message, as people see them."""

EMPTY_TEXT = "…"
"""What stands where there is nothing to be seen yet: a message must say something."""


class FormattedText(msgspec.Struct, frozen=True):
    """A text as arguments of a method: of one for rich messages, or for classic ones."""

    is_rich: bool
    arguments: dict[str, Any]


def format_candidates(text: str, *, allow_rich: bool) -> Iterator[FormattedText]:
    """The Markdown in each form that may do, unless not `rich` with rich ones among them."""
    tree = parse_markdown(text)
    html = TelegramHtmlRenderer().tree(tree)
    if allow_rich and (has_table(tree) or count_visible_chars(html) > MAX_CLASSIC_CHARS):
        shown = {"html": TelegramRichRenderer().tree(tree), "skip_entity_detection": True}
        yield FormattedText(True, {"rich_message": shown})
    yield FormattedText(False, {"text": html if html.strip() else EMPTY_TEXT, "parse_mode": "HTML"})
    yield FormattedText(False, {"text": PlainTextRenderer().tree(tree) or text.strip() or EMPTY_TEXT})
