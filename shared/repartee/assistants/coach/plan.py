"""The coach's plan: all that is gathered for a reply, as one dependency graph.

The router, a small model, says what a message needs; what it will probably need has begun by then.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from repartee.assistants.attachments import AttachmentContent
from repartee.assistants.base import base_plan, transcribed
from repartee.assistants.coach.analysis import analysis_plan, require_vector
from repartee.assistants.coach.gates import (
    asks_library,
    has_words,
    likely_needs_log,
    likely_needs_memories,
    likely_workout,
    list_unavailable_sources,
    mentions_person,
    wants_knowledge,
    wants_log,
    wants_memories,
    wants_progress,
    wants_to_remember,
    wants_workout,
)
from repartee.assistants.coach.inputs import CoachInputs
from repartee.assistants.coach.keyword_hints import KeywordHints
from repartee.assistants.coach.memory_changes import MemoryChanges, plan_memory_changes
from repartee.assistants.coach.post_reply_tasks import CoachTaskBuilder
from repartee.assistants.coach.prompt_builder import (
    CoachPromptContext,
    build_coach_prompt,
)
from repartee.assistants.coach.prompts import (
    MEMORY_DETECTION_PROMPT,
    WORKOUT_EXTRACTION_PROMPT,
)
from repartee.assistants.coach.schemas import MemoryDetection, MessageNeeds, WorkoutExtraction
from repartee.assistants.coach.statuses import status_plan
from repartee.assistants.coach.training.chart import draw_chart
from repartee.assistants.coach.training.progress import ExerciseProgress, select_progress
from repartee.assistants.coach.workout_changes import WorkoutChanges, plan_changes, source_of
from repartee.assistants.prompt_trimming import build_trimmed_lines
from repartee.domain.message import Exchange, Message, scope_of
from repartee.domain.post_reply import PostReplyTask
from repartee.domain.prompt import Prompt
from repartee.domain.prompt_budget import PromptBudget
from repartee.domain.reply import Image
from repartee.plan import Graph, Plan, Speculation
from repartee.ports import (
    CoachRecords,
    CoachState,
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
from repartee.turn.assistant import TurnInputs, build_assistant_graph

MAX_PASSAGES, MAX_MEMORIES = 4, 8
"""Passages and memories that a prompt is given."""

PROMPT_SHARES = {"history": 0.25, "relevant": 0.1, "context": 0.15, "files": 0.5}
"""How a prompt's tokens are shared out."""

WORKOUT_LOG_PERIOD = timedelta(weeks=26)

SMALL_MODEL_CALL_COST = 1.0
"""The cost of a speculative call of the small model; a reading costs nothing."""


coach_plan = Plan(
    "coach",
    inputs=CoachInputs,
    offered=TurnInputs,
    speculation=Speculation(cost=2 * SMALL_MODEL_CALL_COST),
)
coach_plan.include(status_plan)

# Who asks, and whether anything may be said


@coach_plan.step(timeout=2.0, hedge_after=0.6)
def chat_state(incoming: tuple[Message, ...], coaching: CoachRecords) -> CoachState:
    """Mute, profile, the coach as it is configured, what was agreed, what was said: in one round trip."""
    newest = incoming[-1]
    return coaching.read_coach_state(newest.room, newest.chat, newest.sender)


# What is said, and what came along

coach_plan.include(base_plan)


@coach_plan.step()
def incoming_text(transcribed: tuple[Message, ...]) -> str:
    """Returns the question as one text: by the person who said the newest, for what they tell is kept as
    theirs."""
    return "\n".join(message.text for message in transcribed if message.sender == transcribed[-1].sender)


# What it may be about

coach_plan.include(analysis_plan)

# What is looked up, and read in it


@coach_plan.step(timeout=2.0, fallback=None, hedge_after=0.5, when=has_words)
def embedding(incoming_text: str, embedder: Embedder) -> Vector:
    """The message's vector, made once for all that need it."""
    return embedder.embed([incoming_text])[0]


@coach_plan.step(
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


@coach_plan.step(
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


@coach_plan.step(
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


@coach_plan.step(
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


@coach_plan.step(
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


# What follows from it


@coach_plan.step()
def workout_changes(
    incoming: tuple[Message, ...],
    chat_state: CoachState,
    local_date: date,
    workout_extraction: WorkoutExtraction | None,
    workout_log: Sequence[Workout] | None,
) -> WorkoutChanges | None:
    """Returns the changes to the workout log, and the doubts that are asked about first."""
    source = source_of(incoming[-1], chat_state.profile, local_date)
    return plan_changes(workout_extraction, source, workout_log or ()) if workout_extraction else None


@coach_plan.step()
def memory_changes(
    incoming: tuple[Message, ...],
    memory_detection: MemoryDetection | None,
    relevant_memories: Sequence[Memory] | None,
) -> MemoryChanges | None:
    """Returns the changes to the person's memories."""
    if memory_detection is None:
        return None
    newest = incoming[-1]
    return plan_memory_changes(memory_detection, relevant_memories or (), newest.sent, scope_of(newest.room))


@coach_plan.step(fallback=None, when=wants_progress)
def exercise_progress(
    incoming_text: str, router: MessageNeeds | None, workout_log: Sequence[Workout] | None
) -> Sequence[ExerciseProgress] | None:
    """How the exercise goes that is asked about, or those that are done most."""
    exercise = router.exercise if router else ""
    return None if workout_log is None else select_progress(workout_log, exercise, incoming_text)


@coach_plan.step()
def reply_images(exercise_progress: Sequence[ExerciseProgress] | None) -> tuple[Image, ...]:
    """A chart of it."""
    drawn = draw_chart(exercise_progress[0]) if exercise_progress else None
    return (drawn,) if drawn else ()


@coach_plan.step()
def post_reply_tasks(
    incoming: tuple[Message, ...],
    workout_changes: WorkoutChanges | None,
    memory_changes: MemoryChanges | None,
    workouts: WorkoutStore,
    memories: MemoryStore,
    embedder: Embedder,
) -> tuple[PostReplyTask, ...]:
    """Returns the tasks that the reply promises."""
    builder = CoachTaskBuilder(incoming[-1].sender, workouts, memories, embedder)
    return tuple(builder.build_tasks(workout_changes, memory_changes))


@coach_plan.step()
def unavailable_sources(
    incoming: tuple[Message, ...],
    router: MessageNeeds | None,
    contextual_hints: KeywordHints,
    own_words: str,
    relevant_passages: Sequence[Passage] | None,
    relevant_memories: Sequence[Memory] | None,
    workout_log: Sequence[Workout] | None,
    workout_extraction: WorkoutExtraction | None,
    memory_detection: MemoryDetection | None,
) -> tuple[str, ...]:
    """Returns the sources that were wanted and could not be had."""
    is_group = any(message.sender != incoming[-1].sender for message in incoming)
    return tuple(
        list_unavailable_sources(
            router, contextual_hints, own_words, relevant_passages, relevant_memories, workout_log,
            workout_extraction, memory_detection, is_group=is_group,
        )
    )  # fmt: skip


@coach_plan.step()
def prompt(
    incoming_with_context: tuple[Message, ...],
    prompt_tokens: int,
    unpersisted_exchanges: tuple[Exchange, ...],
    chat_state: CoachState,
    local_date: date,
    audio_transcripts: Sequence[AttachmentContent],
    image_links: Sequence[AttachmentContent],
    file_texts: Sequence[AttachmentContent],
    relevant_passages: Sequence[Passage] | None,
    relevant_memories: Sequence[Memory] | None,
    workout_changes: WorkoutChanges | None,
    memory_changes: MemoryChanges | None,
    exercise_progress: Sequence[ExerciseProgress] | None,
    reply_images: tuple[Image, ...],
    unavailable_sources: tuple[str, ...],
) -> Prompt:
    """Returns the model's prompt."""
    gathered = CoachPromptContext(
        local_date=local_date,
        chat_state=chat_state,
        relevant_passages=relevant_passages or (),
        relevant_memories=relevant_memories or (),
        workout_changes=workout_changes,
        memory_changes=memory_changes,
        exercise_progress=exercise_progress,
        has_chart=bool(reply_images),
        unavailable_sources=unavailable_sources,
    )
    budget = PromptBudget.share_out(prompt_tokens, **PROMPT_SHARES)
    lines = build_trimmed_lines(incoming_with_context, audio_transcripts, image_links, file_texts, budget)
    return build_coach_prompt(
        incoming_with_context, lines, unpersisted_exchanges, gathered, budget.history_tokens
    )


def build_graph() -> Graph:
    """Builds the plan, and checks it."""
    return build_assistant_graph(
        coach_plan,
        chat_state=chat_state,
        prompt=prompt,
        transcribed=transcribed,
        post_reply_tasks=post_reply_tasks,
        reply_images=reply_images,
    )
