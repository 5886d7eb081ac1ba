"""A text without marks whose code is still code to Telegram, which looks for no names in it.

https://core.telegram.org/bots/api#messageentity: offsets count UTF-16 code units.
"""

from __future__ import annotations

import re
from typing import Any

from repartee.channels.markup import Node, PlainTextRenderer

CODE = re.compile("\x01([^\x02]*)\x02")

MAX_ENTITIES = 100
"""Entities that Telegram takes with a message."""


class _WithCode(PlainTextRenderer):
    """Plain text with a control character on both sides of code."""

    def text(self, text: str) -> str:
        return super().text(_without_control(text))

    def code(self, text: str) -> str:
        return f"\x01{_without_control(text)}\x02"

    def block_of_code(self, text: str, language: str) -> str:
        return self.code(text)


def plain(tree: Node) -> tuple[str, list[dict[str, Any]]]:
    """The text, and where in it code stands."""
    shown, at, offset = list[str](), 0, 0
    entities: list[dict[str, Any]] = []
    marked = _WithCode().tree(tree)
    for found in CODE.finditer(marked):
        before, code = marked[at : found.start()], found[1]
        offset += _units(before)
        if len(entities) < MAX_ENTITIES:
            entities.append({"type": "code", "offset": offset, "length": _units(code)})
        shown += (before, code)
        at, offset = found.end(), offset + _units(code)
    return "".join([*shown, marked[at:]]), entities


def _units(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "replace")) // 2


def _without_control(text: str) -> str:
    return text if text.isprintable() else text.replace("\x01", "").replace("\x02", "")
