"""The statuses shown while the coach gathers: a sentence of the small model for what takes time.

The words are made beside everything else, where a first look at the message says that they fit. They are
shown if what they announce is still under way when they are there; otherwise, or with the model down, there
is silence. Nothing waits for them, and they are kept nowhere. The coach's plan includes these steps.
"""

from __future__ import annotations

from collections.abc import Callable

from repartee.assistants.coach.gates import (
    asks_library,
    asks_progress,
    is_no_small_talk,
    mentions_no_workout,
    mentions_person,
    mentions_workout,
)
from repartee.assistants.coach.prompts import STATUS_KIND_PROMPTS, STATUS_PROMPT
from repartee.assistants.coach.schemas import MessageNeeds
from repartee.plan import Plan
from repartee.ports import CoachState, SmallModel
from repartee.turn.assistant import TurnInputs

ShowStatus = Callable[[str], None]

STATUS_TIMEOUT_SECONDS = 1.5
"""Seconds for the words. Later nobody wants to read them."""

MAX_STATUS_TOKENS = 40
"""Tokens of a status."""

status_plan = Plan("coach statuses", inputs=("small_model",), offered=TurnInputs)


def has_acknowledgement_text(acknowledgement_status_text: str) -> bool:
    """Returns whether there are words to show."""
    return bool(acknowledgement_status_text)


def has_workout_text(workout_status_text: str) -> bool:
    """Returns whether there are words to show."""
    return bool(workout_status_text)


def has_memory_text(memory_status_text: str) -> bool:
    """Returns whether there are words to show."""
    return bool(memory_status_text)


def has_patterns_text(patterns_status_text: str) -> bool:
    """Returns whether there are words to show."""
    return bool(patterns_status_text)


def has_insights_text(insights_status_text: str) -> bool:
    """Returns whether there are words to show."""
    return bool(insights_status_text)


@status_plan.step(timeout=STATUS_TIMEOUT_SECONDS, fallback="", when=is_no_small_talk)
def acknowledgement_status_text(incoming_text: str, chat_state: CoachState, small_model: SmallModel) -> str:
    """That it is understood."""
    return _write_status("acknowledgement", incoming_text, "", small_model)


@status_plan.step(status="router", when=has_acknowledgement_text)
def acknowledgement_status(acknowledgement_status_text: str, show_status: ShowStatus) -> None:
    """Shown once it is known that the room may hear it."""
    show_status(acknowledgement_status_text)


@status_plan.step(timeout=STATUS_TIMEOUT_SECONDS, fallback="", when=mentions_workout)
def workout_status_text(incoming_text: str, chat_state: CoachState, small_model: SmallModel) -> str:
    """That the workout is being written down."""
    return _write_status("workout", incoming_text, chat_state.profile.get("name", ""), small_model)


@status_plan.step(status="workout_extraction", when=has_workout_text)
def workout_status(workout_status_text: str, show_status: ShowStatus) -> None:
    """Shown while that goes on."""
    show_status(workout_status_text)


@status_plan.step(timeout=STATUS_TIMEOUT_SECONDS, fallback="", when=mentions_person)
def memory_status_text(incoming_text: str, chat_state: CoachState, small_model: SmallModel) -> str:
    """That it is being looked up what is known about the person."""
    return _write_status("memory", incoming_text, chat_state.profile.get("name", ""), small_model)


@status_plan.step(status="relevant_memories", when=has_memory_text)
def memory_status(memory_status_text: str, show_status: ShowStatus) -> None:
    """Shown while that goes on."""
    show_status(memory_status_text)


@status_plan.step(timeout=STATUS_TIMEOUT_SECONDS, fallback="", when=asks_progress)
def patterns_status_text(incoming_text: str, chat_state: CoachState, small_model: SmallModel) -> str:
    """That the training is being looked through."""
    return _write_status("patterns", incoming_text, chat_state.profile.get("name", ""), small_model)


@status_plan.step(status="exercise_progress", when=has_patterns_text)
def patterns_status(patterns_status_text: str, show_status: ShowStatus) -> None:
    """Shown while that goes on."""
    show_status(patterns_status_text)


@status_plan.step(timeout=STATUS_TIMEOUT_SECONDS, fallback="", when=asks_library)
def insights_status_text(incoming_text: str, chat_state: CoachState, small_model: SmallModel) -> str:
    """That the library is being asked."""
    return _write_status("insights", incoming_text, chat_state.profile.get("name", ""), small_model)


@status_plan.step(status="relevant_passages", when=has_insights_text)
def insights_status(insights_status_text: str, show_status: ShowStatus) -> None:
    """Shown while that goes on."""
    show_status(insights_status_text)


@status_plan.step(status="workout_extraction", when=mentions_no_workout)
def filler_status(router: MessageNeeds | None, show_status: ShowStatus) -> None:
    """Shows the router's sentence, where the words did not show that a workout must be read."""
    if router and router.meanwhile:
        show_status(router.meanwhile)


def _write_status(kind: str, incoming_text: str, person_name: str, small_model: SmallModel) -> str:
    who = f"The person is {person_name}.\n\n" if person_name else ""
    return small_model.write_text(
        f"{STATUS_PROMPT} {STATUS_KIND_PROMPTS[kind]}", f"{who}Message:\n{incoming_text}", MAX_STATUS_TOKENS
    ).strip('" \n')
