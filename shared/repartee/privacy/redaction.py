"""Replaces personal data in prompts by placeholders, and restores it in the model's answer.

A placeholder reads like `[EMAIL_k3f9q]`. Its letters are a keyed hash of the value and its workspace: the
same value has the same placeholder in every turn, so that a provider's prompt cache works, and without the
key it cannot be guessed by trying values. A redactor keeps its values in memory for one turn.
"""

from __future__ import annotations

import base64
import hmac
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING

from repartee.domain.message import workspace_of
from repartee.domain.redactor import RedactorFactory
from repartee.domain.truncation import truncate_redactable
from repartee.privacy.placeholders import (
    PLACEHOLDER_PATTERN,
    begun_placeholder_start,
    restore_placeholders,
)
from repartee.privacy.repeated_numbers import MIN_REPEATED_DIGITS, find_repeated_numbers
from repartee.privacy.spans import drop_overlapping

if TYPE_CHECKING:
    from repartee.ports import PiiDetector, PiiSpan

MAX_REDACTED_CHARS = 100_000
"""Characters of one text that are looked through. What nobody looked at does not leave: it is cut off."""

PLACEHOLDER_PROMPT = """\
Some personal details are replaced by placeholders such as [EMAIL_k3f9q]. Treat one as the value that it \
stands for, and write it exactly as it is, brackets included and not as a link: the person reads the value. \
The same placeholder is the same value. Never say that something is hidden, and never make up a placeholder.
"""
"""Tells the model how to treat placeholders."""

_MIN_CODE_CHARS = 5
_EXACT_MATCH_KINDS = frozenset({"SECRET", "EMAIL", "USERNAME", "PASSWORD"})
"""Kinds in which every character counts."""

_INTERNATIONAL_PATTERN = re.compile(r"\(?(?:\+|00)")


def make_redactor_factory(detector: PiiDetector, key: str) -> RedactorFactory:
    """Returns the factory of redactors for what the detector finds. With the `key`, values behind
    placeholders can be found by trying; another key makes other placeholders, and does no other harm."""
    return lambda place: PlaceholderRedactor(
        detector, partial(_hash_value, key.encode(), workspace_of(place))
    )


class PlaceholderRedactor:
    """The `Redactor` of one turn, for many threads. Owns the values behind its placeholders."""

    def __init__(self, detector: PiiDetector, placeholder_code: Callable[[str, str], str]) -> None:
        self._detector, self._placeholder_code = detector, placeholder_code
        self._values_by_placeholder: dict[str, str] = {}
        self._placeholders_by_number: dict[str, str] = {}
        self._lock = Lock()

    def redact(self, text: str) -> str:
        return self.redact_all([text])[0]

    def redact_all(self, texts: Sequence[str]) -> list[str]:
        looked_at = [truncate_redactable(text, MAX_REDACTED_CHARS) for text in texts]
        found = self._detector.detect(looked_at)
        for text, spans in zip(looked_at, found, strict=True):
            for span in spans:
                self._placeholder_for(span.kind, text[span.start : span.end])
        return [
            self._replace_spans(text, self._add_repeated_numbers(text, spans))
            for text, spans in zip(looked_at, found, strict=True)
        ]

    def restore(self, text: str) -> str:
        return restore_placeholders(text, self._values_by_placeholder)

    def restore_stream(self, pieces: Iterable[str]) -> Iterator[str]:
        held = ""
        for piece in pieces:
            text = held + piece
            end = begun_placeholder_start(text, self._values_by_placeholder)
            held = text[end:]
            if end:
                yield self.restore(text[:end])
        if held:
            yield self.restore(held)

    def _add_repeated_numbers(self, text: str, spans: Sequence[PiiSpan]) -> Sequence[PiiSpan]:
        """Returns the spans, and those of numbers that were found elsewhere in this turn and stand here
        without the words that would say what they are."""
        with self._lock:
            numbers = sorted(self._placeholders_by_number, key=len, reverse=True)
        repeated = find_repeated_numbers(text, numbers) if numbers else ()
        return drop_overlapping(len(text), (*spans, *repeated))

    def _replace_spans(self, text: str, spans: Sequence[PiiSpan]) -> str:
        """Returns the text with placeholders in place of the spans. Existing placeholders are kept."""
        placeholders = (
            [placeholder.span() for placeholder in PLACEHOLDER_PATTERN.finditer(text)] if "[" in text else []
        )
        parts, end = [], 0
        for span in spans:
            while placeholders and placeholders[0][1] <= span.start:
                placeholders.pop(0)
            if not (placeholders and placeholders[0][0] < span.end):
                parts += [
                    text[end : span.start],
                    self._placeholder_for(span.kind, text[span.start : span.end]),
                ]
                end = span.end
        return "".join((*parts, text[end:]))

    def _placeholder_for(self, kind: str, value: str) -> str:
        """Its placeholder, which gets longer where another value has the same. A number has one placeholder
        in a turn, whatever it is called in one text or another."""
        plain = _normalise_value(kind, value)
        with self._lock:
            if plain in self._placeholders_by_number:
                return self._placeholders_by_number[plain]
        code = self._placeholder_code(kind, plain)
        with self._lock:
            for length in range(_MIN_CODE_CHARS, 17):
                placeholder = f"[{kind}_{code[:length]}]"
                known = self._values_by_placeholder.setdefault(placeholder, value)
                if _normalise_value(kind, known) == plain:
                    break
            if kind not in _EXACT_MATCH_KINDS and sum(map(str.isdecimal, plain)) >= MIN_REPEATED_DIGITS:
                self._placeholders_by_number.setdefault(plain, placeholder)
        return placeholder


def _normalise_value(kind: str, value: str) -> str:
    """Returns the value independent of notation: numbers without separators, names without case."""
    if kind in _EXACT_MATCH_KINDS:
        return value if kind != "EMAIL" else value.casefold()
    plain = unicodedata.normalize("NFKC", value)
    if kind == "PHONE" and _INTERNATIONAL_PATTERN.match(plain):
        plain = _INTERNATIONAL_PATTERN.sub("", plain.replace("(0)", ""))
    return "".join(filter(str.isalnum, plain)).casefold() or value


def _hash_value(key: bytes, workspace: str, kind: str, normalised: str) -> str:
    """Returns letters from which the value cannot be guessed without the key."""
    digest = hmac.digest(key, f"{workspace}\0{kind}\0{normalised}".encode(), "sha256")
    return base64.b32encode(digest).decode().lower()
