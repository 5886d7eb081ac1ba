"""Shows what people wrote in Markdown as it is."""

from __future__ import annotations

import re

MARKDOWN_SPECIAL_PATTERN = re.compile(r"([\\`*_\[\]<>#|~]|&(?=#?\w+;))")


def escape_markdown(text: str) -> str:
    """Returns the text as Markdown that shows it letter by letter."""
    return MARKDOWN_SPECIAL_PATTERN.sub(r"\\\1", text)
