"""A part of a reply as WhatsApp takes it: its dialect, in texts that one message holds."""

from __future__ import annotations

from collections.abc import Iterator

from repartee.channels.markdown import split_markdown
from repartee.channels.markup import WhatsAppRenderer
from repartee.channels.markup.graphemes import boundary
from repartee.channels.markup.pieces import FENCE

MAX_TEXT_CHARS = 4096
"""Characters of a text: https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/text-messages"""

MIN_SPLIT_CHARS = 400
"""Characters of Markdown that are not parted any more: where they become too long, the text itself is cut."""

CLOSING_CHARS = 8
"""Characters that are kept free for the end of a block of code, and its beginning."""

EMPTY_TEXT = "…"
"""The text where there is nothing to be seen: a message must say something."""


def render_texts(markdown: str) -> Iterator[str]:
    """The Markdown as one text, or as several where tables and links made it longer than a message."""
    shown = (
        WhatsAppRenderer().render(markdown).strip() or EMPTY_TEXT if len(markdown) <= MAX_TEXT_CHARS else ""
    )
    if shown and len(shown) <= MAX_TEXT_CHARS:
        yield shown
    elif shown and (texts := _between_lines(shown)):
        yield from texts
    elif shown and len(markdown) <= MIN_SPLIT_CHARS:
        yield from _cut(shown)
    else:
        growth = max(2.0, 1.2 * len(shown) / MAX_TEXT_CHARS)
        limit = max(int(len(markdown) / growth), MIN_SPLIT_CHARS // 2)
        for part in split_markdown(markdown, min(limit, MAX_TEXT_CHARS)):
            if part.text.strip():
                yield from render_texts(part.text)


def _between_lines(text: str) -> list[str]:
    """Returns the text in pieces of whole lines, blocks of code closed in one and opened again in the next;
    none if a line is too long. WhatsApp's other marks do not reach across lines."""
    texts: list[list[str]] = [[]]
    room, in_code = MAX_TEXT_CHARS, False
    for line in text.split("\n"):
        needed = len(line) + 1 + CLOSING_CHARS
        if needed > room:
            if needed > MAX_TEXT_CHARS - CLOSING_CHARS:
                return []
            texts[-1] += [FENCE] * in_code
            texts.append([FENCE] * in_code)
            room = MAX_TEXT_CHARS - CLOSING_CHARS
        texts[-1].append(line)
        room -= len(line) + 1
        in_code ^= line == FENCE
    return [joined for lines in texts if (joined := "\n".join(lines).strip("\n"))]


def _cut(text: str) -> Iterator[str]:
    """The text in pieces that a message holds."""
    while text:
        end = boundary(text, min(MAX_TEXT_CHARS, len(text)))
        yield text[:end]
        text = text[end:].strip()
