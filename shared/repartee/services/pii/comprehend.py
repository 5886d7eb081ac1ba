"""`ports.Masker` by Amazon Comprehend, which knows names and addresses too, together with the rules.

Comprehend reads English and Spanish. Every text is sent, as Spanish where it looks so and else as English:
better too much is hidden than too little, and what is hidden is put back. The rules stand beside it, because
they know numbers of more countries. While Comprehend does not answer, nothing leaves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from repartee.ports import Masker, Span
from repartee.services.aws import translating
from repartee.services.pii.rules import KNOWN_TEXTS, LONGEST_KNOWN, apart

LONGEST_CALL = 100_000
"""Bytes of UTF-8 that one call takes."""

SURE = 0.7
"""The score from which on a finding counts."""

SEPARATOR = "\n\n"
OVERLAP = 200
"""Characters that the pieces of a long text share, so that nothing is cut in two."""

KINDS = {
    "NAME": "NAME",
    "ADDRESS": "ADDRESS",
    "EMAIL": "EMAIL",
    "PHONE": "PHONE",
    "USERNAME": "USERNAME",
    "PASSWORD": "SECRET",
    "PIN": "SECRET",
    "AWS_ACCESS_KEY": "SECRET",
    "AWS_SECRET_KEY": "SECRET",
    "IP_ADDRESS": "IP",
    "MAC_ADDRESS": "MAC",
    "CREDIT_DEBIT_NUMBER": "CARD",
    "CREDIT_DEBIT_CVV": "CARD",
    "CREDIT_DEBIT_EXPIRY": "CARD",
    "BANK_ACCOUNT_NUMBER": "ACCOUNT",
    "BANK_ROUTING": "ACCOUNT",
    "INTERNATIONAL_BANK_ACCOUNT_NUMBER": "IBAN",
}
"""Comprehend's types, and ours. All others are numbers of people and things that they own."""

LEFT = frozenset({"DATE_TIME", "AGE", "URL", "SWIFT_CODE"})
"""Types that are not hidden: without days and links nobody can be helped."""

_SPANISH = re.compile(
    r"[\u00bf\u00a1]|\b(?:el|los|las|una|que|por|para|con|est[áa]n?|del|mi|su|tengo|hola|gracias|cu[áa]ndo|d[óo]nde)\b",
    re.IGNORECASE,
)


class Piece(NamedTuple):
    """A stretch of one of the texts, from this character on."""

    text: int
    start: int
    words: str


class Comprehend:
    """Asks Comprehend for what the process has not seen yet, in as few calls as there may be. Owns what it
    has seen."""

    def __init__(self, client: Any, rules: Masker) -> None:
        self._client, self._rules = client, rules
        self._known: dict[str, tuple[Span, ...]] = {}

    def find(self, texts: Sequence[str]) -> Sequence[Sequence[Span]]:
        unknown = [text for text in dict.fromkeys(texts) if text.strip() and text not in self._known]
        fresh = dict(zip(unknown, self._asked(unknown), strict=True))
        known = {text: fresh.get(text) or self._known.get(text, ()) for text in texts}
        self._keep(fresh)
        ruled = self._rules.find(texts)
        return [apart(len(text), (*own, *known[text])) for text, own in zip(texts, ruled, strict=True)]

    def _keep(self, fresh: Mapping[str, tuple[Span, ...]]) -> None:
        """For the next turn, which has the same history."""
        if len(self._known) + len(fresh) > KNOWN_TEXTS:
            self._known = {}
        self._known |= {text: spans for text, spans in fresh.items() if len(text) <= LONGEST_KNOWN}

    def _asked(self, texts: Sequence[str]) -> list[tuple[Span, ...]]:
        found: list[list[Span]] = [[] for _ in texts]
        pieces = [piece for number, text in enumerate(texts) for piece in _pieces(number, text)]
        for call in _calls(pieces):
            for piece, span in self._answer(call):
                found[piece.text].append(span)
        return [apart(len(text), spans) for text, spans in zip(texts, found, strict=True)]

    def _answer(self, call: Sequence[Piece]) -> Iterator[tuple[Piece, Span]]:
        """What one call finds in its pieces, placed in their texts."""
        text = SEPARATOR.join(piece.words for piece in call)
        with translating("comprehend"):
            entities = self._client.detect_pii_entities(Text=text, LanguageCode=_language(text))["Entities"]
        start = 0
        for piece in call:
            end = start + len(piece.words)
            for entity in entities:
                if span := _span(entity, start, end, piece.start - start):
                    yield piece, span
            start = end + len(SEPARATOR)


def _span(entity: Mapping[str, Any], start: int, end: int, shift: int) -> Span | None:
    """The part of what was found that lies in this stretch of the call's text."""
    begins, ends = max(entity["BeginOffset"], start), min(entity["EndOffset"], end)
    if begins >= ends or entity["Score"] < SURE or entity["Type"] in LEFT:
        return None
    return Span(KINDS.get(entity["Type"], "ID"), begins + shift, ends + shift)


def _pieces(number: int, text: str) -> Iterator[Piece]:
    """The text in pieces, none of which is too long for a call: a character has four bytes at the most."""
    readable = text.encode(errors="replace")
    if len(readable) <= LONGEST_CALL:
        yield Piece(number, 0, readable.decode())
        return
    text = readable.decode()
    size = LONGEST_CALL // 4
    for start in range(0, len(text), size - OVERLAP):
        yield Piece(number, start, text[start : start + size])


def _calls(pieces: Iterable[Piece]) -> Iterator[list[Piece]]:
    """The pieces in their order, as many in a call as it takes."""
    call: list[Piece] = []
    taken = 0
    for piece in pieces:
        size = len(piece.words.encode()) + len(SEPARATOR)
        if call and taken + size > LONGEST_CALL:
            yield call
            call, taken = [], 0
        call.append(piece)
        taken += size
    if call:
        yield call


def _language(text: str) -> str:
    """Spanish, if one word in twelve is."""
    return "es" if 12 * len(_SPANISH.findall(text)) > len(text.split()) else "en"
