"""Stands in for Amazon Comprehend within moto's server, whose own answer is the same whatever it is asked.

It speaks by moto and has the service's limits and errors; but what it finds it finds by a list of NAMES and a
few forms, not by a model, and says nothing of how well Comprehend does. A text with `standin:CODE` in it is
answered with that error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

MAX_TEXT_BYTES = 100_000
"""Bytes of a text: https://docs.aws.amazon.com/comprehend/latest/APIReference/API_DetectPiiEntities.html."""

LANGUAGES = ("en", "es")

NAMES = ("Ada", "Ben", "Carla", "David", "Emma", "Lucía", "Sofia")

_FORMS = (
    ("NAME", 0.99, re.compile(rf"\b(?:{'|'.join(NAMES)})\b(?: [A-Z]\w+)?")),
    ("ADDRESS", 0.95, re.compile(r"\b(?:Rua|Calle|Rue|Via) [A-Z]\w+ \d+|\b\d+ [A-Z]\w+ (?:Street|Road)")),
    ("EMAIL", 0.99, re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]+\.[\w.]+\w")),
    ("PHONE", 0.99, re.compile(r"\+\d[\d ]{7,16}\d")),
    ("DATE_TIME", 0.99, re.compile(r"\b(?:Mon|Tues|Wednes|Thurs|Fri)day\b|\b\d{4}-\d\d-\d\d\b")),
    ("UK_NATIONAL_INSURANCE_NUMBER", 0.9, re.compile(r"\b[A-Z]{2}\d{6}[A-D]\b")),
    ("USERNAME", 0.4, re.compile(r"\b\w+_\w+\b")),
)
_ERROR = re.compile(r"standin:(\w+)")


def install_in_moto() -> None:
    """Lets moto answer as the stand-in does."""
    from moto.comprehend.models import ComprehendBackend

    ComprehendBackend.detect_pii_entities = _detect_pii_entities  # type: ignore[method-assign, assignment]


def detect_entities(text: str) -> Iterator[dict[str, Any]]:
    """Returns the entities in the text, with offsets in characters."""
    for kind, score, form in _FORMS:
        for match in form.finditer(text):
            start, end = match.span()
            yield {"Type": kind, "Score": score, "BeginOffset": start, "EndOffset": end}


def _detect_pii_entities(backend: Any, text: str, language: str) -> list[dict[str, Any]]:
    from moto.core.exceptions import JsonRESTError

    size = len(text.encode())
    if not text:
        raise JsonRESTError("ValidationException", "Value '' at 'text' failed to satisfy constraint: length")
    if size > MAX_TEXT_BYTES:
        raise JsonRESTError(
            "TextSizeLimitExceededException",
            f"Input text size exceeds limit. Max length of request text allowed is {MAX_TEXT_BYTES} bytes "
            f"while in this request the text size is {size} bytes",
        )
    if language not in LANGUAGES:
        raise JsonRESTError(
            "UnsupportedLanguageException",
            f"Unsupported language code: {language}. The supported language codes are: {LANGUAGES}",
        )
    if asked := _ERROR.search(text):
        error = JsonRESTError(asked[1], "asked for")
        error.code = 500 if asked[1] == "InternalServerException" else 400
        raise error
    return sorted(detect_entities(text), key=lambda entity: int(entity["BeginOffset"]))
