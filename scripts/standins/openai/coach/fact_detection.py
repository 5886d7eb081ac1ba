"""Detects facts about a person by simple rules, in English, German and Spanish. No intelligence in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

BODY_PART_PATTERNS = {
    "knee": r"knees?|knie|rodillas?",
    "back": r"back|r[uü]cken|espalda",
    "shoulder": r"shoulders?|schulter|hombros?",
    "ankle": r"ankles?|kn[oö]chel|sprunggelenk|tobillos?",
    "wrist": r"wrists?|handgelenk|mu[nñ]eca",
    "elbow": r"elbows?|ellbogen|codo",
    "hip": r"hips?|h[uü]fte|cadera",
    "hamstring": r"hamstrings?|oberschenkel|isquios?",
    "achilles": r"achilles\w*|aquiles",
}
EQUIPMENT_PATTERNS = {
    "kettlebell": r"kettlebells?|pesas? rusas?",
    "barbell": r"barbell|langhantel|barra",
    "dumbbells": r"dumbbells?|kurzhanteln?|mancuernas",
    "treadmill": r"treadmill|laufband|cinta",
    "pull-up bar": r"pull-?up bar|klimmzugstange|barra de dominadas",
    "rowing machine": r"row(?:er"
    r"|ing machine)|ruderger[aä]t",
    "resistance bands": r"(?:resistance )?bands?|widerstandsb[aä]nder|bandas",
    "gym": r"gym"
    r"|fitnessstudio|gimnasio",
    "bike": r"bike|fahrrad|bici(?:cleta)?",
    "rack": r"rack",
}
GOAL_PATTERNS = {
    "half marathon": r"half[- ]marathon|halbmarathon|media marat[oó]n",
    "marathon": r"marathon|marat[oó]n",
    "10k": r"10 ?km?\b",
    "weight loss": r"lose (?:weight|\d+)|abnehmen|adelgazar|perder peso",
    "pull-up": r"pull-?ups?|klimmz[uü]ge?|dominadas?",
    "squat": r"squat|kniebeuge|sentadilla",
    "triathlon": r"triathlon|triatl[oó]n",
}
SIDE_PATTERN = re.compile(
    r"\b(left|right|links?|linke[sn]?|rechte[sn]?|izquierd[oa]|derech[oa])\b", re.IGNORECASE
)
SIDE_NAMES = {"l": "left", "r": "right", "i": "left", "d": "right"}
PAIN_PATTERN = re.compile(
    r"hurt|pain|ache|sore|injur|sprain|torn|tweaked|surgery|strain|schmerz|\bweh\b|verletz|gezerrt"
    r"|duele|dolor|lesi[oó]n",
    re.IGNORECASE,
)
HEALED_PATTERN = re.compile(
    r"\b(?:healed|fine again|better now|pain[- ]free|no longer hurts|wieder gut"
    r"|ya no)\b",
    re.IGNORECASE,
)
PREFERENCE_PATTERN = re.compile(
    r"\b(?:i (?:really )?(?:prefer|hate|love|dislike|don't like|can't stand)|i'?m (?:a )?(?:vegan"
    r"|vegetarian)"
    r"|i (?:always |only )?train (?:in the|before|after|at)|ich (?:hasse|mag|trainiere (?:am liebsten"
    r"|lieber|nur))"
    r"|ich bin (?:vegan|vegetari\w+)|prefiero|odio|no me gusta|me gusta|soy vegan\w)\b",
    re.IGNORECASE,
)
PREFERENCE_SUBJECTS = {
    "diet": r"vegan|vegetari",
    "training time": r"morning|evening|lunch|before work|after work|abends"
    r"|morgens|ma[nñ]ana|noche",
    "running": r"running|laufen|correr",
    "burpees": r"burpees",
    "swimming": r"swim|schwimm|nadar",
    "treadmill": r"treadmill|laufband|cinta",
    "machines": r"machines|maschinen"
    r"|m[aá]quinas",
    "lunges": r"lunges",
}
OWNERSHIP_PATTERN = re.compile(
    r"\b(?:i(?:'ve| have)? (?:bought|got|own|only have)|i(?:'ve| have) (?:a|an|two|only|no|some)"
    r"|i don't have|i sold"
    r"|i (?:joined|quit)|ich habe (?:ein\w*|kein\w*|nur|zwei|mir)|tengo (?:una?|dos|solo)?|no tengo"
    r"|compr[eé])\b",
    re.IGNORECASE,
)
GOAL_PATTERN = re.compile(
    r"\b(?:my goal|goal is|i want to|i'd like to|training for|signed up for|mein ziel|ich will"
    r"|ich m[oö]chte|trainiere f[uü]r"
    r"|mi (?:objetivo|meta)|quiero)\b",
    re.IGNORECASE,
)
CHANGE_PATTERN = re.compile(
    r"\b(?:no longer|any ?more|instead|now|switched|changed|nicht mehr|jetzt|inzwischen|ya no|ahora"
    r"|sold|quit)\b",
    re.IGNORECASE,
)
FORGET_PATTERN = re.compile(r"\b(?:forget|vergiss|olvida)\b", re.IGNORECASE)
EVERYTHING_PATTERN = re.compile(r"\b(?:everything|all|alles|todo)\b", re.IGNORECASE)


def detect_facts(text: str) -> dict[str, Any]:
    """Returns the fields of `MemoryDetection`."""
    if FORGET_PATTERN.search(text):
        everything = bool(EVERYTHING_PATTERN.search(text))
        return {"facts": [] if everything else list(_forgotten_facts(text)), "forget_all": everything}
    facts = [fact for part in _statements(text) for fact in _facts_of_sentence(part)]
    return {"facts": facts, "forget_all": False}


def _forgotten_facts(text: str) -> Iterator[dict[str, Any]]:
    for kind, named in (
        ("injury", BODY_PART_PATTERNS),
        ("goal", GOAL_PATTERNS),
        ("equipment", EQUIPMENT_PATTERNS),
        ("preference", PREFERENCE_SUBJECTS),
    ):
        if subject := _find_names(named, text):
            yield _build_fact(
                kind, _with_side(subject, text) if kind == "injury" else subject, "forget", text
            )
            return


def _facts_of_sentence(part: str) -> Iterator[dict[str, Any]]:
    changed = "changed" if CHANGE_PATTERN.search(part) else "new"
    body = _find_names(BODY_PART_PATTERNS, part)
    if body and (HEALED_PATTERN.search(part) or PAIN_PATTERN.search(part)):
        yield _build_fact(
            "injury", _with_side(body, part), "changed" if HEALED_PATTERN.search(part) else "new", part
        )
    elif GOAL_PATTERN.search(part) and (goal := _find_names(GOAL_PATTERNS, part)):
        yield _build_fact("goal", goal, changed, part)
    elif OWNERSHIP_PATTERN.search(part) and (thing := _find_names(EQUIPMENT_PATTERNS, part)):
        yield _build_fact("equipment", thing, changed, part)
    elif PREFERENCE_PATTERN.search(part) and (liked := _find_names(PREFERENCE_SUBJECTS, part)):
        yield _build_fact("preference", liked, changed, part)


def _statements(text: str) -> list[str]:
    """Its sentences that are no questions."""
    sentences = re.findall(r"[^.!?\n]+[.!?]?", text)
    parts = (
        part
        for sentence in sentences
        for part in re.split(r",\s+|\b(?:and|und|y|but|aber|pero)\b(?=.* )", sentence)
    )
    return [part.strip() for part in parts if part.strip() and not part.rstrip().endswith("?")] or [text]


def _find_names(names: dict[str, str], text: str) -> str:
    return next(
        (name for name, words in names.items() if re.search(rf"\b(?:{words})", text, re.IGNORECASE)), ""
    )


def _with_side(body: str, text: str) -> str:
    found = SIDE_PATTERN.search(text)
    return f"{SIDE_NAMES[found[1][0].lower()]} {body}" if found else body


def _build_fact(kind: str, subject: str, act: str, text: str) -> dict[str, Any]:
    return {"kind": kind, "subject": subject, "act": act, "text": f"They said: {' '.join(text.split())}"}
