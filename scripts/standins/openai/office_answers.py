"""Answers the office assistant's requests to the small model by rules; None for other requests."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

MESSAGE_HEADING = "Their message:"
CONFIRMATION_MARK = "What became of their order is said above"
SUMMARY_MARK = "You keep the summary of a chat"

ACTION_PATTERNS = {
    "learn": r"\b(?:remember that|merk dir, dass|recuerda que|souviens-toi que) (.+)",
    "unmute": r"\b(talk again|speak again|wieder reden|hablar otra vez|parler à nouveau)\b",
    "mute": r"\b(be quiet|be silent|shut up|don't answer|still|ruhig|schweig|cállate|tais-toi)\b",
    "end_meeting": r"\b(meeting|besprechung|reunión|réunion)\b.*\b(over|vorbei|terminado|terminée)",
    "start_meeting": r"\b(meeting|besprechung|reunión|réunion)\b.*\b(start|begin|fängt|empieza|commence)",
}
"""By which words an order is known, the first that fits."""

DURATION_PATTERN = r"\b(\w+)\s+(?:hours?|stunden?|horas?|heures?)"
NUMBER_WORDS = {"two": 2, "zwei": 2, "dos": 2, "deux": 2, "three": 3, "drei": 3, "tres": 3, "trois": 3}


def answer_office_request(request: Mapping[str, Any], items: Sequence[tuple[str, str]]) -> str | None:
    """Returns the text of the answer."""
    text = items[-1][1] if items else ""
    form = (request.get("text") or {}).get("format") or {}
    if form.get("name") == "ParsedCommand":
        return json.dumps(parse_command(text.rpartition(MESSAGE_HEADING)[2].strip()), ensure_ascii=False)
    instructions = "\n".join(said for role, said in items if role == "developer")
    if CONFIRMATION_MARK in instructions:
        return (
            f"Scripted confirmation: {instructions.partition(CONFIRMATION_MARK)[0].strip().splitlines()[-1]}"
        )
    if SUMMARY_MARK in str(request.get("instructions") or ""):
        return f"Scripted summary of {len(text.splitlines())} lines."
    return None


def parse_command(message: str) -> dict[str, Any]:
    """Returns the order in a message, as far as a few words tell."""
    empty = dict.fromkeys(("minutes", "until", "name", "language", "timezone", "note"))
    found = ((act, re.search(words, message, re.IGNORECASE)) for act, words in ACTION_PATTERNS.items())
    act, text = next(((act, text) for act, text in found if text), ("none", None))
    made: dict[str, Any] = {"act": act, **empty, "forget": []}
    if act == "learn" and text:
        made["note"] = text[1].rstrip(". ")
    if act == "mute":
        made["minutes"] = _parse_minutes(message)
    return made


def _parse_minutes(message: str) -> float | None:
    found = re.search(DURATION_PATTERN, message, re.IGNORECASE)
    if not found:
        return None
    word = found[1].lower()
    return 60.0 * (int(word) if word.isdecimal() else NUMBER_WORDS.get(word, 1))
