"""Bank accounts and payment cards."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from repartee.ports import PiiSpan
from repartee.privacy import context
from repartee.privacy.words import CARD_WORDS_PATTERN, WORD_CHARS

MIN_IBAN_CHARS = 15
"""Characters of an account number, Norway's."""

_GAP = r"(?:[ -]|[ -]?\n)"
"""Separator between groups of a number: a space, a dash, or the end of a line."""

_IBAN_PATTERN = re.compile(
    rf"(?<![A-Za-z0-9])[A-Za-z]{{2}}\d{{2}}(?:{_GAP}?[A-Za-z0-9]){{11,30}}(?![A-Za-z0-9])"
)
_CARD_PATTERN = re.compile(
    rf"(?<![{WORD_CHARS},+-])(?<!\d\.)(?:(?:\d{{4}}{_GAP}){{2}}\d{{4}}(?:{_GAP}\d{{1,7}}){{0,2}}|\d{{4}}{_GAP}\d{{6}}{_GAP}\d{{4,5}}"
    rf"|\d{{6}}{_GAP}\d{{6,13}}|\d{{4,15}}-?\n\d{{4,15}}|\d{{12,19}})(?![{WORD_CHARS}-]|[.,]\d)"
)
MAX_CODE_AFTER_CARD_CHARS = 5
"""Characters of a number behind that of a card, with the space between them."""

MIN_UNNAMED_CARD_DIGITS = 15
"""Digits of a card number that is taken although nothing calls it a card."""

_CARD_BRAND_PATTERN = re.compile(
    r"""(?:4(?:\d{12}|\d{15}|\d{18})            # Visa
    |(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}   # Mastercard
    |3[47]\d{13}                                # American Express
    |3(?:0[0-5]|[689]\d)\d{11,16}               # Diners
    |6(?:011|5\d\d|4[4-9]\d)\d{12,15}           # Discover
    |35(?:2[89]|[3-8]\d)\d{12,15}               # JCB
    |62\d{14,17}                                # UnionPay
    |(?:50|5[6-9]|6\d)\d{10,17})$               # Maestro""",
    re.VERBOSE,
)


def find_ibans(text: str) -> Iterator[PiiSpan]:
    """Account numbers whose country knows them and whose check digits are right."""
    at = 0
    while match := _IBAN_PATTERN.search(text, at):
        length = _iban_length(match[0])
        if length:
            yield PiiSpan("IBAN", match.start(), match.start() + length)
        at = match.start() + (length or 4)


def find_cards(text: str) -> Iterator[PiiSpan]:
    """Card numbers of the known brands whose check digit is right. One in ten numbers has that by chance:
    what is called an order is none, unless it is called a card as well."""
    at = 0
    while match := _CARD_PATTERN.search(text, at):
        end = _card_end(text, match)
        if end:
            yield PiiSpan("CARD", match.start(), end)
        at = end or match.start() + 4


def _card_end(text: str, candidate: re.Match[str]) -> int:
    """Where the card number ends that begins with the candidate; 0 if none does. Another short number, such
    as its security code, may stand behind it."""
    start, end = candidate.span()
    gaps = [match.start() for match in re.finditer(_GAP, candidate[0])]
    ends = (end, *(start + gap for gap in reversed(gaps) if end - start - gap <= MAX_CODE_AFTER_CARD_CHARS))
    for last in ends:
        digits = re.sub(r"\D", "", text[start:last])
        known = _CARD_BRAND_PATTERN.match(digits) and _is_card(text, start, digits)
        if known and _load_luhn_module().is_valid(digits):
            return last
    return 0


def _is_card(text: str, start: int, digits: str) -> bool:
    before = context.line_text_before(text, start)
    card, reference = (
        context.last_match_start(CARD_WORDS_PATTERN, before),
        context.reference_word_start(before),
    )
    if card >= 0 or reference >= 0:
        return card > reference
    common = len(digits) in (MIN_UNNAMED_CARD_DIGITS, 16) and digits[0] in "2345"
    return common and not context.is_only_numbered(before)


def _iban_length(candidate: str) -> int:
    """Returns how many characters from its start on are an account number; 0 if none are. Words may follow
    it."""
    gaps = (place for place in range(len(candidate) - 1, MIN_IBAN_CHARS, -1) if candidate[place] in " -\n")
    ends = (
        end
        for end in (len(candidate), *gaps)
        if _load_iban_module().is_valid(candidate[:end].replace("\n", " "), check_country=False)
    )
    return next(ends, 0)


@lru_cache(1)
def _load_iban_module() -> Any:
    from stdnum import iban

    return iban


@lru_cache(1)
def _load_luhn_module() -> Any:
    from stdnum import luhn

    return luhn
