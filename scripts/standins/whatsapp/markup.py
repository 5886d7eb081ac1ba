"""Renders a text as WhatsApp shows it: which characters count as markup.

https://faq.whatsapp.com/539178204879377, and what its applications do. What it does not publish is
read strictly: whatever one of its applications might take for a mark is one.
"""

from __future__ import annotations

import re
from typing import NamedTuple

LIMIT = 4096

BLOCK = re.compile(r"```(?P<block>(?:(?!```).)+)```", re.DOTALL)
INLINE = re.compile(r"`(?P<inline>[^`\n]+)`")
STYLE = re.compile(r"(?<![0-9A-Za-z])(?P<mark>[*_~])(?=\S)(?P<inner>[^\n]+?)(?<=\S)(?P=mark)(?![0-9A-Za-z])")


class TextError(Exception):
    """The text is not taken; says so as the Cloud API does."""


class Seen(NamedTuple):
    """The visible text, and what of it is monospaced."""

    text: str
    code: list[str]


def seen(text: str) -> Seen:
    """Returns how a text message is shown."""
    if not text.strip():
        raise TextError("(#100) The parameter text['body'] is required.")
    if len(text) > LIMIT:
        raise TextError(f"(#100) Param text['body'] must be at most {LIMIT} characters long.")
    code: list[str] = []

    def taken(found: re.Match[str]) -> str:
        code.append(found[found.lastgroup or 0])
        return f"\ue000{len(code) - 1}\ue001"

    rest = INLINE.sub(taken, BLOCK.sub(taken, text))
    for mark in "*_~":
        rest = _without(rest, mark)
    while "\ue000" in rest:
        rest = re.sub("\ue000(\\d+)\ue001", lambda found: code[int(found[1])], rest)
    return Seen(rest, code)


def _without(text: str, mark: str) -> str:
    """The text without the pairs of one kind of mark."""
    pair = re.compile(STYLE.pattern.replace("[*_~]", re.escape(mark)))
    return "\n".join(
        pair.sub(lambda found: found["inner"], line) if mark in line else line for line in text.split("\n")
    )
