"""Numbers by which states know people.

Where a number's form is like no other it is taken by its form and its check digits; where it may as well be
that of an order, a word before it must say what it is. Numbers of companies (VAT) are nobody's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from functools import lru_cache, partial
from importlib import import_module

from repartee.ports import PiiSpan
from repartee.privacy import context
from repartee.privacy.words import WORD_CHARS

NumberCheck = Callable[[str], bool]

_SEPARATOR_PATTERN_TEXT = r"[ .-]?"
"""Characters that may separate groups of digits."""


def _passes_stdnum_check(name: str, number: str) -> bool:
    """Returns whether the library's check of that name accepts it as it is written, or without what groups
    it."""
    check = _load_stdnum_module(name).is_valid
    return bool(check(number)) or bool(check("".join(filter(str.isalnum, number))))


@lru_cache(64)
def _load_stdnum_module(name: str) -> _StdnumModule:
    return import_module(f"stdnum.{name}")  # type: ignore[return-value]


class _StdnumModule:
    is_valid: NumberCheck


def _compile_words(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![{WORD_CHARS}])(?:{words})", re.IGNORECASE)


class IdentityNumber:
    """One kind of number: its form, its check, and the words without which it is not taken, if any."""

    def __init__(self, form: str, check: str | NumberCheck, words: str = "") -> None:
        self._form = re.compile(rf"(?<![{WORD_CHARS}+./-])(?:{form})(?![{WORD_CHARS}+]|[.,/-]\d)")
        self._check = partial(_passes_stdnum_check, check) if isinstance(check, str) else check
        self._words = _compile_words(words) if words else None
        self.words = words

    def find_numbers(self, text: str) -> Iterator[PiiSpan]:
        for match in self._form.finditer(text):
            if self._is_named_before(text, match.start()) and self._check(match[0]):
                yield PiiSpan("ID", match.start(), match.end())

    def _is_named_before(self, text: str, start: int) -> bool:
        if self._words is None:
            return True
        before = context.line_text_before(text, start)
        return context.last_match_start(self._words, before) >= 0 and _is_nearest_number(before, self._words)


def find_identity_numbers(text: str) -> Iterator[PiiSpan]:
    """Yields the numbers of people in the text, of all countries that we know."""
    named = _any_words_pattern().search(text) is not None
    for identity in IDENTITY_NUMBERS:
        if named or not identity.words:
            yield from identity.find_numbers(text)


@lru_cache(1)
def _any_words_pattern() -> re.Pattern[str]:
    """Returns the words of all kinds: most texts have none of them, and are not looked through kind by
    kind."""
    return _compile_words("|".join(identity.words for identity in IDENTITY_NUMBERS if identity.words))


def _is_nearest_number(text_before: str, words: re.Pattern[str]) -> bool:
    """Returns whether no other number stands between the word and the one that it is about."""
    rest = text_before[max(match.end() for match in words.finditer(text_before)) :]
    return not re.search(r"\d{4}", rest)


# What the library does not have


def _is_german_pension(number: str) -> bool:
    """Versicherungsnummer: area, birthday, letter, serial, check digit (§ 2 VKVV)."""
    compact = re.sub(r"\W", "", number).upper()
    digits = compact[:8] + f"{ord(compact[8]) - 64:02}" + compact[9:11]
    sums = (
        sum(divmod(int(digit) * weight, 10))
        for digit, weight in zip(digits, _GERMAN_PENSION_WEIGHTS, strict=True)
    )
    return sum(sums) % 10 == int(compact[11])


_GERMAN_PENSION_WEIGHTS = (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1)


def _is_hungarian_health(number: str) -> bool:
    """TAJ: weights 3 and 7 by turns."""
    digits = [int(digit) for digit in number if digit.isdecimal()]
    return sum(d * (3, 7)[place % 2] for place, d in enumerate(digits[:8])) % 10 == digits[8]


def _is_hungarian_tax(number: str) -> bool:
    """Adóazonosító jel: begins with 8; each digit weighs its place, modulo 11."""
    digits = [int(digit) for digit in number if digit.isdecimal()]
    return sum(d * place for place, d in enumerate(digits[:9], 1)) % 11 == digits[9]


def _is_hungarian_personal(number: str) -> bool:
    """Személyi azonosító: sex, birthday, serial; its weights are turned round for those born after 1996."""
    digits = [int(digit) for digit in number if digit.isdecimal()]
    down = sum(d * (10 - place) for place, d in enumerate(digits[:10])) % 11
    up = sum(d * place for place, d in enumerate(digits[:10], 1)) % 11
    return digits[10] in (down, up) and _is_day("".join(map(str, digits[1:7])))


def _is_day(yymmdd: str) -> bool:
    try:
        date(2000 + int(yymmdd[:2]), int(yymmdd[2:4]), int(yymmdd[4:6]))
    except ValueError:
        return False
    return True


def _is_japanese_personal(number: str) -> bool:
    """My Number: weights 2 to 7 and 2 to 6 from the right, modulo 11."""
    digits = [int(digit) for digit in number if digit.isdecimal()]
    rest = sum(d * weight for d, weight in zip(digits, _JAPANESE_PERSONAL_WEIGHTS, strict=False)) % 11
    return digits[11] == (0 if rest <= 1 else 11 - rest)


_JAPANESE_PERSONAL_WEIGHTS = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)


def _is_british_insurance(number: str) -> bool:
    """NI numbers have no check digit, and some letters never begin one."""
    return number[:2].upper() not in {"BG", "GB", "NK", "KN", "TN", "NT", "ZZ"}


IDENTITY_NUMBERS = (
    IdentityNumber(r"\d{3}-\d{2}-\d{4}", "us.ssn"),
    IdentityNumber(r"9\d{2}-\d{2}-\d{4}", "us.itin"),
    IdentityNumber(r"\d{3} ?\d{2} ?\d{4}", "us.ssn", r"ssn|social security"),
    IdentityNumber(r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d\d ?\d\d ?\d\d ?[A-D]", _is_british_insurance),
    IdentityNumber(r"\d{3}[ -]?\d{3}[ -]?\d{4}", "gb.nhs", r"nhs"),
    IdentityNumber(r"\d{7}[A-W][A-IW]?", "ie.pps", r"pps"),
    IdentityNumber(
        rf"\d{{2}}{_SEPARATOR_PATTERN_TEXT}\d{{3}}{_SEPARATOR_PATTERN_TEXT}\d{{3}}{_SEPARATOR_PATTERN_TEXT}\d{{3}}",
        "de.idnr",
        r"steuer-?\s?(?:id|nr|nummer|ident\w*)|identifikationsnummer|steuerliche|idnr|tin\b|tax id",
    ),
    IdentityNumber(r"\d{2} ?\d{2}(?:0[1-9]|1[0-2])\d{2} ?[A-Z] ?\d{3}", _is_german_pension),
    IdentityNumber(r"\d{2} ?[0-3]\d[01]\d{3} ?[A-Z] ?\d{3}", _is_german_pension),
    IdentityNumber(
        r"\d{4} ?\d{6}", "at.vnr", r"sv-?(?:nr|nummer)|svnr|sozialversicherung\w*|versicherungsnummer"
    ),
    IdentityNumber(r"756\.?\d{4}\.?\d{4}\.?\d{2}", "ch.ssn"),
    IdentityNumber(r"[1-8] ?\d\d ?\d\d ?(?:\d\d|2[AB]) ?\d{3} ?\d{3} ?\d\d", "fr.nir"),
    IdentityNumber(r"(?:\d{8}|\d{2}\.\d{3}\.\d{3})[ -]?[A-Za-z]", "es.dni"),
    IdentityNumber(r"[XYZxyz]-?\d{7}-?[A-Za-z]", "es.nie"),
    IdentityNumber(r"[A-Za-z]{6}\d\d[A-EHLMPRSTa-ehlmprst]\d\d[A-Za-z]\d{3}[A-Za-z]", "it.codicefiscale"),
    IdentityNumber(r"\d{9}|\d{4}[. ]\d{2}[. ]\d{3}", "nl.bsn", r"bsn|burgerservice\w*|sofi"),
    IdentityNumber(
        rf"[1235689]\d{{2}}{_SEPARATOR_PATTERN_TEXT}\d{{3}}{_SEPARATOR_PATTERN_TEXT}\d{{3}}",
        "pt.nif",
        r"nif\b|contribuinte|n[úu]mero fiscal",
    ),
    IdentityNumber(r"\d{8}[ -]?\d[ -]?(?:[A-Z][A-Z0-9]|\d[A-Z])\d", "pt.cc"),
    IdentityNumber(r"\d{3}[ -]?\d{3}[ -]?\d{3}", _is_hungarian_health, r"taj"),
    IdentityNumber(
        r"8\d{9}|8\d{2} \d{3} \d{4}", _is_hungarian_tax, r"ad[óo]azonos[íi]t[óo]|ad[óo]sz[áa]m|ad[óo]jel"
    ),
    IdentityNumber(r"[1-8][ -]?\d{6}[ -]?\d{4}", _is_hungarian_personal, r"szem[ée]lyi"),
    IdentityNumber(r"\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}", "be.nn"),
    IdentityNumber(r"\d{11}", "be.nn", r"rijksregister\w*|registre national|niss\b|insz\b"),
    IdentityNumber(r"\d{11}", "pl.pesel", r"pesel"),
    IdentityNumber(r"(?:\d{2})?\d{6}[-+]?\d{4}", "se.personnummer", r"personnummer|pers\.?\s?nr|pnr"),
    IdentityNumber(r"\d{6}-?\d{4}", "dk.cpr", r"cpr"),
    IdentityNumber(r"\d{6}[-+A]\d{3}[A-Z]|\d{6}A\d{4}", "fi.hetu"),
    IdentityNumber(r"\d{6}[-+]\d{4}", "fi.hetu", r"henkil[öo]tunnus|hetu"),
    IdentityNumber(r"\d{6} ?\d{5}", "no.fodselsnummer", r"f[øo]dselsnummer|personnummer|fnr"),
    IdentityNumber(r"\d{6}/\d{3,4}", "cz.rc", r"rodn[ée]|r[čc]\b"),
    IdentityNumber(r"\d{3}\.\d{3}\.\d{3}-\d{2}", "br.cpf"),
    IdentityNumber(r"\d{11}", "br.cpf", r"cpf"),
    IdentityNumber(r"[1-9]\d{10}", "tr.tckimlik", r"t\.?\s?c\.?\b|tckn|kimlik"),
    IdentityNumber(r"[2-9]\d{3}[ -]?\d{4}[ -]?\d{4}", "in_.aadhaar", r"aadhaa?r|uidai|आधार"),
    IdentityNumber(r"[A-Za-z]{5}\d{4}[A-Za-z]", "in_.pan", r"pan\b|पैन"),
    IdentityNumber(r"\d{4}[ -]?\d{4}[ -]?\d{4}", _is_japanese_personal, r"マイナンバー|個人番号|my ?number"),
    IdentityNumber(r"[1-9]\d{5}(?:19|20)\d{9}[\dXx]", "cn.ric"),
)
