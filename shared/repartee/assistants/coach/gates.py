"""What the coach looks up and writes down: as the router says, or without it as the words suggest."""

from __future__ import annotations

from collections.abc import Iterator

from repartee.assistants.coach.answers import Needs
from repartee.assistants.coach.look import Look

OTHERS = "what others told besides: nothing of it was recorded, ask them to tell it by themselves"
"""Where several people are answered at once."""


def wants_knowledge(router: Needs | None, second_look: Look) -> bool:
    """Whether the library is asked. When in doubt it is: a reading does no harm."""
    return router.knowledge if router else not second_look.talk


def wants_memories(router: Needs | None, second_look: Look) -> bool:
    """Whether it is looked up what is known about the person: also to see what a fact changes."""
    return router.recall or router.remember if router else not second_look.talk


def wants_workout(router: Needs | None, second_look: Look) -> bool:
    """Whether it is read what was done."""
    return router.workout if router else second_look.workout


def wants_to_remember(router: Needs | None, second_look: Look) -> bool:
    """Whether it is read what is told about the person."""
    return router.remember if router else second_look.personal


def wants_progress(router: Needs | None, second_look: Look) -> bool:
    """Whether progress is computed."""
    return router.progress if router else second_look.progress


def wants_log(router: Needs | None, second_look: Look) -> bool:
    """Whether it is looked up what was done: for progress, for what is put right, for what is likely."""
    return wants_workout(router, second_look) or wants_progress(router, second_look)


def missing_of(
    router: Needs | None,
    second_look: Look,
    passages: object,
    recalled: object,
    log: object,
    extraction: object,
    detection: object,
) -> Iterator[str]:
    """What was wanted, but is None: in words for the model."""
    told = (router, second_look)
    if wants_knowledge(*told) and passages is None:
        yield "the library: cite nothing"
    if wants_memories(*told) and recalled is None:
        yield "what is known about the person: ask about injuries before you advise"
    if wants_log(*told) and log is None:
        yield "their records: tell no numbers about their progress"
    if wants_workout(*told) and extraction is None:
        yield "what they did: nothing of it was recorded, ask them to tell it again"
    if wants_to_remember(*told) and detection is None:
        yield "what they told about themselves: nothing of it was noted, ask them to tell it again"
