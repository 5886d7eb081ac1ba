"""The difference of two texts, word by word."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import Literal

MAX_COMPARED_WORDS = 3_000
"""Words of each text that are compared: the time grows with their square."""

WordChange = tuple[Literal["same", "removed", "added"], str]
"""Words that stand beside each other, and whether both texts have them."""


def compare_words(before: str, after: str) -> list[WordChange]:
    """Returns the words of both texts in order, those that were removed before those in their place."""
    old, new = before.split()[:MAX_COMPARED_WORDS], after.split()[:MAX_COMPARED_WORDS]
    changes: list[WordChange] = []
    for kind, start, end, first, last in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            changes.append(("same", " ".join(old[start:end])))
            continue
        if end > start:
            changes.append(("removed", " ".join(old[start:end])))
        if last > first:
            changes.append(("added", " ".join(new[first:last])))
    return changes
