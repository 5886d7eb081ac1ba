"""Markdown, as models write it, in the dialects of the platforms.

No character of code, of an address, a number or a word is lost, added or changed. Where a mark cannot be
expressed, the mark goes, not the text. What comes out cannot ping anybody: names behind an `@` are broken up
invisibly where a platform would look for them, though not in code, links lead to the web or to an address and
never to a person, and pictures are links, so that nothing is fetched by itself.
"""

from repartee.channels.markup.plain import PlainTextRenderer
from repartee.channels.markup.rich import TelegramRichRenderer
from repartee.channels.markup.telegram import TelegramHtmlRenderer
from repartee.channels.markup.tree import Node, has_table, parse_markdown
from repartee.channels.markup.whatsapp import WhatsAppRenderer

__all__ = [
    "Node",
    "PlainTextRenderer",
    "TelegramHtmlRenderer",
    "TelegramRichRenderer",
    "WhatsAppRenderer",
    "has_table",
    "parse_markdown",
]
