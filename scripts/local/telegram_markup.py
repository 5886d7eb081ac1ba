"""What Telegram does with HTML: it refuses what it does not know, or what does not close.

The tags are those of https://core.telegram.org/bots/api#html-style and #rich-html-style, the errors those of
the Bot API server (tdlib, MessageEntity.cpp, parse_html).
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

TOKEN = re.compile(r"<(?P<end>/?)(?P<tag>[a-zA-Z][a-zA-Z0-9-]*)(?P<attributes>[^<>]*?)(?P<void>/?)>|<|[^<]+")
ATTRIBUTE = re.compile(r"\s+(?P<name>[a-zA-Z-]+)(?:=\"(?P<value>[^\"]*)\")?")
ENTITY = re.compile(r"&(?!(?:lt|gt|amp|quot|#\d{1,7}|#x[0-9a-fA-F]{1,6});)[a-zA-Z#]\w*;")

CLASSIC: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(["b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "pre"], frozenset[str]()),
    "a": frozenset({"href"}),
    "blockquote": frozenset({"expandable"}),
    "code": frozenset({"class"}),
    "span": frozenset({"class"}),
    "tg-emoji": frozenset({"emoji-id"}),
    "tg-spoiler": frozenset(),
    "tg-time": frozenset({"unix", "format"}),
}
RICH: Mapping[str, frozenset[str]] = {
    **CLASSIC,
    **dict.fromkeys(["h1", "h2", "h3", "h4", "h5", "h6", "p", "ul", "mark", "sub", "sup"], frozenset[str]()),
    **dict.fromkeys(["tr", "caption", "cite", "aside", "footer", "summary"], frozenset[str]()),
    "details": frozenset({"open"}),
    "li": frozenset({"value", "type"}),
    "ol": frozenset({"start", "type", "reversed"}),
    "table": frozenset({"bordered", "striped"}),
    "th": frozenset({"align", "valign", "colspan", "rowspan"}),
    "td": frozenset({"align", "valign", "colspan", "rowspan"}),
}
VOID = {"br", "hr"}
BLOCKS = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "tr", "pre", "blockquote", "hr", "details", "footer"}
INLINE_ONLY = {"th", "td", "p", "h1", "h2", "h3", "h4", "h5", "h6"}
LEVELS, BLOCKS_LIMIT, COLUMNS = 16, 500, 20


class MarkupError(Exception):
    """The text is not taken; says so as Telegram does."""


def seen(markup: str) -> str:
    """What people see of a classic message."""
    return _read(markup, CLASSIC)


def seen_rich(markup: str) -> str:
    """What people see of a rich message, roughly: blocks on lines of their own."""
    text = _read(markup, RICH, rich=True)
    if not text.strip():
        raise MarkupError("RICH_MESSAGE_CONTENT_REQUIRED")
    return text


def _read(markup: str, known: Mapping[str, frozenset[str]], *, rich: bool = False) -> str:
    shown: list[str] = []
    open_tags: list[str] = []
    blocks = 0
    for token in TOKEN.finditer(markup):
        tag, at = (token["tag"] or "").lower(), len(markup[: token.start()].encode())
        if not tag:
            shown.append(_text(token[0], at))
        elif token["end"]:
            _close(tag, open_tags, at)
        else:
            blocks += tag in BLOCKS
            shown.append(_opened(tag, token, known, open_tags, at, rich))
        if rich:
            _within_limits(open_tags, blocks)
    if open_tags:
        raise MarkupError(
            f"can't parse entities: Can't find end tag corresponding to start tag \"{open_tags[-1]}\""
        )
    return "".join(shown)


def _text(text: str, at: int) -> str:
    if text == "<":
        raise MarkupError(f"can't parse entities: Unclosed start tag at byte offset {at}")
    return html.unescape(text)


def _close(tag: str, open_tags: list[str], at: int) -> None:
    if not open_tags:
        raise MarkupError(f"can't parse entities: Unexpected end tag at byte offset {at}")
    if open_tags[-1] != tag:
        expected = f'expected "</{open_tags[-1]}>", found "</{tag}>"'
        raise MarkupError(f"can't parse entities: Unmatched end tag at byte offset {at}, {expected}")
    open_tags.pop()


def _opened(
    tag: str,
    token: re.Match[str],
    known: Mapping[str, frozenset[str]],
    open_tags: list[str],
    at: int,
    rich: bool,
) -> str:
    if rich and tag in VOID:
        return "\n"
    if tag not in known:
        raise MarkupError(f'can\'t parse entities: Unsupported start tag "{tag}" at byte offset {at}')
    _attributes(tag, token["attributes"], known[tag], at)
    if rich and tag in BLOCKS and (inside := INLINE_ONLY.intersection(open_tags)):
        raise MarkupError(f"RICH_MESSAGE_BLOCK_INVALID ({tag} in {', '.join(sorted(inside))})")
    open_tags.append(tag)
    return "\n" if rich and tag in BLOCKS else "\t" if tag in ("td", "th") else ""


def _attributes(tag: str, given: str, allowed: frozenset[str], at: int) -> None:
    if ATTRIBUTE.sub("", given).strip():
        raise MarkupError(f"can't parse entities: Can't parse attributes of \"{tag}\" at byte offset {at}")
    if unknown := {found["name"] for found in ATTRIBUTE.finditer(given)} - allowed:
        raise MarkupError(f"can't parse entities: Unknown attribute {sorted(unknown)} at byte offset {at}")


def _within_limits(open_tags: list[str], blocks: int) -> None:
    if len(open_tags) > LEVELS:
        raise MarkupError("RICH_MESSAGE_NESTING_LEVEL_TOO_DEEP")
    if blocks > BLOCKS_LIMIT:
        raise MarkupError("RICH_MESSAGE_BLOCKS_TOO_MANY")
