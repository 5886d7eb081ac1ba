"""Bank accounts and payment cards."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from repartee.ports import PiiSpan
from repartee.privacy import context

_IBAN_PATTERN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]){11,30}(?![A-Za-z0-9])")

MIN_IBAN_CHARS = 15
"""Characters of an account number, Norway's."""

_CARD_PATTERN = re.compile(
    r"(?<![\w.,+-])(?:\d{4}([ -])\d{4}\1\d{4}\1\d{1,7}|\d{4}([ -])\d{6}\2\d{4,5}|\d{13,19})"
    r"(?![\w-]|[.,]\d)"
)
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
_CARD_WORDS_PATTERN = re.compile(
    r"\b(?:\w{0,8}cards?|\w{0,12}karten?|carte|carta|tarjeta|\w{0,8}kaart|cart[ãa]o|\w{0,6}k[áa]rty\w*|visa|amex"
    r"|maestro)\b",
    re.IGNORECASE,
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
        digits = re.sub(r"\D", "", match[0])
        right = (
            _CARD_BRAND_PATTERN.match(digits)
            and _is_card(text, match.start(), digits)
            and _load_luhn_module().is_valid(digits)
        )
        if right:
            yield PiiSpan("CARD", *match.span())
        at = match.end() if right else match.start() + 4


def _is_card(text: str, start: int, digits: str) -> bool:
    said = context.line_text_before(text, start)
    card, reference = context.last_match_start(_CARD_WORDS_PATTERN, said), context.reference_word_start(said)
    common = len(digits) in (15, 16) and digits[0] in "2345"
    return card > reference or (common and reference < 0)


def _iban_length(candidate: str) -> int:
    """How many characters from its start on are an account number; 0 if none are. Words may follow it."""
    gaps = (place for place in range(len(candidate) - 1, MIN_IBAN_CHARS, -1) if candidate[place] in " -")
    ends = (
        end
        for end in (len(candidate), *gaps)
        if _load_iban_module().is_valid(candidate[:end], check_country=False)
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
