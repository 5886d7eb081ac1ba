"""The beginning of a text, for where the whole is too long."""

from __future__ import annotations

import re

_LAST = re.compile(r"(?:\s\S*\d\S*){0,12}\s\S*\Z")
_TAIL = 120
"""Characters at the end in which a number or an address may be cut in two."""


def beginning(text: str, longest: int) -> str:
    """At most so many of the text's first characters. A number or an address that does not fit is left out:
    half of one would be somebody's all the same, and could not be recognised and hidden any more."""
    if len(text) <= longest:
        return text
    cut = text[:longest]
    last = _LAST.search(cut, max(0, longest - _TAIL))
    return cut[: last.start()] if last else cut
