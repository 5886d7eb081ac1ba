"""The conditions under which the coach looks things up and writes them down: as the router says, or without
it as the words suggest."""

from __future__ import annotations

from collections.abc import Iterator

from repartee.assistants.coach.keyword_hints import KeywordHints
from repartee.assistants.coach.schemas import MessageNeeds

OTHER_SENDERS_NOT_RECORDED_TEXT = (
    "what others told besides: nothing of it was recorded, ask them to tell it by themselves"
)
"""Where several people are answered at once."""


def wants_knowledge(router: MessageNeeds | None, contextual_hints: KeywordHints) -> bool:
    """Whether the library is asked. When in doubt it is: a reading does no harm."""
    return router.knowledge if router else not contextual_hints.is_small_talk


def wants_memories(router: MessageNeeds | None, contextual_hints: KeywordHints) -> bool:
    """Whether it is looked up what is known about the person: also to see what a fact changes."""
    return router.recall or router.remember if router else not contextual_hints.is_small_talk


def wants_workout(router: MessageNeeds | None, contextual_hints: KeywordHints, own_words: str) -> bool:
    """Whether it is read what was done. Where the person says nothing of their own, nothing is recorded."""
    return bool(own_words) and (router.workout if router else contextual_hints.workout)


def wants_to_remember(router: MessageNeeds | None, contextual_hints: KeywordHints, own_words: str) -> bool:
    """Whether it is read what is told about the person: by themselves alone."""
    return bool(own_words) and (router.remember if router else contextual_hints.personal)


def wants_progress(router: MessageNeeds | None, contextual_hints: KeywordHints) -> bool:
    """Whether progress is computed."""
    return router.progress if router else contextual_hints.progress


def wants_log(router: MessageNeeds | None, contextual_hints: KeywordHints, own_words: str) -> bool:
    """Whether it is looked up what was done: for progress, for what is put right, for what is likely."""
    return wants_workout(router, contextual_hints, own_words) or wants_progress(router, contextual_hints)


def has_words(incoming_text: str) -> bool:
    """Returns whether there is anything to embed."""
    return bool(incoming_text.strip())


def likely_workout(contextual_hints: KeywordHints) -> bool:
    """Returns whether the words, after what was said before, tell of exercise."""
    return contextual_hints.workout


def likely_needs_log(contextual_hints: KeywordHints) -> bool:
    """Returns whether the words, after what was said before, tell of exercise or ask how it goes."""
    return contextual_hints.workout or contextual_hints.progress


def mentions_workout(keyword_hints: KeywordHints) -> bool:
    """Returns whether the words alone tell of exercise."""
    return keyword_hints.workout


def mentions_no_workout(keyword_hints: KeywordHints) -> bool:
    """Returns whether the words alone tell of no exercise."""
    return not keyword_hints.workout


def mentions_person(keyword_hints: KeywordHints) -> bool:
    """Returns whether the words alone tell something about the person."""
    return keyword_hints.personal


def asks_progress(keyword_hints: KeywordHints) -> bool:
    """Returns whether the words alone ask how the training goes."""
    return keyword_hints.progress


def asks_library(keyword_hints: KeywordHints) -> bool:
    """Returns whether the words alone ask something that the library may know."""
    return keyword_hints.asks_question and not keyword_hints.progress


def likely_needs_memories(keyword_hints: KeywordHints) -> bool:
    """Returns whether the answer depends on who asks, by the words alone."""
    return mentions_person(keyword_hints) or asks_library(keyword_hints)


def is_no_small_talk(keyword_hints: KeywordHints) -> bool:
    """Returns whether the words are about something."""
    return not keyword_hints.is_small_talk


def list_unavailable_sources(
    router: MessageNeeds | None,
    contextual_hints: KeywordHints,
    own_words: str,
    relevant_passages: object,
    relevant_memories: object,
    workout_log: object,
    workout_extraction: object,
    memory_detection: object,
    *,
    is_group: bool = False,
) -> Iterator[str]:
    """Yields the sources that were wanted, but are None: in words for the model."""
    told = (router, contextual_hints)
    if wants_knowledge(*told) and relevant_passages is None:
        yield "the library: cite nothing"
    if wants_memories(*told) and relevant_memories is None:
        yield "what is known about the person: ask about injuries before you advise"
    if wants_log(*told, own_words) and workout_log is None:
        yield "their records: tell no numbers about their progress"
    if wants_workout(*told, own_words) and workout_extraction is None:
        yield "what they did: nothing of it was recorded, ask them to tell it again"
    if wants_to_remember(*told, own_words) and memory_detection is None:
        yield "what they told about themselves: nothing of it was noted, ask them to tell it again"
    if is_group:
        yield OTHER_SENDERS_NOT_RECORDED_TEXT
