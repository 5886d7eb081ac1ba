"""What follows from what the coach has gathered: what is written down, told, drawn, promised, and asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from repartee.assistants import attachment_prompts
from repartee.assistants.attachments import AttachmentContent
from repartee.assistants.coach.gates import (
    OTHER_SENDERS_NOT_RECORDED_TEXT,
    list_unavailable_sources,
    wants_progress,
)
from repartee.assistants.coach.keyword_hints import KeywordHints
from repartee.assistants.coach.memory_changes import MemoryChanges, plan_memory_changes
from repartee.assistants.coach.post_reply_tasks import CoachTaskBuilder
from repartee.assistants.coach.prompt_builder import CoachPromptContext, build_coach_prompt
from repartee.assistants.coach.schemas import MemoryDetection, MessageNeeds, WorkoutExtraction
from repartee.assistants.coach.training import units
from repartee.assistants.coach.training.chart import draw_chart
from repartee.assistants.coach.training.progress import ExerciseProgress, select_progress
from repartee.assistants.coach.workout_changes import WorkoutChanges, WorkoutSource, plan_changes
from repartee.assistants.prompt_trimming import trim_contents, trim_context
from repartee.domain.message import Exchange, Message
from repartee.domain.post_reply import PostReplyTask
from repartee.domain.prompt import Prompt
from repartee.domain.prompt_budget import PromptBudget
from repartee.domain.reply import Image
from repartee.plan import Plan
from repartee.ports import CoachState, Embedder, Memory, MemoryStore, Passage, Workout, WorkoutStore

PROMPT_SHARES = {"history": 0.25, "relevant": 0.1, "context": 0.15, "files": 0.5}
"""How a prompt's tokens are shared out."""


def declare_derived_steps(plan: Plan) -> None:
    """The steps, none of which asks anybody anything."""
    for step in (
        workout_changes,
        memory_changes,
        reply_images,
        post_reply_tasks,
        unavailable_sources,
        prompt,
    ):
        plan.step()(step)
    plan.step(fallback=None, when=wants_progress)(exercise_progress)


def workout_changes(
    incoming: tuple[Message, ...],
    chat_state: CoachState,
    local_date: date,
    workout_extraction: WorkoutExtraction | None,
    workout_log: Sequence[Workout] | None,
) -> WorkoutChanges | None:
    """What is written down of it, and what is asked about first."""
    newest = incoming[-1]
    source = WorkoutSource(
        message_id=newest.stored_id,
        sent_at=newest.sent,
        local_date=local_date,
        units=units.default_units(chat_state.profile),
    )
    return plan_changes(workout_extraction, source, workout_log or ()) if workout_extraction else None


def memory_changes(
    incoming: tuple[Message, ...],
    memory_detection: MemoryDetection | None,
    relevant_memories: Sequence[Memory] | None,
) -> MemoryChanges | None:
    """What is remembered of it."""
    return (
        plan_memory_changes(memory_detection, relevant_memories or (), incoming[-1].sent)
        if memory_detection
        else None
    )


def exercise_progress(
    incoming_text: str, router: MessageNeeds | None, workout_log: Sequence[Workout] | None
) -> Sequence[ExerciseProgress] | None:
    """How the exercise goes that is asked about, or those that are done most."""
    return (
        None
        if workout_log is None
        else select_progress(workout_log, router.exercise if router else "", incoming_text)
    )


def reply_images(exercise_progress: Sequence[ExerciseProgress] | None) -> tuple[Image, ...]:
    """A chart of it."""
    drawn = draw_chart(exercise_progress[0]) if exercise_progress else None
    return (drawn,) if drawn else ()


def post_reply_tasks(
    incoming: tuple[Message, ...],
    workout_changes: WorkoutChanges | None,
    memory_changes: MemoryChanges | None,
    workouts: WorkoutStore,
    memories: MemoryStore,
    embedder: Embedder,
) -> tuple[PostReplyTask, ...]:
    """What the reply promises."""
    return tuple(
        CoachTaskBuilder(incoming[-1].sender, workouts, memories, embedder).build_tasks(
            workout_changes, memory_changes
        )
    )


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
    """What was wanted and could not be had."""
    others = (
        [OTHER_SENDERS_NOT_RECORDED_TEXT]
        if any(message.sender != incoming[-1].sender for message in incoming)
        else []
    )
    return (
        *list_unavailable_sources(
            router,
            contextual_hints,
            own_words,
            relevant_passages,
            relevant_memories,
            workout_log,
            workout_extraction,
            memory_detection,
        ),
        *others,
    )


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
    """What the model is given."""
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
    lines = attachment_prompts.build_prompt_lines(
        trim_context(incoming_with_context, budget.context_tokens),
        audio_transcripts,
        image_links,
        trim_contents(file_texts, budget.file_tokens),
    )
    return build_coach_prompt(
        incoming_with_context, lines, unpersisted_exchanges, gathered, budget.history_tokens
    )
