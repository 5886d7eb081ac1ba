"""Where a text may be cut: never within what people see as one character.

A subset of https://unicode.org/reports/tr29/ that needs no tables: combining marks, emoji families, flags,
Hangul in split_markdown, and the conjuncts of Indic scripts.
"""

from __future__ import annotations

from unicodedata import category, combining

JOINER, VIRAMA = "\u200d", 9

MAX_FLAGS = 4096
"""Letters of flags in a row among which pairs are counted."""

MAX_LENGTH = 64
"""Characters of one grapheme. What is longer is no text, and is cut."""


def boundary(text: str, at: int) -> int:
    """The last place up to the given one where the text may be cut."""
    back = at
    while 0 < back < len(text) and at - back < MAX_LENGTH:
        if not _joined(text, back):
            return back
        back -= 1
    return at if back else 0


def _joined(text: str, at: int) -> bool:
    """Whether the characters before and behind this place are seen as one."""
    before, after = text[at - 1], text[at]
    if _extends(after) or before == JOINER or (before, after) == ("\r", "\n"):
        return True
    if combining(before) == VIRAMA and category(after) == "Lo":
        return True
    if _is_flag(before) and _is_flag(after):
        return _flags_before(text, at) % 2 == 1
    return _is_jamo(before, 0x1100, 0x11A7) and _is_jamo(after, 0x1100, 0x11FF)


def _extends(char: str) -> bool:
    """Whether the character belongs to the one before it."""
    code = ord(char)
    return (
        category(char) in ("Mn", "Mc", "Me")
        or char in (JOINER, "\u200c")
        or 0x1F3FB <= code <= 0x1F3FF
        or 0xE0020 <= code <= 0xE007F
    )


def _is_flag(char: str) -> bool:
    return 0x1F1E6 <= ord(char) <= 0x1F1FF


def _flags_before(text: str, at: int) -> int:
    """How many letters of flags stand in a row before a place."""
    start, first = at, max(0, at - MAX_FLAGS)
    while start > first and _is_flag(text[start - 1]):
        start -= 1
    return at - start


def _is_jamo(char: str, first: int, last: int) -> bool:
    return first <= ord(char) <= last
