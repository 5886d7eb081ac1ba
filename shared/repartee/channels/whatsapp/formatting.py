"""A part of a reply as WhatsApp takes it: its dialect, in texts that one message holds."""

from __future__ import annotations

from collections.abc import Iterator

from repartee.channels.markup import WhatsAppRenderer

MAX_TEXT_CHARS = 4096
"""Characters of a text: https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/text-messages"""

EMPTY_TEXT = "…"
"""What stands where there is nothing to be seen: a message must say something."""


def render_texts(markdown: str) -> Iterator[str]:
    """The Markdown as one text, or as several where tables and links made it longer than a message."""
    rest = WhatsAppRenderer().render(markdown).strip() or EMPTY_TEXT
    while len(rest) > MAX_TEXT_CHARS:
        cut = rest.rfind("\n", MAX_TEXT_CHARS // 2, MAX_TEXT_CHARS) + 1 or MAX_TEXT_CHARS
        yield rest[:cut].rstrip()
        rest = rest[cut:].lstrip("\n")
    if rest:
        yield rest
