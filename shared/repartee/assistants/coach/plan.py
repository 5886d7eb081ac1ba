"""The coach's plan: all that is gathered for a reply, as one dependency graph.

The router, a small model, says what a message needs; what it will probably need has begun by then.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from repartee.assistants.attachments import AttachmentContent
from repartee.assistants.base import base_plan, transcribed
from repartee.assistants.coach.analysis import analysis_plan
from repartee.assistants.coach.gates import (
    list_unavailable_sources,
    wants_progress,
)
from repartee.assistants.coach.inputs import CoachInputs
from repartee.assistants.coach.keyword_hints import KeywordHints
from repartee.assistants.coach.lookups import SMALL_MODEL_CALL_COST, lookup_plan
from repartee.assistants.coach.memory_changes import MemoryChanges, plan_memory_changes
from repartee.assistants.coach.post_reply_tasks import CoachTaskBuilder
from repartee.assistants.coach.prompt_builder import (
    CoachPromptContext,
    build_coach_prompt,
)
from repartee.assistants.coach.schemas import MemoryDetection, MessageNeeds, WorkoutExtraction
from repartee.assistants.coach.statuses import status_plan
from repartee.assistants.coach.training.chart import draw_chart
from repartee.assistants.coach.training.progress import ExerciseProgress, select_progress
from repartee.assistants.coach.workout_changes import WorkoutChanges, plan_changes, source_of
from repartee.assistants.notices import notices_plan
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
    Memory,
    MemoryStore,
    Passage,
    Workout,
    WorkoutStore,
)
from repartee.turn.assistant import TurnInputs, build_assistant_graph

PROMPT_SHARES = {"history": 0.25, "relevant": 0.1, "context": 0.15, "files": 0.5}
"""How a prompt's tokens are shared out."""

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
coach_plan.include(notices_plan)

# What is looked up, and read in it


coach_plan.include(lookup_plan)

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
    notice_result: str,
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
        notice_result=notice_result,
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
