"""What the person is told while the coach gathers: a sentence of the small model for what takes time.

The words are made beside everything else, where a first look at the message says that they fit. They are
shown if what they announce is still under way when they are there; otherwise, or with the model down, there
is silence. Nothing waits for them, and they are kept nowhere.
"""

from __future__ import annotations

from collections.abc import Callable

from repartee.assistants.coach.keyword_hints import KeywordHints
from repartee.assistants.coach.prompts import STATUS_KIND_PROMPTS, STATUS_PROMPT
from repartee.assistants.coach.schemas import MessageNeeds
from repartee.plan import Plan
from repartee.ports import CoachState, SmallModel

ShowStatus = Callable[[str], None]

STATUS_TIMEOUT_SECONDS = 1.5
"""Seconds for the words. Later nobody wants to read them."""

MAX_STATUS_TOKENS = 40
"""Tokens of a status."""


def declare_status_steps(plan: Plan) -> None:
    """The statuses' steps: for each the words, and that they are shown."""
    for words, about in (
        (acknowledgement_status_text, lambda keyword_hints: not keyword_hints.is_small_talk),
        (workout_status_text, lambda keyword_hints: keyword_hints.workout),
        (memory_status_text, lambda keyword_hints: keyword_hints.personal),
        (patterns_status_text, lambda keyword_hints: keyword_hints.progress),
        (insights_status_text, _wants_insights_status),
    ):
        plan.step(timeout=STATUS_TIMEOUT_SECONDS, fallback="", when=about)(words)
    for status, announced, written in (
        (acknowledgement_status, "router", lambda acknowledgement_status_text: acknowledgement_status_text),
        (workout_status, "workout_extraction", lambda workout_status_text: workout_status_text),
        (memory_status, "relevant_memories", lambda memory_status_text: memory_status_text),
        (patterns_status, "exercise_progress", lambda patterns_status_text: patterns_status_text),
        (insights_status, "relevant_passages", lambda insights_status_text: insights_status_text),
    ):
        plan.step(status=announced, when=written)(status)
    plan.step(status="workout_extraction", when=lambda keyword_hints: not keyword_hints.workout)(
        filler_status
    )


def acknowledgement_status_text(incoming_text: str, small_model: SmallModel) -> str:
    """That it is understood: this needs nothing but the message."""
    return _write_status("acknowledgement", incoming_text, "", small_model)


def workout_status_text(incoming_text: str, chat_state: CoachState, small_model: SmallModel) -> str:
    """That the workout is being written down."""
    return _write_status("workout", incoming_text, chat_state.profile.get("name", ""), small_model)


def memory_status_text(incoming_text: str, chat_state: CoachState, small_model: SmallModel) -> str:
    """That it is being looked up what is known about the person."""
    return _write_status("memory", incoming_text, chat_state.profile.get("name", ""), small_model)


def patterns_status_text(incoming_text: str, chat_state: CoachState, small_model: SmallModel) -> str:
    """That the training is being looked through."""
    return _write_status("patterns", incoming_text, chat_state.profile.get("name", ""), small_model)


def insights_status_text(incoming_text: str, chat_state: CoachState, small_model: SmallModel) -> str:
    """That the library is being asked."""
    return _write_status("insights", incoming_text, chat_state.profile.get("name", ""), small_model)


def acknowledgement_status(
    chat_state: CoachState, acknowledgement_status_text: str, show_status: ShowStatus
) -> None:
    """Shown once it is known that the room may hear it."""
    show_status(acknowledgement_status_text)


def workout_status(workout_status_text: str, show_status: ShowStatus) -> None:
    """Shown while that goes on."""
    show_status(workout_status_text)


def memory_status(memory_status_text: str, show_status: ShowStatus) -> None:
    """Shown while that goes on."""
    show_status(memory_status_text)


def patterns_status(patterns_status_text: str, show_status: ShowStatus) -> None:
    """Shown while that goes on."""
    show_status(patterns_status_text)


def insights_status(insights_status_text: str, show_status: ShowStatus) -> None:
    """Shown while that goes on."""
    show_status(insights_status_text)


def filler_status(router: MessageNeeds | None, show_status: ShowStatus) -> None:
    """What the router says is being done, where nobody saw it coming that a workout must be read."""
    if router and router.meanwhile:
        show_status(router.meanwhile)


def _wants_insights_status(keyword_hints: KeywordHints) -> bool:
    return keyword_hints.asks_question and not keyword_hints.progress


def _write_status(kind: str, incoming_text: str, person_name: str, small_model: SmallModel) -> str:
    who = f"The person is {person_name}.\n\n" if person_name else ""
    return small_model.write_text(
        f"{STATUS_PROMPT} {STATUS_KIND_PROMPTS[kind]}", f"{who}Message:\n{incoming_text}", MAX_STATUS_TOKENS
    ).strip('" \n')
