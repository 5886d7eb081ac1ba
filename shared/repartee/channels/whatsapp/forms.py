"""A part of a reply as WhatsApp takes it: its dialect, in texts that one message holds."""

from __future__ import annotations

from collections.abc import Iterator

from repartee.channels.markup import WhatsApp

LONGEST = 4096
"""Characters of a text: https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/text-messages"""

BLANK = "…"
"""What stands where there is nothing to be seen: a message must say something."""


def texts(markdown: str) -> Iterator[str]:
    """The Markdown as one text, or as several where tables and links made it longer than a message."""
    rest = WhatsApp().render(markdown).strip() or BLANK
    while len(rest) > LONGEST:
        cut = rest.rfind("\n", LONGEST // 2, LONGEST) + 1 or LONGEST
        yield rest[:cut].rstrip()
        rest = rest[cut:].lstrip("\n")
    if rest:
        yield rest
