"""`ports.Masker` by Amazon Comprehend, which knows names and addresses too, together with the rules.

Comprehend reads English and Spanish. Every text is sent, as Spanish where it looks so and else as English:
better too much is hidden than too little, and what is hidden is put back. The rules stand beside it, because
they know numbers of more countries. While Comprehend does not answer, nothing leaves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from repartee.aws.calls import translate_errors
from repartee.ports import PiiDetector, PiiSpan
from repartee.privacy.rules import MAX_CACHED_TEXT_CHARS, MAX_CACHED_TEXTS
from repartee.privacy.spans import drop_overlapping

MAX_CALL_BYTES = 100_000
"""Bytes of UTF-8 that one call takes."""

MIN_ENTITY_SCORE = 0.7
"""The score from which on a finding counts."""

TEXT_SEPARATOR = "\n\n"
PIECE_OVERLAP_CHARS = 200
"""Characters that the pieces of a long text share, so that nothing is cut in two."""

SPAN_KINDS_BY_ENTITY_TYPE = {
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

IGNORED_ENTITY_TYPES = frozenset({"DATE_TIME", "AGE", "URL", "SWIFT_CODE"})
"""Types that are not hidden: without days and links nobody can be helped."""

_SPANISH_PATTERN = re.compile(
    r"[\u00bf\u00a1]|\b(?:el|los|las|una|que|por|para|con|est[áa]n?|del|mi|su|tengo|hola|gracias|cu[áa]ndo|d[óo]nde)\b",
    re.IGNORECASE,
)


class TextPiece(NamedTuple):
    """A stretch of one of the texts, from this character on."""

    text_index: int
    start: int
    content: str


class ComprehendDetector:
    """Asks Comprehend for what the process has not seen yet, in as few calls as there may be. Owns what it
    has seen."""

    def __init__(self, client: Any, rules: PiiDetector) -> None:
        self._client, self._rules = client, rules
        self._known: dict[str, tuple[PiiSpan, ...]] = {}

    def detect(self, texts: Sequence[str]) -> Sequence[Sequence[PiiSpan]]:
        unknown = [text for text in dict.fromkeys(texts) if text.strip() and text not in self._known]
        fresh = dict(zip(unknown, self._detect_entities(unknown), strict=True))
        known = {text: fresh.get(text) or self._known.get(text, ()) for text in texts}
        self._cache_spans(fresh)
        ruled = self._rules.detect(texts)
        return [
            drop_overlapping(len(text), (*own, *known[text])) for text, own in zip(texts, ruled, strict=True)
        ]

    def _cache_spans(self, fresh: Mapping[str, tuple[PiiSpan, ...]]) -> None:
        """For the next turn, which has the same history."""
        if len(self._known) + len(fresh) > MAX_CACHED_TEXTS:
            self._known = {}
        self._known |= {text: spans for text, spans in fresh.items() if len(text) <= MAX_CACHED_TEXT_CHARS}

    def _detect_entities(self, texts: Sequence[str]) -> list[tuple[PiiSpan, ...]]:
        found: list[list[PiiSpan]] = [[] for _ in texts]
        pieces = [piece for number, text in enumerate(texts) for piece in _split_text(number, text)]
        for call in _group_into_calls(pieces):
            for piece, span in self._call_comprehend(call):
                found[piece.text_index].append(span)
        return [drop_overlapping(len(text), spans) for text, spans in zip(texts, found, strict=True)]

    def _call_comprehend(self, call: Sequence[TextPiece]) -> Iterator[tuple[TextPiece, PiiSpan]]:
        """Yields the spans that one call finds, each with its piece."""
        text = TEXT_SEPARATOR.join(piece.content for piece in call)
        with translate_errors("comprehend"):
            entities = self._client.detect_pii_entities(Text=text, LanguageCode=_detect_language(text))[
                "Entities"
            ]
        start = 0
        for piece in call:
            end = start + len(piece.content)
            for entity in entities:
                if span := _span_of_entity(entity, start, end, piece.start - start):
                    yield piece, span
            start = end + len(TEXT_SEPARATOR)


def _span_of_entity(entity: Mapping[str, Any], start: int, end: int, shift: int) -> PiiSpan | None:
    """Returns the part of what was found that lies in this stretch of the call's text."""
    begins, ends = max(entity["BeginOffset"], start), min(entity["EndOffset"], end)
    if begins >= ends or entity["Score"] < MIN_ENTITY_SCORE or entity["Type"] in IGNORED_ENTITY_TYPES:
        return None
    return PiiSpan(SPAN_KINDS_BY_ENTITY_TYPE.get(entity["Type"], "ID"), begins + shift, ends + shift)


def _split_text(text_index: int, text: str) -> Iterator[TextPiece]:
    """Yields the text in pieces, none of which is too long for a call: a character has four bytes at the
    most."""
    readable = text.encode(errors="replace")
    if len(readable) <= MAX_CALL_BYTES:
        yield TextPiece(text_index, 0, readable.decode())
        return
    text = readable.decode()
    size = MAX_CALL_BYTES // 4
    for start in range(0, len(text), size - PIECE_OVERLAP_CHARS):
        yield TextPiece(text_index, start, text[start : start + size])


def _group_into_calls(pieces: Iterable[TextPiece]) -> Iterator[list[TextPiece]]:
    """Yields the pieces in their order, as many in a call as it takes."""
    call: list[TextPiece] = []
    taken = 0
    for piece in pieces:
        size = len(piece.content.encode()) + len(TEXT_SEPARATOR)
        if call and taken + size > MAX_CALL_BYTES:
            yield call
            call, taken = [], 0
        call.append(piece)
        taken += size
    if call:
        yield call


def _detect_language(text: str) -> str:
    """Spanish, if one word in twelve is."""
    return "es" if 12 * len(_SPANISH_PATTERN.findall(text)) > len(text.split()) else "en"
