"""Finds numbers that are known already, however their digits are grouped and whatever stands beside them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from repartee.ports import PiiSpan

MIN_REPEATED_DIGITS = 7
"""Digits of a number that is hidden wherever it comes again."""

_MANY_DIGITS_PATTERN = re.compile(r"\d(?:\D{0,3}\d){6}")
_TOO_WIDE_GAP_PATTERN = re.compile(r"[^\w\s./()+-]|[\s./()+-]{4}|_")
_LETTER_OR_DIGIT_PATTERN = re.compile(r"[A-Za-z0-9_]")


def find_repeated_numbers(text: str, numbers: Iterable[str]) -> Iterator[PiiSpan]:
    """Where these numbers, which are letters and digits without what groups them, stand in the text."""
    if not _MANY_DIGITS_PATTERN.search(text):
        return
    places = [place for place, character in enumerate(text) if character.isalnum()]
    compact = "".join(text[place].lower()[0] for place in places)
    for number in numbers:
        at = compact.find(number)
        while at >= 0:
            start, end = places[at], places[at + len(number) - 1] + 1
            if _is_one_number(text, start, end):
                yield PiiSpan("NUMBER", start, end)
            at = compact.find(number, at + 1)


def _is_one_number(text: str, start: int, end: int) -> bool:
    """Returns whether the characters from here to there are a whole number, and not a part of a longer
    one."""
    return not (
        _TOO_WIDE_GAP_PATTERN.search(text, start, end)
        or _LETTER_OR_DIGIT_PATTERN.match(text, end)
        or (start and _LETTER_OR_DIGIT_PATTERN.match(text, start - 1))
    )
