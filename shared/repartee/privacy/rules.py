"""`ports.Masker` by rules: what can be told from its form and its check digits, in every language alike."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

from repartee.ports import PiiSpan
from repartee.privacy.accounts import find_cards, find_ibans
from repartee.privacy.identities import find_identity_numbers
from repartee.privacy.phones import find_phones
from repartee.privacy.spans import drop_overlapping
from repartee.privacy.web_identifiers import find_emails, find_ip_addresses, find_secrets

SpanFinder = Callable[[str], Iterator[PiiSpan]]

WORD_FINDERS: tuple[SpanFinder, ...] = (find_secrets, find_emails)
NUMBER_FINDERS: tuple[SpanFinder, ...] = (
    find_ibans,
    find_cards,
    find_identity_numbers,
    find_ip_addresses,
    find_phones,
)
"""In this order: what the first finds is not another's."""

PLAIN_CHARACTERS = {
    **dict.fromkeys((0x00A0, 0x2007, 0x2009, 0x202F, 0x3000), " "),
    **dict.fromkeys((0x2010, 0x2011, 0x2012, 0x2013, 0x2212), "-"),
    **{0xFEE0 + code: chr(code) for code in range(0x21, 0x7F)},
    **{0x0966 + digit: str(digit) for digit in range(10)},
}
"""Spaces, dashes, full-width signs and Devanagari digits as they are typed, and as the rules know them. One
for one, so that all stays in its place."""

FOUND_CHARACTER = "\0"

_SEVERAL_DIGITS_PATTERN = re.compile(r"\d(?:[^\d]{0,6}\d){3}|[0-9A-Fa-f]:[0-9A-Fa-f:]{4}")
"""Without them there is no number of any kind."""

MAX_CACHED_TEXTS = 2_000
MAX_CACHED_TEXT_CHARS = 4_000
"""Texts whose spans a process keeps, and their length: history comes again with every turn."""


WARM_UP_TEXT = "call 1111111; DE89 3704 0044 0532 0130 00; card 4111 1111 1111 1111; 12345678Z; 123-45-6789"
"""Some of everything, for which the numbering plans of all our regions are asked."""


class RuleDetector:
    """Finds by rules. What these need is loaded when they are made: no message should wait for it."""

    def __init__(self) -> None:
        self._known = lru_cache(MAX_CACHED_TEXTS)(find_spans)
        self.detect([WARM_UP_TEXT])

    def detect(self, texts: Sequence[str]) -> Sequence[Sequence[PiiSpan]]:
        return [
            self._known(text) if len(text) <= MAX_CACHED_TEXT_CHARS else find_spans(text) for text in texts
        ]


def find_spans(text: str) -> tuple[PiiSpan, ...]:
    """Returns the spans of personal data that the rules find in one text."""
    spans: list[PiiSpan] = []
    left = text.translate(PLAIN_CHARACTERS)
    for find in WORD_FINDERS + NUMBER_FINDERS if _SEVERAL_DIGITS_PATTERN.search(left) else WORD_FINDERS:
        fresh = drop_overlapping(len(text), find(left))
        spans += fresh
        left = _blank_spans(fresh, left)
    return drop_overlapping(len(text), spans)


def _blank_spans(spans: Sequence[PiiSpan], text: str) -> str:
    """Returns the text with nothing to be found where the spans are: the next number begins where one
    ends."""
    parts, end = [], 0
    for span in spans:
        parts += [text[end : span.start], FOUND_CHARACTER * (span.end - span.start)]
        end = span.end
    return "".join((*parts, text[end:]))
