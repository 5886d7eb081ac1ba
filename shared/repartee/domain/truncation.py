"""The beginning of a text, for where the whole is too long."""

from __future__ import annotations

import re

_TRAILING_NUMBER_PATTERN = re.compile(r"(?:\s\S*\d\S*){0,12}\s\S*\Z")
_TAIL_CHARS = 120
"""Characters at the end in which a number or an address may be cut in two."""


def truncate_redactable(text: str, max_chars: int) -> str:
    """At most so many of the text's first characters. A number or an address that does not fit is left out:
    half of one would be somebody's all the same, and could not be recognised and hidden any more."""
    if len(text) <= max_chars:
        return text
    cut = text[:max_chars]
    last = _TRAILING_NUMBER_PATTERN.search(cut, max(0, max_chars - _TAIL_CHARS))
    return cut[: last.start()] if last else cut
