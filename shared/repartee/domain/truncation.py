"""The beginning of a text, for where the whole is too long."""

from __future__ import annotations

import re

_TRAILING_NUMBER_PATTERN = re.compile(r"(?:\s\S*\d\S*){0,12}\s\S*\Z")
_TAIL_CHARS = 120
"""Characters at the end in which a number or an address may be cut in two."""


def truncate_redactable(text: str, max_chars: int) -> str:
    """Returns at most the first `max_chars` of the text. Leaves out a number or an address that does not fit:
    half of one would still be personal data, but could not be detected and redacted any more."""
    if len(text) <= max_chars:
        return text
    cut = text[:max_chars]
    last = _TRAILING_NUMBER_PATTERN.search(cut, max(0, max_chars - _TAIL_CHARS))
    return cut[: last.start()] if last else cut
