"""The steps of the coach that look up and read what a message needs; what it will probably need has begun
before the router says so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from repartee.assistants.coach.analysis import require_vector
from repartee.assistants.coach.gates import (
    asks_library,
    has_words,
    likely_needs_log,
    likely_needs_memories,
    likely_workout,
    mentions_person,
    wants_knowledge,
    wants_log,
    wants_memories,
    wants_to_remember,
    wants_workout,
)
from repartee.assistants.coach.inputs import CoachInputs
from repartee.assistants.coach.prompts import (
    MEMORY_DETECTION_PROMPT,
    WORKOUT_EXTRACTION_PROMPT,
)
from repartee.assistants.coach.schemas import MemoryDetection, WorkoutExtraction
from repartee.domain.message import Message, scope_of
from repartee.plan import Plan
from repartee.ports import (
    Embedder,
    Knowledge,
    Memory,
    MemoryStore,
    Passage,
    SmallModel,
    Vector,
    Workout,
    WorkoutStore,
)
from repartee.turn.assistant import TurnInputs

MAX_PASSAGES, MAX_MEMORIES = 4, 8
"""Passages and memories that a prompt is given."""

WORKOUT_LOG_PERIOD = timedelta(weeks=26)

SMALL_MODEL_CALL_COST = 1.0
"""The cost of a speculative call of the small model; a reading costs nothing."""

lookup_plan = Plan("lookups", inputs=CoachInputs, offered=TurnInputs)


@lookup_plan.step(timeout=2.0, fallback=None, hedge_after=0.5, when=has_words)
def embedding(incoming_text: str, embedder: Embedder) -> Vector:
    """The message's vector, made once for all that need it."""
    return embedder.embed([incoming_text])[0]


@lookup_plan.step(
    timeout=1.5,
    fallback=None,
    hedge_after=0.4,
    breaker="knowledge",
    when=wants_knowledge,
    speculate=asks_library,
)
def relevant_passages(embedding: Vector | None, knowledge: Knowledge) -> Sequence[Passage]:
    """Returns the library's passages about it."""
    return knowledge.search(require_vector(embedding), MAX_PASSAGES)


@lookup_plan.step(
    timeout=1.5,
    fallback=None,
    hedge_after=0.9,
    breaker="memories",
    when=wants_memories,
    speculate=likely_needs_memories,
)
def relevant_memories(
    incoming: tuple[Message, ...], embedding: Vector | None, memories: MemoryStore
) -> Sequence[Memory]:
    """Returns the memories of the person that are about this: where others read, those told there."""
    return memories.search(
        incoming[-1].sender, require_vector(embedding), MAX_MEMORIES, scope_of(incoming[-1].room)
    )


@lookup_plan.step(
    timeout=1.5,
    fallback=None,
    hedge_after=0.4,
    when=wants_log,
    speculate=likely_needs_log,
)
def workout_log(incoming: tuple[Message, ...], local_date: date, workouts: WorkoutStore) -> Sequence[Workout]:
    """Returns the person's workouts of the last half year: where others read, those told there."""
    log = workouts.list_since(incoming[-1].sender, (local_date - WORKOUT_LOG_PERIOD).isoformat())
    scope = scope_of(incoming[-1].room)
    return [one for one in log if scope in ("", one.room)]


@lookup_plan.step(
    timeout=4.0,
    fallback=None,
    breaker="small_model",
    when=wants_workout,
    speculate=likely_workout,
    cost=SMALL_MODEL_CALL_COST,
)
def workout_extraction(analysis_input: str, small_model: SmallModel) -> WorkoutExtraction:
    """The exercise that the message tells of."""
    return small_model.extract(WORKOUT_EXTRACTION_PROMPT, analysis_input, WorkoutExtraction)


@lookup_plan.step(
    timeout=3.0,
    fallback=None,
    breaker="small_model",
    when=wants_to_remember,
    speculate=mentions_person,
    cost=SMALL_MODEL_CALL_COST,
)
def memory_detection(analysis_input: str, small_model: SmallModel) -> MemoryDetection:
    """Returns the facts that the message tells about the person."""
    return small_model.extract(MEMORY_DETECTION_PROMPT, analysis_input, MemoryDetection)
