"""Where emphasis begins and ends, as people and models write it.

CommonMark takes `**` for two asterisks where punctuation stands inside of it and a letter outside, as in
`**Note:**text` and everywhere in Chinese and Japanese, which have no spaces there. People mean bold. A single
`*` is judged as CommonMark does unless a character of those scripts touches it: `a.*b.*c` is no emphasis. In
turn CommonMark takes `2*3*4` and `x**2 + y**2` for emphasis, and people for formulas.
"""

from __future__ import annotations

from functools import lru_cache
from unicodedata import category

CLOSING = ".,;:!?…。，、；：！？"  # noqa: RUF001 - punctuation of Chinese and Japanese
"""Punctuation after which nothing opens."""

WIDE = "\u1100-\u11ff\u2e80-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef"
"""The characters of Chinese, Japanese and Korean, punctuation included, as in a regular expression's set."""

WIDE_RANGES = tuple((ord(one[0]), ord(one[2])) for one in zip(WIDE[::3], WIDE[1::3], WIDE[2::3], strict=True))

SPECIAL_NAME = (
    r"__[A-Za-z0-9]{1,40}(?:_[A-Za-z0-9]{1,40}){0,5}__(?=\.\w|\()"
    r"|__(?:all|call|class|dict|doc|enter|eq|exit|file|getattr|getitem|hash|init|iter|len|main|name|new|next"
    r"|post_init|repr|setattr|setitem|slots|str|version)__(?!\w)"
)
"""`__init__.py`, `__next__()`, `__main__`: names, not bold words."""

BOLD_LABEL = r"(?<!\S)\*\*(?=\w)[^*_~`\[\]<>\n\\]{1,100}: \*\*(?=[^\W_])"
"""A label in bold with its space, as in `**Note: **text`. CommonMark would take its end for a beginning."""

MAX_JUDGED = 2048
"""Pairs of characters whose judgement is kept."""


def judge(marker: str, length: int, before: str, after: str) -> tuple[bool, bool]:
    """Returns whether a run of a marker between two characters opens and closes for people."""
    can_open, can_close = can_open_and_close(marker, length, before, after)
    if marker == "~" and length == 1:
        return can_open and not before.isalnum(), can_close and not after.isalnum()
    if marker == "*" and in_formula(length, before, after):
        return False, can_close and length > 1
    opens, closes = flanks(marker, length, before, after)
    return can_open or opens, can_close or closes


@lru_cache(MAX_JUDGED)
def can_open_and_close(marker: str, length: int, before: str, after: str) -> tuple[bool, bool]:
    """Returns whether a run of a marker between two characters opens and closes in CommonMark."""
    outside, inside = _is_punctuation(before), _is_punctuation(after)
    left = not after.isspace() and (not inside or before.isspace() or outside)
    right = not before.isspace() and (not outside or after.isspace() or inside)
    if marker == "_" or (marker == "~" and length == 1):
        return left and (not right or outside), right and (not left or inside)
    return left, right


def in_formula(length: int, before: str, after: str) -> bool:
    """Whether stars between these two characters multiply, and begin no emphasis: a single one within a word,
    or more of them beside a digit within one."""
    return _in_word(before) and _in_word(after) and (length == 1 or before.isdigit() or after.isdigit())


@lru_cache(MAX_JUDGED)
def flanks(marker: str, length: int, before: str, after: str) -> tuple[bool, bool]:
    """Returns whether a run between these two characters opens and closes for people, whatever CommonMark
    says."""
    if length < 2 and not (is_wide(before) or is_wide(after)):
        return False, False
    opens = not after.isspace() and after not in CLOSING and category(after) not in ("Pe", "Pf")
    closes = not before.isspace() and category(before) not in ("Ps", "Pi")
    if marker == "_":
        return opens and not _in_word(before), closes and not _in_word(after)
    return opens, closes


def is_wide(char: str) -> bool:
    """Whether the character is of Chinese, Japanese or Korean, punctuation included."""
    return char >= WIDE[0] and any(first <= ord(char) <= last for first, last in WIDE_RANGES)


def _is_punctuation(char: str) -> bool:
    return category(char)[0] in "PS"


def _in_word(char: str) -> bool:
    return (char.isalnum() or category(char).startswith("M")) and not is_wide(char)
