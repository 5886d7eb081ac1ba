"""Stands in for the coach's small model: rules answer what it is asked to fill in, and say that they do."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from standins.openai.coach.fact_detection import detect_facts
from standins.openai.coach.workout_extraction import extract_workouts

TODAY_LINE = re.compile(r"^Today is \w+, (\d{4}-\d\d-\d\d)\.", re.MULTILINE)
MESSAGE_LINE = re.compile(r"^(?:Newest message|Message):\n", re.MULTILINE)
QUESTION_PATTERN = re.compile(
    r"\?|^\s*(?:how|what|which|why|when|should|can|is|are|do|does|wie|was|warum|soll|kann|qu[eé]"
    r"|c[oó]mo|cu[aá]nt|por qu[eé])\b",
    re.IGNORECASE,
)
PROGRESS_PATTERN = re.compile(
    r"progress|trend|improv|stronger|faster|\bprs?\b|personal best|how(?:'s| is| are| has| have) my"
    r"|how am i doing"
    r"|fortschritt|wie l[aä]uft (?:es|mein)|wie geht es mit|bestleistung|progreso|c[oó]mo va|mejorando",
    re.IGNORECASE,
)
ADVICE_PATTERN = re.compile(
    r"\b(?:should i|for me|can i|my plan|what now|today|recommend|soll ich|f[uü]r mich|kann ich|debo"
    r"|para m[ií]|puedo)\b",
    re.IGNORECASE,
)
EXERCISE_PATTERN = re.compile(
    r"squat|bench press|deadlift|overhead press|pull-up|run|cycling|swim", re.IGNORECASE
)
EXERCISE_NAMES = {
    "kniebeuge": "squat",
    "sentadilla": "squat",
    "bankdr": "bench press",
    "press banca": "bench press",
    "kreuzheben": "deadlift",
    "peso muerto": "deadlift",
    "lauf": "run",
    "correr": "run",
    "bench": "bench press",
}


class AnalysisStandIn:
    """Answers by rules, as JSON values: what a request's schema is called decides what is answered."""

    def answer(self, name: str, text: str) -> dict[str, Any]:
        """Returns the fields of the struct of that name. Raises `KeyError` for one that it has no rules
        for."""
        message = newest_message(text)
        found = TODAY_LINE.search(text)
        today = date.fromisoformat(found[1]) if found else date(2026, 1, 1)
        rules = {
            "WorkoutExtraction": lambda: extract_workouts(message, today),
            "MemoryDetection": lambda: detect_facts(message),
            "MessageNeeds": lambda: analyse_needs(message, today),
        }
        return rules[name]()

    def write(self, text: str) -> str:
        """Returns a status."""
        does = "write it down" if extract_workouts(newest_message(text), date.min)["done"] else "look it up"
        return f"Scripted status: I {does}."


def newest_message(text: str) -> str:
    """Returns the message in what the small model is given."""
    return MESSAGE_LINE.split(text)[-1].strip()


def analyse_needs(message: str, today: date) -> dict[str, Any]:
    """Returns the fields of `MessageNeeds`."""
    read, found = extract_workouts(message, today), detect_facts(message)
    asks, progress = bool(QUESTION_PATTERN.search(message)), bool(PROGRESS_PATTERN.search(message))
    return {
        "knowledge": asks and not progress,
        "workout": bool(read["done"] or read["corrections"]),
        "recall": bool(ADVICE_PATTERN.search(message)) and asks,
        "remember": bool(found["facts"] or found["forget_all"]),
        "progress": progress,
        "exercise": _named_exercise(message) if progress else "",
        "meanwhile": "Scripted status: I look at what you did.",
    }


def _named_exercise(message: str) -> str:
    lower = message.lower()
    found = EXERCISE_PATTERN.search(lower)
    return found[0] if found else next((name for word, name in EXERCISE_NAMES.items() if word in lower), "")
