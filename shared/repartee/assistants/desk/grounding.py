"""Checks that every number and address of a sentence stands in what was gathered for the reply.

It compares what is written, not what is meant: a number that stands in a source in another connection passes,
and a number in words is not looked at. `docs/desk.md` states how precise that is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

NUMBER = re.compile(r"\d+(?:[.,:/]\d+)*")
PHONE = re.compile(r"\+?\d[\d \-/()\u202f]{5,}\d")
CLOCK_12 = re.compile(r"\b(\d{1,2})(?::(\d\d))?\s*([ap])\.?\s?m\b\.?", re.IGNORECASE)
ADDRESS = re.compile(
    r"https?://[^\s)\]>\"']+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\b(?:www\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}(?:/[^\s)\]>\"']*)?",
    re.IGNORECASE,
)
LIST_NUMBER = re.compile(r"^\s*\d{1,2}[.)]\s", re.MULTILINE)
CITATION = re.compile(r"\[\d{1,2}\]")

NUMBER_PART = re.compile(r"[.,:/]")
MIN_PHONE_DIGITS = 7


class Evidence:
    """The numbers and addresses of all texts that were gathered. Grows as tools find more."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._numbers: set[str] = set()
        self._addresses: set[str] = set()
        self._phones = ""
        self.add(texts)

    def add(self, texts: Iterable[str]) -> None:
        """Adds what stands in the texts."""
        for text in map(_normalise, texts):
            self._addresses |= set(_find_addresses(text))
            self._phones += f" {re.sub(r'[^0-9a-z]+', '', text)}"
            bare = _remove_addresses(text)
            self._numbers |= {form for number in _find_numbers(bare) for form in _number_forms(number)}

    def supports(self, sentence: str) -> bool:
        """Returns whether every number and address of the sentence stands in what was gathered."""
        return not any(True for _ in self.find_unsupported(sentence))

    def find_unsupported(self, sentence: str) -> Iterator[str]:
        """Yields the numbers and addresses that stand in none of the texts."""
        text = CITATION.sub(" ", LIST_NUMBER.sub("", _normalise(sentence)))
        yield from (one for one in _find_addresses(text) if not self._has_address(one))
        bare = PHONE.sub(
            lambda found: " " if self._has_phone(found[0]) else found[0], _remove_addresses(text)
        )
        yield from (number for number in _find_numbers(bare) if not self._has_number(number))

    def _has_address(self, address: str) -> bool:
        return any(known == address or known.endswith(f".{address}") for known in self._addresses)

    def _has_phone(self, written: str) -> bool:
        digits = re.sub(r"\D", "", written).lstrip("0")
        return len(digits) >= MIN_PHONE_DIGITS and digits in self._phones

    def _has_number(self, number: str) -> bool:
        if self._numbers & set(_number_forms(number)):
            return True
        parts = NUMBER_PART.split(number)
        return len(parts) > 2 and all(self._numbers & set(_number_forms(part)) for part in parts)


def _normalise(text: str) -> str:
    """Returns the text in one form of digits and widths, in small letters, with times on 24 hours."""
    plain = unicodedata.normalize("NFKC", text).lower()
    digits = "".join(
        str(unicodedata.digit(char)) if char.isdigit() and not char.isascii() else char for char in plain
    )
    return CLOCK_12.sub(_to_24_hours, digits)


def _to_24_hours(found: re.Match[str]) -> str:
    hour = int(found[1]) % 12 + (12 if found[3].lower() == "p" else 0)
    return f"{hour}:{found[2] or '00'}"


def _find_addresses(text: str) -> Iterator[str]:
    for found in ADDRESS.findall(text):
        address = re.sub(r"^(https?://)?(www\.)?", "", found).rstrip(".,;:!?/")
        if not NUMBER.fullmatch(address):
            yield address


def _remove_addresses(text: str) -> str:
    return ADDRESS.sub(lambda found: found[0] if NUMBER.fullmatch(found[0]) else " ", text)


def _find_numbers(text: str) -> Iterator[str]:
    joined = re.sub(r"(?<=\d)[ '\u2019\u202f](?=\d{3}\b)", "", text)  # 1 234 and 1'234
    yield from NUMBER.findall(joined)


def _number_forms(number: str) -> Iterator[str]:
    """Yields the values that a number may be written for: `1.500` is one and a half, or fifteen hundred."""
    yield number
    if ":" in number or "/" in number:
        hour, _, rest = number.partition(":")
        yield f"{int(hour)}:{rest}" if hour.isdigit() and rest else number
        if rest == "00":
            yield str(int(hour))
        return
    yield from _decimal_forms(number)


def _decimal_forms(number: str) -> Iterator[str]:
    parts = re.split(r"[.,]", number)
    if len(parts) > 1 and all(len(part) == 3 for part in parts[1:]):
        yield str(int("".join(parts)))
    whole, decimals = (parts[:-1], parts[-1]) if len(parts) > 1 else (parts, "")
    digits = decimals.rstrip("0")
    yield f"{int(''.join(whole))}{'.' + digits if digits else ''}"
