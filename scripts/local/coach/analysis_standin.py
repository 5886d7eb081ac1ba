"""Stands in for the coach's small model: rules answer what it is asked to fill in, and say that they do."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from local.coach.noticing import detection
from local.coach.reading import extraction

TODAY = re.compile(r"^Today is \w+, (\d{4}-\d\d-\d\d)\.", re.MULTILINE)
MESSAGE = re.compile(r"^(?:Newest message|Message):\n", re.MULTILINE)
ASKS = re.compile(
    r"\?|^\s*(?:how|what|which|why|when|should|can|is|are|do|does|wie|was|warum|soll|kann|qu[eé]"
    r"|c[oó]mo|cu[aá]nt|por qu[eé])\b",
    re.IGNORECASE,
)
PROGRESS = re.compile(
    r"progress|trend|improv|stronger|faster|\bprs?\b|personal best|how(?:'s| is| are| has| have) my"
    r"|how am i doing"
    r"|fortschritt|wie l[aä]uft (?:es|mein)|wie geht es mit|bestleistung|progreso|c[oó]mo va|mejorando",
    re.IGNORECASE,
)
ADVICE = re.compile(
    r"\b(?:should i|for me|can i|my plan|what now|today|recommend|soll ich|f[uü]r mich|kann ich|debo"
    r"|para m[ií]|puedo)\b",
    re.IGNORECASE,
)
NAMES = re.compile(r"squat|bench press|deadlift|overhead press|pull-up|run|cycling|swim", re.IGNORECASE)
NAMED = {
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
        """What fills in the struct of that name. Raises `KeyError` for one that it has no rules for."""
        message = newest(text)
        found = TODAY.search(text)
        today = date.fromisoformat(found[1]) if found else date(2026, 1, 1)
        rules = {
            "Extraction": lambda: extraction(message, today),
            "Detection": lambda: detection(message),
            "Needs": lambda: needs(message, today),
        }
        return rules[name]()

    def write(self, text: str) -> str:
        """A status."""
        message = " ".join(newest(text).split())
        return f"Scripted status about “{message[:40]}{'…' if len(message) > 40 else ''}”"


def newest(text: str) -> str:
    """The message in what the small model is given."""
    return MESSAGE.split(text)[-1].strip()


def needs(message: str, today: date) -> dict[str, Any]:
    """What `Needs` is to hold."""
    read, found = extraction(message, today), detection(message)
    asks, progress = bool(ASKS.search(message)), bool(PROGRESS.search(message))
    return {
        "knowledge": asks and not progress,
        "workout": bool(read["done"] or read["corrections"]),
        "recall": bool(ADVICE.search(message)) and asks,
        "remember": bool(found["facts"] or found["forget_all"]),
        "progress": progress,
        "exercise": _exercise(message) if progress else "",
        "meanwhile": "Scripted status: I look at what you did.",
    }


def _exercise(message: str) -> str:
    lower = message.lower()
    found = NAMES.search(lower)
    return found[0] if found else next((name for word, name in NAMED.items() if word in lower), "")
