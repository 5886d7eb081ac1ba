"""The words around a number, which say what it is: a telephone, an order, an amount."""

from __future__ import annotations

import re

from repartee.privacy.words import ADJACENT_REFERENCE_PATTERN, BARE_NEUTRAL_PATTERN

CONTEXT_BEFORE_CHARS = 40
"""Characters before a number in which a word may say what it is."""

CONTEXT_AFTER_CHARS = 16
"""Characters after it."""

_BEFORE_LINE_CHARS = " \t-*•|>:\0"
"""Characters that may stand before a number in its line without being a word."""

_NUMBER_PATTERN = re.compile(r"\d{3}|\0|_[a-z2-7]{5,16}\]")
"""A number, or what stands for one."""

_MONEY_PATTERN = re.compile(
    r"(?:[€$£¥₹₺]|\b(?:EUR|USD|GBP|CHF|HUF|PLN|SEK|BRL|TRY|INR|JPY|CNY|Ft|R\$))\s?$", re.IGNORECASE
)
_COUNTED_UNIT_PATTERN = re.compile(
    r"""\s?(?:[€$£¥%°₺₹円元]|(?:EUR|USD|GBP|CHF|HUF|PLN|SEK|BRL|TL|TRY|INR|JPY|CNY|Ft|forint|euros?|dollars?|pounds?
    |reais|francs?|st[üu]ck|pieces?|pcs|units?|unidades|unit[àé]s?|users?|rows?|records?|people|bytes?|[kmgt]i?b|kg|km
    |m²|mm|cm|ms|seconds?|items?|lines?|views?|db|million\w*|mio|tonn\w*|zeilen|nutzer|lignes|filas|righe|linhas|sor
    |adet|sat\u0131r)\b|रुपये)""",
    re.IGNORECASE | re.VERBOSE,
)


def line_text_before(text: str, start: int) -> str:
    """Returns the text before `start` in the same line, or the line above where the number stands alone."""
    line, *above = reversed(text[max(0, start - CONTEXT_BEFORE_CHARS) : start].split("\n"))
    if line.strip(_BEFORE_LINE_CHARS):
        return line
    label = next((one for one in above if one.strip(_BEFORE_LINE_CHARS)), "")
    return "" if _NUMBER_PATTERN.search(label) else label


def last_match_start(words: re.Pattern[str], text: str) -> int:
    """Where the last of the words begins, -1 if there is none."""
    return max((match.start() for match in words.finditer(text)), default=-1)


def is_amount(text: str, start: int, end: int) -> bool:
    """Returns whether the number is an amount of money, or a count."""
    return bool(
        _MONEY_PATTERN.search(text, max(0, start - 5), start)
        or _COUNTED_UNIT_PATTERN.match(text, end, end + CONTEXT_AFTER_CHARS)
    )


def reference_word_start(text_before: str) -> int:
    """Where the word begins that calls the number right behind it an order, a version, or the like; -1 if
    there is none. Words further away are about something else."""
    called = ADJACENT_REFERENCE_PATTERN.search(text_before)
    return called.start() if called else -1


def is_only_numbered(text_before: str) -> bool:
    """Returns whether nothing but `no.` or `#` stands before the number."""
    return BARE_NEUTRAL_PATTERN.search(text_before) is not None
