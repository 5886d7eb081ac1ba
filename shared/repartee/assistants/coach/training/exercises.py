"""The names of exercises: one for each, however people call it."""

from __future__ import annotations

EXERCISE_ALIASES = {
    "back squat": "squat",
    "barbell squat": "squat",
    "squats": "squat",
    "bench": "bench press",
    "benching": "bench press",
    "barbell bench press": "bench press",
    "deadlifts": "deadlift",
    "conventional deadlift": "deadlift",
    "ohp": "overhead press",
    "military press": "overhead press",
    "shoulder press": "overhead press",
    "pull up": "pull-up",
    "pullup": "pull-up",
    "chin up": "chin-up",
    "push up": "push-up",
    "pushup": "push-up",
    "press up": "push-up",
    "running": "run",
    "jog": "run",
    "jogging": "run",
    "bike": "cycling",
    "bike ride": "cycling",
    "ride": "cycling",
    "biking": "cycling",
    "swimming": "swim",
    "rowing": "row",
    "walking": "walk",
}


def canonical_name(exercise: str) -> str:
    """The exercise's name, as it is kept."""
    name = " ".join(exercise.lower().split())
    return EXERCISE_ALIASES.get(name) or EXERCISE_ALIASES.get(name.removesuffix("s")) or _singular_of(name)


def is_same_exercise(first_name: str, second_name: str) -> bool:
    """Whether two names may be of one exercise: `squat` is also said of a `front squat`."""
    a, b = set(canonical_name(first_name).split()), set(canonical_name(second_name).split())
    return bool(a and b) and (a <= b or b <= a)


def _singular_of(name: str) -> str:
    plural = name.endswith("s") and not name.endswith(("ss", "press", "us"))
    return name.removesuffix("s") if plural else name
