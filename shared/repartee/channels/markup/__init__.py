"""Markdown, as models write it, in the dialects of the platforms.

No character of code, of an address, a number or a word is lost, added or changed. Where a mark cannot be
expressed, the mark goes, not the text. What comes out cannot ping anybody: names behind an `@` are broken up
invisibly where a platform would look for them, though not in code, links lead to the web or to an address and
never to a person, and pictures are links, so that nothing is fetched by itself.
"""

from repartee.channels.markup.plain import Plain
from repartee.channels.markup.rich import TelegramRich
from repartee.channels.markup.telegram import TelegramHtml
from repartee.channels.markup.tree import Node, parsed, tabular
from repartee.channels.markup.whatsapp import WhatsApp

__all__ = ["Node", "Plain", "TelegramHtml", "TelegramRich", "WhatsApp", "parsed", "tabular"]
