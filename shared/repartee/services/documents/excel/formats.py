"""Shows numbers as Excel's number formats do (ECMA-376, part 1, 18.8.30 and 18.8.31).

Dates and times are written as ISO 8601 does, whichever order of day and month their format has. The packages
for it were tried: ssf takes the month in dd.mm.yyyy hh:mm for minutes, q2numfmt leaves units and leading
zeros out."""

from __future__ import annotations

import datetime
import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import NamedTuple

GENERAL = "General"

BUILTIN = {
    "1": "0", "2": "0.00", "3": "#,##0", "4": "#,##0.00", "9": "0%", "10": "0.00%", "11": "0.00E+00",
    "14": "yyyy-mm-dd", "15": "d-mmm-yy", "16": "d-mmm", "17": "mmm-yy", "18": "h:mm", "19": "h:mm:ss",
    "20": "h:mm", "21": "h:mm:ss", "22": "yyyy-mm-dd h:mm", "37": "#,##0;(#,##0)", "38": "#,##0;(#,##0)",
    "39": "#,##0.00;(#,##0.00)", "40": "#,##0.00;(#,##0.00)", "45": "mm:ss", "46": "[h]:mm:ss", "47": "mm:ss",
    "48": "0.0E+0",
    **{str(number): "yyyy-mm-dd" for number in (*range(27, 32), 36, *range(50, 59))},
}  # fmt: skip
"""Formats that files name by their number alone. Some of East Asia are dates."""

EPOCH_1900, EPOCH_1904 = datetime.datetime(1899, 12, 30), datetime.datetime(1904, 1, 1)  # noqa: DTZ001 - a cell has no zone

MAX_DAY = 2_958_466
"""The serial number of the day after the last that Excel knows."""

TOKENS = re.compile(r'"([^"]*)"|\\(.)|_.|\*.|\[([^\]]*)\]|(E[+-])|(General)|(.)', re.IGNORECASE | re.DOTALL)
CONDITION = re.compile(r"(<=|>=|<>|<|>|=)(-?\d+(?:\.\d+)?)")
ELAPSED = re.compile(r"h+|m+|s+", re.IGNORECASE)


class Section(NamedTuple):
    """One of a format's sections: text before and after the number, and the digits between."""

    before: str
    digits: str
    after: str
    letters: str
    elapsed: str
    condition: str


def shown(raw: str, code: str, from_1904: bool = False) -> str:
    """Returns the number as its format shows it. `raw` is the number as the file has it."""
    try:
        value = Decimal(raw)
    except InvalidOperation:
        return raw
    sections = [_section(part) for part in _split(code)]
    if sections[0].letters or sections[0].elapsed:
        return _moment(float(value), sections[0], from_1904)
    section, absolute = _chosen(sections, value)
    if not section.digits:
        return section.before if code != GENERAL and section.before else _general(value)
    return f"{section.before}{_digits(abs(value) if absolute else value, section)}{section.after}".strip()


def _split(code: str) -> list[str]:
    return re.split(r';(?=(?:[^"]*"[^"]*")*[^"]*$)', code) if code else [GENERAL]


def _section(code: str) -> Section:
    before, digits, after, letters, elapsed, condition = "", "", "", "", "", ""
    for quoted, escaped, bracket, exponent, general, plain in TOKENS.findall(code):
        literal = quoted or escaped or (bracket[1:].partition("-")[0] if bracket.startswith("$") else "")
        if bracket and ELAPSED.fullmatch(bracket):
            elapsed = bracket[0].lower()
        elif bracket and CONDITION.fullmatch(bracket):
            condition = bracket
        elif exponent or general or (plain and plain in "0#?.,/@"):
            digits += exponent or general or plain
        elif plain and plain.lower() in "dmyhsaeg" and not set(digits) & set("0#?"):
            letters += plain.lower()
        elif (literal or plain) and digits:
            after += literal or plain
        else:
            before += literal or plain
    return Section(before, digits, after, letters, elapsed, condition)


def _chosen(sections: list[Section], value: Decimal) -> tuple[Section, bool]:
    """Returns the section for a value, and whether the section itself says that the value is negative."""
    for section in sections:
        if section.condition and _holds(section.condition, value):
            return section, False
    plain = [section for section in sections if not section.condition] or sections
    if value < 0 and len(plain) > 1:
        return plain[1], True
    return (plain[2], False) if value == 0 and len(plain) > 2 else (plain[0], False)


def _holds(condition: str, value: Decimal) -> bool:
    found = CONDITION.fullmatch(condition)
    assert found is not None
    sign, bound = found[1], Decimal(found[2])
    less, equal = value < bound, value == bound
    return (
        (equal and sign in ("=", "<=", ">="))
        or (less and "<" in sign)
        or (not less and not equal and ">" in sign)
    )


def _digits(value: Decimal, section: Section) -> str:
    digits = section.digits
    if "E" in digits.upper() and "GENERAL" not in digits.upper():
        places = len(digits.upper().partition("E")[0].partition(".")[2])
        return f"{value:.{places}E}"
    if "/" in digits or "@" in digits or "GENERAL" in digits.upper():
        return _general(value)
    whole, _, fraction = digits.partition(".")
    scale = len(digits) - len(digits.rstrip(",")) if not fraction.strip(",") or fraction.endswith(",") else 0
    value = (
        value
        * 100 ** (section.before + section.after).count("%")
        / 1000 ** (len(whole) - len(whole.rstrip(",")) or scale)
    )
    return _grouped(value, whole.rstrip(","), fraction.rstrip(","))


def _grouped(value: Decimal, whole: str, fraction: str) -> str:
    """Returns the number with as many digits as the format asks for and as it lets stand."""
    rounded = (
        value.quantize(Decimal(1).scaleb(-len(fraction)), ROUND_HALF_UP) if value.adjusted() < 20 else value
    )
    written = f"{rounded:,f}" if "," in whole else f"{rounded:f}"
    sign, written = ("-", written[1:]) if written.startswith("-") else ("", written)
    head, _, tail = written.partition(".")
    while len(tail) > fraction.count("0") and tail.endswith("0"):
        tail = tail[:-1]
    head = head.rjust(whole.count("0"), "0") if "," not in whole else head
    return f"{sign}{head}{'.' if tail else ''}{tail}"


def _general(value: Decimal) -> str:
    """Returns a number without a format: eleven digits at most, as a cell shows."""
    rounded = (
        value.normalize() if value == value.to_integral_value() else Decimal(f"{value:.11g}").normalize()
    )
    return f"{rounded:f}" if -10 < rounded.adjusted() < 21 else str(rounded)


def _moment(days: float, section: Section, from_1904: bool) -> str:
    if not 0 <= days < MAX_DAY:
        return _general(Decimal(str(days)))
    seconds = round(days * 86_400)
    if section.elapsed:
        return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    early = 1 if days < 60 and not from_1904 else 0  # the 29th of February 1900, which Excel alone knows
    moment = (EPOCH_1904 if from_1904 else EPOCH_1900) + datetime.timedelta(days=early, seconds=seconds)
    has_day = bool(set(section.letters) & set("dyeg")) or (
        "m" in section.letters and "h" not in section.letters and "s" not in section.letters
    )
    has_time = bool(set(section.letters) & set("hs"))
    clock = f"{moment:%H:%M:%S}" if "s" in section.letters or moment.second else f"{moment:%H:%M}"
    if has_day:
        return f"{moment:%Y-%m-%d} {clock}" if has_time else f"{moment:%Y-%m-%d}"
    return clock
