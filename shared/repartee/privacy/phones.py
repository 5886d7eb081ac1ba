"""Telephone numbers, by the numbering plans of the world.

A number with its country's code is taken as it is. One without must look like a number of one of our regions,
and must not be what looks the same: a date, an amount, the number of an order. Where it is called a telephone
number, any form of it will do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Any

from repartee.ports import PiiSpan
from repartee.privacy import context
from repartee.privacy.words import PHONE_WORDS_PATTERN, WORD_CHARS

TRUNK_PREFIX_REGIONS = (
    *(
        "DE",
        "GB",
        "FR",
        "NL",
        "IT",
        "AT",
        "CH",
        "BE",
        "HU",
        "SE",
        "IE",
        "AU",
        "RO",
        "FI",
        "TR",
        "JP",
        "IN",
        "CN",
    ),
)
"""Regions whose national numbers begin with 0."""

NO_TRUNK_PREFIX_REGIONS = ("US", "ES", "PT", "IT", "PL", "DK", "NO", "CZ", "GR", "MX", "BR", "HU", "IN", "CN")
"""Regions where a national number is complete without."""

ALL_REGIONS = tuple(dict.fromkeys(TRUNK_PREFIX_REGIONS + NO_TRUNK_PREFIX_REGIONS))

MIN_PHONE_CHARS, MAX_NATIONAL_DIGITS, MAX_PHONE_DIGITS = 7, 13, 17
"""Characters of a number at least; digits of one without its country's code, and of any, at the most."""

_RUN_PATTERN = re.compile(
    rf"(?<![{WORD_CHARS},@=&%/+-])(?<!\d\.)(?<!\d:)(?:\+|\(\+?)?\d(?:[ .()/-]{{0,3}}\d){{5,40}}"
    rf"(?:(?=x\d)|(?![{WORD_CHARS}@%]))"
)
"""Digits with nothing but spaces and marks between them: one number, or some beside one another."""

_BROKEN_RUN_PATTERN = re.compile(
    rf"(?<![{WORD_CHARS},@=&%/+-])(?<!\d\.)(?:\+|\(\+?)?\d(?:[ .()/-]{{0,3}}\d){{1,12}}[ -]?\n[ ]?"
    rf"\d(?:[ .()/-]{{0,3}}\d){{1,12}}(?![{WORD_CHARS}@%])"
)
"""Digits that go on in the next line."""

_GROUP_START_PATTERN = re.compile(r" (?=[\d(+])|/(?=[+(0])")
_FOURS_PATTERN = re.compile(r"\d{4}(?:[ -]\d{4}){2,}")
"""A number of a card or an account by its groups, of which no part is a telephone number."""

_NEXT_NUMBER_PATTERN = re.compile(r"[ /]+\(?0[1-9]\d{1,3}[ /-]")
"""Where the next number begins, though nothing but a space parts it from this one."""

_COUNT_PATTERN = re.compile(r"(?<=\d{6}) +\d{1,2}(?= +(?!ext|x\d|int|poste|d(?:w|urch))[^\W\d_])")
"""Digits that stand beside a number and count what comes next: `030 1234567 2 desks`."""

MAX_DANGLING_CHARS = 2
"""Digits beside a number that are hidden with it, because nothing says what else they are."""

_NOT_PHONE_PATTERN = re.compile(
    r"(?:\d{1,2}[./-]){2}(?:19|20)?\d\d(?![./-]?\d)"
    r"|(?:19|20)\d\d[./-]?(?:0[1-9]|1[0-2])[./-]?(?:0[1-9]|[12]\d|3[01])(?!\d)"
    r"|(?:19|20)\d\d\s?[-/]\s?(?:19|20)?\d\d$"
    r"|(?:19|20)\d\d[/-]\d{1,2}[/-]\d+$|\d+[.,]\d{1,3}$|[1-9]\d{0,2}(?:\.\d{1,3}){3}$"
)
_DECIMAL_PATTERN = re.compile(r"[.,:]\d")
_EXTENSION_PATTERN = re.compile(
    r"[ ,;(]{0,3}(?:ext(?:ension)?|x|durchwahl|dw|int(?:erno)?|poste|ramal|anexo|dahili|内線|分机|转)[.:]? ?"
    r"\d{1,6}(?!\d)",
    re.IGNORECASE,
)
"""An extension, which follows the number of a switchboard."""

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
    "BR": re.compile(r"\(\d\d\) ?9?\d{4}[ -]\d{4}$"),
    "IN": re.compile(r"[6-9]\d{4} \d{5}$"),
    "CN": re.compile(r"1[3-9]\d([ -])\d{4}\1\d{4}$"),
}
"""How people write national numbers that begin with no 0."""


def find_phones(text: str) -> Iterator[PiiSpan]:
    """Yields the telephone numbers in the text, each whole with its extension."""
    spans = [
        span for run in _RUN_PATTERN.finditer(text) for span in _phones_between(text, run.start(), run.end())
    ]
    if "\n" in text:
        for run in _BROKEN_RUN_PATTERN.finditer(text):
            spans += [*_broken_phone(text, run, spans)]
    for span in spans:
        extension = _EXTENSION_PATTERN.match(text, span.end)
        yield PiiSpan("PHONE", span.start, extension.end() if extension else span.end)


def _broken_phone(text: str, run: re.Match[str], found: list[PiiSpan]) -> Iterator[PiiSpan]:
    """Yields the number that a line's end breaks in two, if neither part is one and both together are."""
    start, end = run.span()
    parts = [span for span in found if span.start < end and start < span.end]
    if any(_is_valid_phone(text[part.start : part.end]) for part in parts) and "-\n" not in run[0]:
        return
    whole = text[:start] + re.sub(r"[ -]?\n ?", " ", run[0])
    if _choose_check(whole, start)(whole, start, len(whole)):
        found[:] = [span for span in found if span not in parts]
        yield PiiSpan("PHONE", start, end)


def _phones_between(text: str, start: int, end: int) -> list[PiiSpan]:
    """Returns the numbers among the digits from here to there, each whole: of digits that may belong to one
    number no part is taken for another."""
    if text[start] == "(" and ")" not in text[start:end]:
        start += 1
    starts = [start, *(match.end() for match in _GROUP_START_PATTERN.finditer(text, start, end))]
    spans, at = [], 0
    if _choose_check(text, start) is _reject_number:
        starts = [first for first in starts if text[first] == "+"]
    while at < len(starts):
        last = _phone_end(text, starts[at:], end)
        if last:
            spans.append(PiiSpan("PHONE", starts[at], last))
        at = next((n for n, first in enumerate(starts) if first > last), len(starts)) if last else at + 1
    return _hide_whole(text, spans, start, end) if spans else spans


def _hide_whole(text: str, spans: list[PiiSpan], start: int, end: int) -> list[PiiSpan]:
    """The numbers, if the digits beside them are no part of them; else all digits as one number, or none,
    where they are too many or too strange for one."""
    before, after = text[start : spans[0].start].strip(" -/"), text[spans[-1].end : end].strip(" -/")
    between = any(text[one.end : two.start].strip(" -/") for one, two in pairwise(spans))
    begins_alike = text[spans[0].start] in "+(0" and " " not in before
    counts = _COUNT_PATTERN.match(text, spans[-1].end) or _NOT_PHONE_PATTERN.match(after)
    if (not before or begins_alike) and (not after or counts) and not between:
        return spans
    digits = sum(map(str.isdecimal, text[start:end]))
    dangling = not before and not between and len(after) <= MAX_DANGLING_CHARS
    is_one = digits <= MAX_PHONE_DIGITS and (dangling or _is_called_phone(text, start))
    return [PiiSpan("PHONE", start, end)] if is_one else []


def _phone_end(text: str, starts: list[int], end: int) -> int:
    """Where the number ends that begins with the first of these groups; 0 if none does."""
    first, is_phone = starts[0], _choose_check(text, starts[0])
    ends = [end, *(start - 1 for start in reversed(starts[1:]))]
    whole = (end,) if _is_international(text, first) else ()
    tried: tuple[int, ...] = (*whole, *_likely_ends(text, ends), *ends)
    for last in tried:
        if last - first >= MIN_PHONE_CHARS and is_phone(text, first, last):
            return last
    return 0


def _likely_ends(text: str, ends: list[int]) -> Iterator[int]:
    """Ends that are tried before the longest number: where another one begins with a 0, and before a short
    number that counts what comes next."""
    yield from (last for last in reversed(ends[1:]) if _NEXT_NUMBER_PATTERN.match(text, last))
    if len(ends) > 1 and _COUNT_PATTERN.match(text, ends[1]):
        yield ends[1]


def _is_international(text: str, start: int) -> bool:
    return text[start : start + 2].lstrip("(").startswith(("+", "00"))


def _is_called_phone(text: str, start: int) -> bool:
    """Returns whether a word before it says that it is a telephone number, and none nearer that it is
    another."""
    before = context.line_text_before(text, start)
    called = context.last_match_start(PHONE_WORDS_PATTERN, before)
    return called > context.reference_word_start(before)


def _choose_check(text: str, start: int) -> Callable[[str, int, int], bool]:
    """Returns the check for a number that begins at `start`: the words before it decide how strict it is."""
    if _is_international(text, start):
        return _is_international_phone
    if _is_called_phone(text, start):
        return _is_plausible_phone
    before = context.line_text_before(text, start)
    named_otherwise = context.reference_word_start(before) >= 0 or context.is_only_numbered(before)
    return _reject_number if named_otherwise else _looks_like_phone


def _reject_number(text: str, start: int, end: int) -> bool:
    """It is called something else."""
    return False


def _is_plausible_phone(text: str, start: int, end: int) -> bool:
    """Returns whether the number can be of the kind that the words before it name."""
    return not _is_something_else(text, start, end) and _is_valid_in(text[start:end], ALL_REGIONS)


def _looks_like_phone(text: str, start: int, end: int) -> bool:
    """Returns whether a number looks like a telephone number without any words around it."""
    written = text[start:end]
    if _FOURS_PATTERN.match(text, start):
        return False
    regions = _likely_regions(written)
    return bool(regions) and not _is_something_else(text, start, end) and _is_valid_in(written, regions)


def _is_something_else(text: str, start: int, end: int) -> bool:
    """Returns whether it is a day, has decimals, or counts something."""
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


def _is_valid_phone(written: str) -> bool:
    """Returns whether a numbering plan has it, that of the world or that of a region."""
    if not _is_international(written, 0):
        return _is_valid_in(written, ALL_REGIONS)
    number = _parse_phone(re.sub(r"^\(?00", "+", written), None)
    return number is not None and bool(_load_phonenumbers().is_valid_number(number))


def _is_international_phone(text: str, start: int, end: int) -> bool:
    """Returns whether its country's plan has it; or could have it, where it is grouped as a telephone number
    is."""
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
    """Returns whether it is a number of one of the regions."""
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
