"""A part of a reply as WhatsApp takes it: its dialect, in texts that one message holds."""

from __future__ import annotations

from collections.abc import Iterator

from repartee.channels.markdown import parts
from repartee.channels.markup import WhatsApp
from repartee.channels.markup.graphemes import boundary

LONGEST = 4096
"""Characters of a text: https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/text-messages"""

SHORTEST = 400
"""Characters of Markdown that are not parted any more: where they become too long, the text itself is cut."""

BLANK = "…"
"""What stands where there is nothing to be seen: a message must say something."""


def texts(markdown: str) -> Iterator[str]:
    """The Markdown as one text, or as several where tables and links made it longer than a message."""
    shown = WhatsApp().render(markdown).strip() or BLANK if len(markdown) <= LONGEST else ""
    if shown and len(shown) <= LONGEST:
        yield shown
    elif shown and len(markdown) <= SHORTEST:
        yield from _cut(shown)
    else:
        for part in parts(markdown, min(max(len(markdown) // 2, SHORTEST // 2), LONGEST)):
            if part.text.strip():
                yield from texts(part.text)


def _cut(text: str) -> Iterator[str]:
    """The text in pieces that a message holds."""
    while text:
        end = boundary(text, min(LONGEST, len(text)))
        yield text[:end]
        text = text[end:].strip()
