"""Parses HTML as Telegram does: refuses unknown tags, and tags that do not close.

The tags are those of https://core.telegram.org/bots/api#html-style and #rich-html-style, the errors those of
the Bot API server (tdlib, MessageEntity.cpp, parse_html).
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

HTML_TOKEN = re.compile(
    r"<(?P<end>/?)(?P<tag>[a-zA-Z][a-zA-Z0-9-]*)(?P<attributes>[^<>]*?)(?P<void>/?)>|<|[^<]+"
)
HTML_ATTRIBUTE = re.compile(r"\s+(?P<name>[a-zA-Z-]+)(?:=\"(?P<value>[^\"]*)\")?")
UNKNOWN_ENTITY = re.compile(r"&(?!(?:lt|gt|amp|quot|#\d{1,7}|#x[0-9a-fA-F]{1,6});)[a-zA-Z#]\w*;")

CLASSIC_TAGS: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(["b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "pre"], frozenset[str]()),
    "a": frozenset({"href"}),
    "blockquote": frozenset({"expandable"}),
    "code": frozenset({"class"}),
    "span": frozenset({"class"}),
    "tg-emoji": frozenset({"emoji-id"}),
    "tg-spoiler": frozenset(),
    "tg-time": frozenset({"unix", "format"}),
}
RICH_TAGS: Mapping[str, frozenset[str]] = {
    **CLASSIC_TAGS,
    **dict.fromkeys(["h1", "h2", "h3", "h4", "h5", "h6", "p", "ul", "mark", "sub", "sup"], frozenset[str]()),
    **dict.fromkeys(["tr", "caption", "cite", "aside", "footer", "summary"], frozenset[str]()),
    "details": frozenset({"open"}),
    "li": frozenset({"value", "type"}),
    "ol": frozenset({"start", "type", "reversed"}),
    "table": frozenset({"bordered", "striped"}),
    "th": frozenset({"align", "valign", "colspan", "rowspan"}),
    "td": frozenset({"align", "valign", "colspan", "rowspan"}),
}
VOID_TAGS = {"br", "hr"}
BLOCK_TAGS = {
    "p",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "li",
    "tr",
    "pre",
    "blockquote",
    "hr",
    "details",
    "footer",
}
INLINE_ONLY_TAGS = {"th", "td", "p", "h1", "h2", "h3", "h4", "h5", "h6"}
MAX_NESTING_LEVELS, MAX_BLOCKS, MAX_TABLE_COLUMNS = 16, 500, 20


class MarkupError(Exception):
    """The text is not taken; says so as Telegram does."""


def visible_classic_text(markup: str) -> str:
    """Returns the visible text of a classic message."""
    return _read_markup(markup, CLASSIC_TAGS)


def visible_rich_text(markup: str) -> str:
    """Returns the visible text of a rich message, roughly: blocks on lines of their own."""
    text = _read_markup(markup, RICH_TAGS, rich=True)
    if not text.strip():
        raise MarkupError("RICH_MESSAGE_CONTENT_REQUIRED")
    return text


def _read_markup(markup: str, known: Mapping[str, frozenset[str]], *, rich: bool = False) -> str:
    shown: list[str] = []
    open_tags: list[str] = []
    blocks = 0
    for token in HTML_TOKEN.finditer(markup):
        tag, at = (token["tag"] or "").lower(), len(markup[: token.start()].encode())
        if not tag:
            shown.append(_check_text(token[0], at))
        elif token["end"]:
            _close_tag(tag, open_tags, at)
        else:
            blocks += tag in BLOCK_TAGS
            shown.append(_open_tag(tag, token, known, open_tags, at, rich))
        if rich:
            _check_limits(open_tags, blocks)
    if open_tags:
        raise MarkupError(
            f"can't parse entities: Can't find end tag corresponding to start tag \"{open_tags[-1]}\""
        )
    return "".join(shown)


def _check_text(text: str, at: int) -> str:
    if text == "<":
        raise MarkupError(f"can't parse entities: Unclosed start tag at byte offset {at}")
    return html.unescape(text)


def _close_tag(tag: str, open_tags: list[str], at: int) -> None:
    if not open_tags:
        raise MarkupError(f"can't parse entities: Unexpected end tag at byte offset {at}")
    if open_tags[-1] != tag:
        expected = f'expected "</{open_tags[-1]}>", found "</{tag}>"'
        raise MarkupError(f"can't parse entities: Unmatched end tag at byte offset {at}, {expected}")
    open_tags.pop()


def _open_tag(
    tag: str,
    token: re.Match[str],
    known: Mapping[str, frozenset[str]],
    open_tags: list[str],
    at: int,
    rich: bool,
) -> str:
    if rich and tag in VOID_TAGS:
        return "\n"
    if tag not in known:
        raise MarkupError(f'can\'t parse entities: Unsupported start tag "{tag}" at byte offset {at}')
    _check_attributes(tag, token["attributes"], known[tag], at)
    if rich and tag in BLOCK_TAGS and (inside := INLINE_ONLY_TAGS.intersection(open_tags)):
        raise MarkupError(f"RICH_MESSAGE_BLOCK_INVALID ({tag} in {', '.join(sorted(inside))})")
    open_tags.append(tag)
    return "\n" if rich and tag in BLOCK_TAGS else "\t" if tag in ("td", "th") else ""


def _check_attributes(tag: str, given: str, allowed: frozenset[str], at: int) -> None:
    if HTML_ATTRIBUTE.sub("", given).strip():
        raise MarkupError(f"can't parse entities: Can't parse attributes of \"{tag}\" at byte offset {at}")
    if unknown := {found["name"] for found in HTML_ATTRIBUTE.finditer(given)} - allowed:
        raise MarkupError(f"can't parse entities: Unknown attribute {sorted(unknown)} at byte offset {at}")


def _check_limits(open_tags: list[str], blocks: int) -> None:
    if len(open_tags) > MAX_NESTING_LEVELS:
        raise MarkupError("RICH_MESSAGE_NESTING_LEVEL_TOO_DEEP")
    if blocks > MAX_BLOCKS:
        raise MarkupError("RICH_MESSAGE_BLOCKS_TOO_MANY")
