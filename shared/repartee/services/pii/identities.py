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

from repartee.ports import Span
from repartee.services.pii import near

Check = Callable[[str], bool]

S = r"[ .-]?"
"""What may group digits."""


def _stdnum(name: str, number: str) -> bool:
    """Whether the library's check of that name accepts it as it is written, or without what groups it."""
    check = _module(name).is_valid
    return bool(check(number)) or bool(check("".join(filter(str.isalnum, number))))


@lru_cache(64)
def _module(name: str) -> _Checks:
    return import_module(f"stdnum.{name}")  # type: ignore[return-value]


class _Checks:
    is_valid: Check


class Identity:
    """One kind of number: its form, its check, and the words without which it is not taken, if any."""

    def __init__(self, form: str, check: str | Check, words: str = "") -> None:
        self._form = re.compile(rf"(?<![\w+./-])(?:{form})(?![\w+]|[.,/-]\d)")
        self._check = partial(_stdnum, check) if isinstance(check, str) else check
        self._words = re.compile(rf"(?<![^\W\d_])(?:{words})", re.IGNORECASE) if words else None

    def find(self, text: str) -> Iterator[Span]:
        for match in self._form.finditer(text):
            if self._meant(text, match.start()) and self._check(match[0]):
                yield Span("ID", match.start(), match.end())

    def _meant(self, text: str, start: int) -> bool:
        if self._words is None:
            return True
        said = near.before(text, start)
        return near.last(self._words, said) >= 0 and _nothing_between(said, self._words)


def identities(text: str) -> Iterator[Span]:
    """The numbers of people in the text, of all countries that we know."""
    for identity in IDENTITIES:
        yield from identity.find(text)


def _nothing_between(said: str, words: re.Pattern[str]) -> bool:
    """Whether no other number stands between the word and the one that it is about."""
    rest = said[max(match.end() for match in words.finditer(said)) :]
    return not re.search(r"\d{4}", rest)


# What the library does not have


def _german_pension(number: str) -> bool:
    """Versicherungsnummer: area, birthday, letter, serial, check digit (§ 2 VKVV)."""
    compact = re.sub(r"\W", "", number).upper()
    digits = compact[:8] + f"{ord(compact[8]) - 64:02}" + compact[9:11]
    sums = (sum(divmod(int(digit) * weight, 10)) for digit, weight in zip(digits, _PENSION, strict=True))
    return sum(sums) % 10 == int(compact[11])


_PENSION = (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1)


def _hungarian_health(number: str) -> bool:
    """TAJ: weights 3 and 7 by turns."""
    digits = [int(digit) for digit in number if digit.isdecimal()]
    return sum(d * (3, 7)[place % 2] for place, d in enumerate(digits[:8])) % 10 == digits[8]


def _hungarian_tax(number: str) -> bool:
    """Adóazonosító jel: begins with 8; each digit weighs its place, modulo 11."""
    digits = [int(digit) for digit in number if digit.isdecimal()]
    return sum(d * place for place, d in enumerate(digits[:9], 1)) % 11 == digits[9]


def _hungarian_personal(number: str) -> bool:
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


def _british_insurance(number: str) -> bool:
    """NI numbers have no check digit, and some letters never begin one."""
    return number[:2].upper() not in {"BG", "GB", "NK", "KN", "TN", "NT", "ZZ"}


IDENTITIES = (
    Identity(r"\d{3}-\d{2}-\d{4}", "us.ssn"),
    Identity(r"9\d{2}-\d{2}-\d{4}", "us.itin"),
    Identity(r"\d{3} ?\d{2} ?\d{4}", "us.ssn", r"ssn|social security"),
    Identity(r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d\d ?\d\d ?\d\d ?[A-D]", _british_insurance),
    Identity(r"\d{3}[ -]?\d{3}[ -]?\d{4}", "gb.nhs", r"nhs"),
    Identity(r"\d{7}[A-W][A-IW]?", "ie.pps", r"pps"),
    Identity(
        rf"\d{{2}}{S}\d{{3}}{S}\d{{3}}{S}\d{{3}}",
        "de.idnr",
        r"steuer-?\s?(?:id|nr|nummer|ident\w*)|identifikationsnummer|steuerliche|idnr|tin\b|tax id",
    ),
    Identity(r"\d{2} ?\d{2}(?:0[1-9]|1[0-2])\d{2} ?[A-Z] ?\d{3}", _german_pension),
    Identity(r"\d{2} ?[0-3]\d[01]\d{3} ?[A-Z] ?\d{3}", _german_pension),
    Identity(r"\d{4} ?\d{6}", "at.vnr", r"sv-?(?:nr|nummer)|svnr|sozialversicherung\w*|versicherungsnummer"),
    Identity(r"756\.?\d{4}\.?\d{4}\.?\d{2}", "ch.ssn"),
    Identity(r"[1-8] ?\d\d ?\d\d ?(?:\d\d|2[AB]) ?\d{3} ?\d{3} ?\d\d", "fr.nir"),
    Identity(r"(?:\d{8}|\d{2}\.\d{3}\.\d{3})[ -]?[A-Za-z]", "es.dni"),
    Identity(r"[XYZxyz]-?\d{7}-?[A-Za-z]", "es.nie"),
    Identity(r"[A-Za-z]{6}\d\d[A-EHLMPRSTa-ehlmprst]\d\d[A-Za-z]\d{3}[A-Za-z]", "it.codicefiscale"),
    Identity(r"\d{9}|\d{4}[. ]\d{2}[. ]\d{3}", "nl.bsn", r"bsn|burgerservice\w*|sofi"),
    Identity(rf"[1235689]\d{{2}}{S}\d{{3}}{S}\d{{3}}", "pt.nif", r"nif\b|contribuinte|n[úu]mero fiscal"),
    Identity(r"\d{8}[ -]?\d[ -]?(?:[A-Z][A-Z0-9]|\d[A-Z])\d", "pt.cc"),
    Identity(r"\d{3}[ -]?\d{3}[ -]?\d{3}", _hungarian_health, r"taj"),
    Identity(r"8\d{9}|8\d{2} \d{3} \d{4}", _hungarian_tax, r"ad[óo]azonos[íi]t[óo]|ad[óo]sz[áa]m|ad[óo]jel"),
    Identity(r"[1-8][ -]?\d{6}[ -]?\d{4}", _hungarian_personal, r"szem[ée]lyi"),
    Identity(r"\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}", "be.nn"),
    Identity(r"\d{11}", "be.nn", r"rijksregister\w*|registre national|niss\b|insz\b"),
    Identity(r"\d{11}", "pl.pesel", r"pesel"),
    Identity(r"(?:\d{2})?\d{6}[-+]?\d{4}", "se.personnummer", r"personnummer|pers\.?\s?nr|pnr"),
    Identity(r"\d{6}-?\d{4}", "dk.cpr", r"cpr"),
    Identity(r"\d{6}[-+A]\d{3}[A-Z]|\d{6}A\d{4}", "fi.hetu"),
    Identity(r"\d{6}[-+]\d{4}", "fi.hetu", r"henkil[öo]tunnus|hetu"),
    Identity(r"\d{6} ?\d{5}", "no.fodselsnummer", r"f[øo]dselsnummer|personnummer|fnr"),
    Identity(r"\d{6}/\d{3,4}", "cz.rc", r"rodn[ée]|r[čc]\b"),
    Identity(r"\d{3}\.\d{3}\.\d{3}-\d{2}", "br.cpf"),
)
