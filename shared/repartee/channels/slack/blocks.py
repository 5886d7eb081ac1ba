"""The text of Slack's blocks, as people see it: https://docs.slack.dev/reference/block-kit/blocks.

Blocks come from outside and nest deeply: what has another shape than documented is left out, never an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from repartee.channels.slack.text import decode_text, show_date, show_link

Block = dict[str, Any]

MAX_NESTED_LEVELS = 12
"""Levels of nesting that are read."""

MIN_COMMON_SHARE = 0.5
"""Of the words of a text that stand in the blocks, too, where the text is an extract of them."""


def blocks_text(blocks: object, depth: int = 0) -> str:
    """The text of all blocks, one under the other. Mentions are left as `decode_text` leaves them."""
    if depth > MAX_NESTED_LEVELS:
        return ""
    return "\n".join(text for block in dicts_of(blocks) if (text := _block_text(block, depth)))


def fullest_text(text: str, blocks: object) -> str:
    """The message's decoded text, or that of its blocks where the text is missing, cut or an extract of them.
    Blocks that say something else than the text do not replace it."""
    of_blocks = blocks_text(blocks)
    words, block_words = text.split(), of_blocks.split()
    if len(block_words) <= len(words):
        return text
    known = set(block_words)
    common = sum(word in known for word in words)
    return of_blocks if common >= MIN_COMMON_SHARE * len(words) else text


def dicts_of(value: object) -> Iterator[Block]:
    """The objects of a list, if it is one."""
    return (one for one in value if isinstance(one, dict)) if isinstance(value, list) else iter(())


def text_of(value: object) -> str:
    """The value, if it is a text."""
    return value if isinstance(value, str) else ""


def _block_text(block: Block, depth: int) -> str:
    kind = text_of(block.get("type"))
    if kind in SECTION_READERS:
        return SECTION_READERS[kind](block, depth)
    if kind.startswith("rich_text_"):
        return _inline_text(block)
    return ""


def _read_rich_text(block: Block, depth: int) -> str:
    return blocks_text(block.get("elements"), depth + 1)


def _read_list(block: Block, depth: int) -> str:
    indent = "  " * min(block["indent"], 8) if isinstance(block.get("indent"), int) else ""
    offset = block["offset"] if isinstance(block.get("offset"), int) else 0
    ordered = block.get("style") == "ordered"
    return "\n".join(
        f"{indent}{f'{number}.' if ordered else '•'} {_inline_text(item)}"
        for number, item in enumerate(dicts_of(block.get("elements")), offset + 1)
    )


def _read_quote(block: Block, depth: int) -> str:
    return "\n".join(f"> {line}" for line in _inline_text(block).splitlines())


def _read_code(block: Block, depth: int) -> str:
    return f"```\n{_inline_text(block)}\n```"


def _read_section(block: Block, depth: int) -> str:
    parts = [_object_text(block.get("text")), *map(_object_text, dicts_of(block.get("fields")))]
    return "\n".join(part for part in parts if part)


def _read_context(block: Block, depth: int) -> str:
    return " ".join(filter(None, (_object_text(one) for one in dicts_of(block.get("elements")))))


def _read_image(block: Block, depth: int) -> str:
    seen = _object_text(block.get("title")) or text_of(block.get("alt_text"))
    return f"[Picture: {seen}]" if seen else ""


def _read_table(block: Block, depth: int) -> str:
    rows = block.get("rows")
    lines = (
        " | ".join(_cell_text(cell, depth) for cell in dicts_of(row))
        for row in (rows if isinstance(rows, list) else ())
    )
    return "\n".join(lines)


def _cell_text(cell: Block, depth: int) -> str:
    return text_of(cell.get("text")) if cell.get("type") == "raw_text" else blocks_text([cell], depth + 1)


def _object_text(value: object) -> str:
    """The text of a text object: of `mrkdwn` it is decoded, of `plain_text` it is as it stands."""
    if not isinstance(value, dict):
        return ""
    text = text_of(value.get("text"))
    return decode_text(text) if value.get("type") == "mrkdwn" else text


def _read_markdown(block: Block, depth: int) -> str:
    return text_of(block.get("text"))


SECTION_READERS: dict[str, Callable[[Block, int], str]] = {
    "rich_text": _read_rich_text,
    "rich_text_list": _read_list,
    "rich_text_quote": _read_quote,
    "rich_text_preformatted": _read_code,
    "section": _read_section,
    "header": _read_section,
    "context": _read_context,
    "image": _read_image,
    "markdown": _read_markdown,
    "table": _read_table,
}


def _inline_text(section: Block) -> str:
    return "".join(map(_element_text, dicts_of(section.get("elements"))))


def _element_text(element: Block) -> str:
    read = ELEMENT_READERS.get(text_of(element.get("type")))
    return read(element) if read else ""


def _read_text(element: Block) -> str:
    style, text = element.get("style"), text_of(element.get("text"))
    return f"`{text}`" if isinstance(style, dict) and style.get("code") and text.strip() else text


ELEMENT_READERS: dict[str, Callable[[Block], str]] = {
    "text": _read_text,
    "link": lambda one: show_link(text_of(one.get("url")), text_of(one.get("text"))),
    "user": lambda one: f"<@{text_of(one.get('user_id'))}>",
    "usergroup": lambda one: f"<@{text_of(one.get('usergroup_id'))}>",
    "channel": lambda one: f"#{text_of(one.get('channel_id'))}",
    "broadcast": lambda one: f"@{text_of(one.get('range'))}",
    "emoji": lambda one: f":{text_of(one.get('name'))}:",
    "date": lambda one: text_of(one.get("fallback")) or show_date(str(one.get("timestamp", ""))),
    "color": lambda one: text_of(one.get("value")),
}
