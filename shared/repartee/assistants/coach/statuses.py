"""What the person is told while the coach gathers: a sentence of the small model for what takes time.

The words are made beside everything else, where a first look at the message says that they fit. They are
shown if what they announce is still under way when they are there; otherwise, or with the model down, there
is silence. Nothing waits for them, and they are kept nowhere.
"""

from __future__ import annotations

from collections.abc import Callable

from repartee.assistants.coach.answers import Needs
from repartee.assistants.coach.look import Look
from repartee.assistants.coach.prompts import STATUS, STATUSES
from repartee.plan import Plan
from repartee.ports import Coached, SmallModel

Tell = Callable[[str], None]

WITHIN = 1.5
"""Seconds for the words. Later nobody wants to read them."""

LONGEST = 40
"""Tokens of a status."""


def declare(coach: Plan) -> None:
    """The statuses' steps: for each the words, and that they are shown."""
    for words, about in (
        (acknowledgement_words, lambda first_look: not first_look.talk),
        (workout_words, lambda first_look: first_look.workout),
        (memory_words, lambda first_look: first_look.personal),
        (patterns_words, lambda first_look: first_look.progress),
        (insights_words, _wants_insights),
    ):
        coach.step(timeout=WITHIN, fallback="", when=about)(words)
    for status, announced, written in (
        (acknowledgement, "router", lambda acknowledgement_words: acknowledgement_words),
        (workout_status, "extraction", lambda workout_words: workout_words),
        (memory_status, "recalled", lambda memory_words: memory_words),
        (patterns_status, "progress", lambda patterns_words: patterns_words),
        (insights_status, "passages", lambda insights_words: insights_words),
    ):
        coach.step(status=announced, when=written)(status)
    coach.step(status="extraction", when=lambda first_look: not first_look.workout)(meanwhile)


def acknowledgement_words(question: str, small: SmallModel) -> str:
    """That it is understood: this needs nothing but the message."""
    return _written("acknowledgement", question, "", small)


def workout_words(question: str, standing: Coached, small: SmallModel) -> str:
    """That the workout is being written down."""
    return _written("workout", question, standing.profile.get("name", ""), small)


def memory_words(question: str, standing: Coached, small: SmallModel) -> str:
    """That it is being looked up what is known about the person."""
    return _written("memory", question, standing.profile.get("name", ""), small)


def patterns_words(question: str, standing: Coached, small: SmallModel) -> str:
    """That the training is being looked through."""
    return _written("patterns", question, standing.profile.get("name", ""), small)


def insights_words(question: str, standing: Coached, small: SmallModel) -> str:
    """That the library is being asked."""
    return _written("insights", question, standing.profile.get("name", ""), small)


def acknowledgement(standing: Coached, acknowledgement_words: str, tell: Tell) -> None:
    """Shown once it is known that the room may hear it."""
    tell(acknowledgement_words)


def workout_status(workout_words: str, tell: Tell) -> None:
    """Shown while that goes on."""
    tell(workout_words)


def memory_status(memory_words: str, tell: Tell) -> None:
    """Shown while that goes on."""
    tell(memory_words)


def patterns_status(patterns_words: str, tell: Tell) -> None:
    """Shown while that goes on."""
    tell(patterns_words)


def insights_status(insights_words: str, tell: Tell) -> None:
    """Shown while that goes on."""
    tell(insights_words)


def meanwhile(router: Needs | None, tell: Tell) -> None:
    """What the router says is being done, where nobody saw it coming that a workout must be read."""
    if router and router.meanwhile:
        tell(router.meanwhile)


def _wants_insights(first_look: Look) -> bool:
    return first_look.asking and not first_look.progress


def _written(name: str, question: str, asker: str, small: SmallModel) -> str:
    who = f"The person is {asker}.\n\n" if asker else ""
    return small.write(f"{STATUS} {STATUSES[name]}", f"{who}Message:\n{question}", LONGEST).strip('" \n')
