"""The forms in which Telegram takes a text, the one that shows it best first.

A rich message (Bot API 10.1) shows tables, and holds eight times as much. It is used only for what a classic
message cannot show: Telegram Web, watches and older apps show a rich message as "not supported", the whole of
it (openclaw/openclaw#94226, #94548). Classic messages come as HTML; what is refused as HTML is sent as text.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from repartee.channels.markup import Plain, TelegramHtml, TelegramRich, parsed, tabular
from repartee.channels.markup.telegram import length

LONGEST = 4096
"""Characters of a classic message, as people see them."""

BLANK = "…"
"""What stands where there is nothing to be seen yet: a message must say something."""


class Form(msgspec.Struct, frozen=True):
    """A text as arguments of a method: of one for rich messages, or for classic ones."""

    rich: bool
    arguments: dict[str, Any]


def forms(text: str, *, rich: bool) -> Iterator[Form]:
    """The Markdown in each form that may do, unless not `rich` with rich ones among them."""
    tree = parsed(text)
    html = TelegramHtml().tree(tree)
    if rich and (tabular(tree) or length(html) > LONGEST):
        shown = {"html": TelegramRich().tree(tree), "skip_entity_detection": True}
        yield Form(True, {"rich_message": shown})
    yield Form(False, {"text": html if html.strip() else BLANK, "parse_mode": "HTML"})
    yield Form(False, {"text": Plain().tree(tree) or text.strip() or BLANK})
