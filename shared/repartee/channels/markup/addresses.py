"""Where links lead, which of them may be followed, and names that must not be looked up and told."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import unescape
from urllib.parse import quote, urlsplit

from repartee.channels.markup.tree import Node

__all__ = [
    "BARE_ADDRESS",
    "ZERO_WIDTH_SPACE",
    "address",
    "break_mentions",
    "is_disguised",
    "is_safe",
    "looks_like_address",
    "words",
]

SAFE = re.compile("(?:https?|mailto|tel):", re.IGNORECASE)
"""Schemes of a link that may be followed. `tg://user?id=…` would mention a person, `javascript:` is worse."""

ZERO_WIDTH_SPACE = "\u200b"

BARE_ADDRESS = re.compile(r"https?://[\w./?&=%#~+:@;,!$-]*")
"""An address in a text, up to the first bracket, quotation mark or star."""

PING = re.compile(rf"{BARE_ADDRESS.pattern}|(?<!\w)@(?=\w|\Z)")
"""An address, or what may be the beginning of a mention. An e-mail address is none."""

LOOKS_LIKE_ADDRESS = re.compile(
    r"(?:https?://|www\.)\S+"
    r"|(?<![\w@])(?:[\w-]+\.)+(?:[^\W\d_]{2,}|xn--[\w-]+)(?![\w@])"
    r"|(?<![\w.@])\d{1,3}(?:\.\d{1,3}){3}(?![\w@.])",
    re.IGNORECASE,
)
"""An address with its scheme, a domain in any script, or four bytes of an IP address."""

UNSEEN = re.compile(r"[\\\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
"""Characters that are not seen between a text's letters: escapes of Markdown, characters without a width."""

BLANK = re.compile(r"[\s\x00-\x20\x7f]")


def address(link: Node) -> str:
    """Where a link or an image leads, as it was written, empty if nowhere."""
    return BLANK.sub(_quoted, link.href) if BLANK.search(link.href) else link.href


def _quoted(found: re.Match[str]) -> str:
    return quote(found[0])


def is_safe(address: str) -> bool:
    """Whether a link may lead there."""
    try:
        return bool(SAFE.match(address)) and ("[" not in address or bool(urlsplit(address)))
    except ValueError:
        return False


def looks_like_address(text: str) -> bool:
    """Whether a link's text says an address."""
    return bool(LOOKS_LIKE_ADDRESS.search(_seen(text)))


def is_disguised(text: str, address: str) -> bool:
    """Whether a link's text is an address, but not the one that it leads to."""
    shown = LOOKS_LIKE_ADDRESS.finditer(_seen(text)) if text != address else ()
    return any(not _same(found[0], address) for found in shown)


def _seen(text: str) -> str:
    """Returns the text as it looks."""
    return text if text.isascii() and "&" not in text and "\\" not in text else UNSEEN.sub("", unescape(text))


def _same(shown: str, address: str) -> bool:
    shown, address = _bare(shown), _bare(address)
    return shown == address or ("/" not in shown and shown == address.partition("/")[0])


def _bare(address: str) -> str:
    """The address without what people leave out."""
    bare = address.rstrip("/.,;:!?)'\"").partition("//")[2] or address.rstrip("/.,;:!?)'\"")
    host, slash, path = bare.removeprefix("mailto:").partition("/")
    return host.lower().removeprefix("www.") + slash + path


def words(nodes: Iterable[Node]) -> str:
    """Returns the text of the nodes, without marks and addresses."""
    return "".join(
        node.content if node.type in ("text", "code_inline") else words(node.children) or " "
        for node in nodes
    )


def break_mentions(text: str) -> str:
    """The text such that no name in it is looked up and told. Addresses stay whole."""
    return PING.sub(_broken_up, text) if "@" in text else text


def _broken_up(found: re.Match[str]) -> str:
    return "@" + ZERO_WIDTH_SPACE if found[0] == "@" else found[0]
