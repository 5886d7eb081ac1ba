"""Telephone numbers, by the numbering plans of the world.

A number with its country's code is taken as it is. One without must look like a number of one of our regions,
and must not be what looks the same: a date, an amount, the number of an order. Where it is called a telephone
number, any form of it will do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from repartee.ports import PiiSpan
from repartee.privacy import context

TRUNK_PREFIX_REGIONS = ("DE", "GB", "FR", "NL", "IT", "AT", "CH", "BE", "HU", "SE", "IE", "AU", "RO", "FI")
"""Regions whose national numbers begin with 0."""

NO_TRUNK_PREFIX_REGIONS = ("US", "ES", "PT", "IT", "PL", "DK", "NO", "CZ", "GR", "MX", "BR", "HU")
"""Regions where a national number is complete without."""

ALL_REGIONS = tuple(dict.fromkeys(TRUNK_PREFIX_REGIONS + NO_TRUNK_PREFIX_REGIONS))

MIN_PHONE_CHARS, MAX_NATIONAL_DIGITS = 7, 13
"""Characters of a number at least, and digits of one without its country's code at the most."""

_PHONE_PATTERN = re.compile(r"(?<![\w.,@=#&%/+-])(?<!\d:)(?:\+|\(\+?)?\d(?:[ .()/-]{0,3}\d){5,16}(?![\w@%])")
_SPACE_PATTERN = re.compile(r" ")
_NEXT_NUMBER_PATTERN = re.compile(r" +\(?0[1-9]\d{1,3}[ /-]")
"""Where the next number begins, though nothing but a space parts it from this one."""
_TRAILING_DIGITS_PATTERN = re.compile(r"\d{6} \d{1,2}\Z")
"""Digits that stand beside a number and hardly belong to it: `030 1234567 2 desks`."""
_NOT_PHONE_PATTERN = re.compile(
    r"(?:\d{1,2}[./-]){2}(?:19|20)?\d\d(?![./-]?\d)"
    r"|(?:19|20)\d\d[./-]?(?:0[1-9]|1[0-2])[./-]?(?:0[1-9]|[12]\d|3[01])(?!\d)"
    r"|(?:19|20)\d\d\s?[-/]\s?(?:19|20)?\d\d$"
    r"|(?:19|20)\d\d[/-]\d{1,2}[/-]\d+$|\d+[.,]\d{1,3}$"
)
_DECIMAL_PATTERN = re.compile(r"[.,:]\d")

_NORTH_AMERICAN_PATTERN = re.compile(
    r"(?:1[ .-])?(?:\(\d{3}\)[ .-]?|\d{3}[.-])\d{3}[ .-]\d{4}$|\d{3} \d{3}[ -]\d{4}$"
)
_TRUNK_PREFIX_PATTERN = re.compile(r"\(?0[1-9]")
_NATIONAL_GROUPING_PATTERNS = {
    "ES": re.compile(r"[6789]\d\d(?:[ .-]\d\d){3}$|[6789]\d\d[ .-]\d{3}[ .-]\d{3}$"),
    "PT": re.compile(r"(?:9[1236]\d|2[1-9]\d)[ .-]\d{3}[ .-]\d{3}$"),
    "IT": re.compile(
        r"3[1-9]\d[ .-]\d{6,7}$|3[1-9]\d[ .-]\d{3}[ .-]\d{3,4}$|3[1-9]\d[ .-]\d\d[ .-]\d\d[ .-]\d{3}$"
    ),
}
"""How people write national numbers that begin with no 0."""

_PHONE_WORDS_PATTERN = re.compile(
    r"""(?<![^\W\d_])(?:(?:tele)?phones?|t[ée]l|tel[ée]f\w*|t[ée]l[ée]phon\w*|mobil\w*|m[óo]vil\w*|handy\w*|cell\w*
    |calls?|call\ me|ring|dial|texts?|whats-?app|signal|sms|fax|hotline|reach
    |anruf\w*|ruf\w*|angerufen|r[üu]ckruf|durchwahl|erreich\w*|festnetz
    |appel\w*|rappel\w*|joi(?:ndre|gn\w*)|portable|num[ée]ro\ de\ portable
    |ll[áa]m\w*|tfno|tlf|chiam\w*|richiam\w*|cellulare|bel|bellen|belt|gsm|nummer\ is
    |lig(?:ar|ue|a|ou)|telem[óo]vel\w*|contacto|h[íi]v\w*|telefonsz[áa]m\w*|vonal\w*)(?![^\W\d_])""",
    re.IGNORECASE | re.VERBOSE,
)


def find_phones(text: str) -> Iterator[PiiSpan]:
    """The telephone numbers in the text."""
    at = 0
    while match := _PHONE_PATTERN.search(text, at):
        span = _first_phone_between(text, match.start(), match.end())
        if span:
            yield span
        at = span.end if span else match.end()


def _first_phone_between(text: str, start: int, end: int) -> PiiSpan | None:
    """The number that begins first among the digits from here to there: others may stand beside it."""
    if text[start] == "(" and ")" not in text[start:end]:
        start += 1
    another = _NEXT_NUMBER_PATTERN.search(text, start + MIN_PHONE_CHARS, end + 1)
    end = another.start() if another else end
    spaces = [match.end() for match in _SPACE_PATTERN.finditer(text, start, end)]
    beside = _TRAILING_DIGITS_PATTERN.search(text, start, end)
    ends = [end, *(space - 1 for space in reversed(spaces[-3:]))]
    for first in (start, *spaces[:3]):
        takes = _choose_check(text, first)
        for last in ends[1:] + ends[:1] if beside else ends:
            if last - first >= MIN_PHONE_CHARS and takes(text, first, last):
                return PiiSpan("PHONE", first, last)
    return None


def _choose_check(text: str, start: int) -> Callable[[str, int, int], bool]:
    """Returns the check for a number that begins at `start`: how strict it is depends on the words before
    it."""
    if text[start : start + 2].lstrip("(").startswith(("+", "00")):
        return _is_international_phone
    said = context.line_text_before(text, start)
    called, reference = (
        context.last_match_start(_PHONE_WORDS_PATTERN, said),
        context.reference_word_start(said),
    )
    if called > reference:
        return _is_plausible_phone
    return _looks_like_phone if reference < 0 else _reject_number


def _reject_number(text: str, start: int, end: int) -> bool:
    """It is called something else."""
    return False


def _is_plausible_phone(text: str, start: int, end: int) -> bool:
    """Whether it can be what it is called."""
    return not _is_something_else(text, start, end) and _is_valid_in(text[start:end], ALL_REGIONS)


def _looks_like_phone(text: str, start: int, end: int) -> bool:
    """Whether somebody who sees it alone takes it for a telephone number."""
    written = text[start:end]
    regions = _likely_regions(written)
    return bool(regions) and not _is_something_else(text, start, end) and _is_valid_in(written, regions)


def _is_something_else(text: str, start: int, end: int) -> bool:
    """Whether it is a day, has decimals, or counts something."""
    return bool(
        _NOT_PHONE_PATTERN.match(text, start, end)
        or _DECIMAL_PATTERN.match(text, end)
        or context.is_amount(text, start, end)
    )


def _likely_regions(written: str) -> tuple[str, ...]:
    """Where numbers are written like that."""
    if _TRUNK_PREFIX_PATTERN.match(written):
        return TRUNK_PREFIX_REGIONS if sum(map(str.isdecimal, written)) >= 9 else ()
    if _NORTH_AMERICAN_PATTERN.match(written):
        return ("US",)
    return tuple(region for region, form in _NATIONAL_GROUPING_PATTERNS.items() if form.match(written))


def _is_international_phone(text: str, start: int, end: int) -> bool:
    """Whether its country's plan has it; or could have it, where it is grouped as a telephone number is."""
    written = text[start:end]
    number = _parse_phone(re.sub(r"^\(?00", "+", written), None)
    if number is None:
        return False
    library = _load_phonenumbers()
    if library.is_valid_number(number):
        return True
    possible = library.is_possible_number_with_reason(number) == library.ValidationResult.IS_POSSIBLE
    return possible and "+" in written and re.search(r"\d\D+\d", written) is not None


def _is_valid_in(written: str, regions: tuple[str, ...]) -> bool:
    """Whether it is a number of one of the regions."""
    if sum(map(str.isdecimal, written)) > MAX_NATIONAL_DIGITS:
        return False
    library = _load_phonenumbers()
    for region in regions:
        number = _parse_phone(written, region)
        if number is not None and library.is_valid_number_for_region(number, region):
            return True
    return False


def _parse_phone(written: str, region: str | None) -> Any:
    library = _load_phonenumbers()
    try:
        return library.parse(written, region)
    except library.NumberParseException:
        return None


@lru_cache(1)
def _load_phonenumbers() -> Any:
    """Imported on first use, and each region's plan when it is first asked for."""
    import phonenumbers

    return phonenumbers
