"""Answers the desk's requests by rules; None for other requests.

It quotes the sentence of the sources that shares most words with the question, and says that it does not
know where none shares two.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

ANSWERING_MARK = "at its service desk"
"""A part of the instructions that only the desk's replies have."""

UNKNOWN = "UNKNOWN"
MIN_SHARED_WORDS = 2

SOURCE = re.compile(r"^\[(\d+)\] ([^:]+(?:: [^:]+)?): (.+)$", re.MULTILINE)
SENTENCE = re.compile(r"[^.!?]+(?:\.\d+[^.!?]*)*[.!?]?")
WORD = re.compile(r"[^\W\d_]{3,}")


def answer_desk_request(request: Mapping[str, Any], items: Sequence[tuple[str, str]]) -> str | None:
    """Returns the text of the answer."""
    form = (request.get("text") or {}).get("format") or {}
    if form.get("type") == "json_schema":
        signs = ("asks_for_person", "wants_money_back", "threatens_law", "is_in_danger")
        calm = {"intent": "question", "language": "en", "mood": "calm", **dict.fromkeys(signs, False)}
        return json.dumps(calm) if form.get("name") == "MessageAnalysis" else None
    if ANSWERING_MARK not in str(request.get("instructions") or ""):
        return None
    context = "\n".join(text for role, text in items if role in ("developer", "system"))
    question = items[-1][1] if items else ""
    return quote_source(question, context)


def quote_source(question: str, context: str) -> str:
    """Returns the sentence that answers the question best, with its source."""
    asked = _words(question)
    sentences = [
        (len(asked & _words(f"{heading} {sentence}")), sentence.strip(), number)
        for number, heading, text in SOURCE.findall(context)
        for sentence in SENTENCE.findall(text)
    ]
    shared, sentence, number = max(sentences, key=lambda one: one[0], default=(0, "", ""))
    return f"{sentence.rstrip('.')} [{number}]." if shared >= MIN_SHARED_WORDS else UNKNOWN


def _words(text: str) -> set[str]:
    return {word[:5] for word in WORD.findall(text.lower())}
