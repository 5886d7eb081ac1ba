"""`ports.Masker` by rules: what can be told from its form and its check digits, in every language alike."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache

from repartee.ports import Span
from repartee.services.pii.accounts import cards, ibans
from repartee.services.pii.identities import identities
from repartee.services.pii.online import emails, ip_addresses, secrets
from repartee.services.pii.phones import phones

Finder = Callable[[str], Iterator[Span]]

WORDS: tuple[Finder, ...] = (secrets, emails)
NUMBERS: tuple[Finder, ...] = (ibans, cards, identities, ip_addresses, phones)
"""In this order: what the first finds is not another's."""

PLAIN = {
    **dict.fromkeys((0x00A0, 0x2007, 0x2009, 0x202F), " "),
    **dict.fromkeys((0x2010, 0x2011, 0x2012, 0x2013, 0x2212), "-"),
    **{0xFF10 + digit: str(digit) for digit in range(10)},
    0xFF0B: "+",
    0xFF20: "@",
}
"""Spaces, dashes and digits as programs set them for the eye, and as the rules know them. One for one, so
that all stays in its place."""

TAKEN = "\0"

_SEVERAL_DIGITS = re.compile(r"\d(?:[^\d\n]{0,6}\d){4}|[0-9A-Fa-f]:[0-9A-Fa-f:]{4}")
"""Without them there is no number of any kind."""

KNOWN_TEXTS = 2_000
LONGEST_KNOWN = 4_000
"""Texts whose spans a process keeps, and their length: history comes again with every turn."""


EXAMPLES = "call 1111111; DE89 3704 0044 0532 0130 00; card 4111 1111 1111 1111; 12345678Z; 123-45-6789"
"""Some of everything, for which the numbering plans of all our regions are asked."""


class Rules:
    """Finds by rules. What these need is loaded when they are made: no message should wait for it."""

    def __init__(self) -> None:
        self._known = lru_cache(KNOWN_TEXTS)(found)
        self.find([EXAMPLES])

    def find(self, texts: Sequence[str]) -> Sequence[Sequence[Span]]:
        return [self._known(text) if len(text) <= LONGEST_KNOWN else found(text) for text in texts]


def found(text: str) -> tuple[Span, ...]:
    """What the rules find in one text."""
    spans: list[Span] = []
    left = text.translate(PLAIN)
    for find in WORDS + NUMBERS if _SEVERAL_DIGITS.search(text) else WORDS:
        fresh = apart(len(text), find(left))
        spans += fresh
        left = _without(fresh, left)
    return apart(len(text), spans)


def _without(spans: Sequence[Span], text: str) -> str:
    """The text with nothing to be found where the spans are: the next number begins where one ends."""
    parts, end = [], 0
    for span in spans:
        parts += [text[end : span.start], TAKEN * (span.end - span.start)]
        end = span.end
    return "".join((*parts, text[end:]))


def apart(length: int, spans: Iterable[Span]) -> tuple[Span, ...]:
    """Of the spans in a text of that length those that overlap none before them, in the order of the text."""
    kept, taken = [], bytearray(length)
    for span in spans:
        if not any(taken[span.start : span.end]):
            taken[span.start : span.end] = b"\1" * (span.end - span.start)
            kept.append(span)
    return tuple(sorted(kept, key=lambda span: span.start))
