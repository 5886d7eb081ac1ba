"""What the coach gathers for a reply, as one dependency graph.

The router, a small model, says what a message needs; what it will probably need has begun by then.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from repartee.assistants import attachment_prompts
from repartee.assistants.attachments import (
    AUDIO_TIMEOUT_SECONDS,
    FILE_TIMEOUT_SECONDS,
    IMAGE_TIMEOUT_SECONDS,
    AttachmentContent,
    audio_transcripts,
    file_texts,
    image_links,
)
from repartee.assistants.coach import derived_steps, statuses
from repartee.assistants.coach.analysis_input import build_analysis_input, local_date_of
from repartee.assistants.coach.gates import (
    wants_knowledge,
    wants_log,
    wants_memories,
    wants_to_remember,
    wants_workout,
)
from repartee.assistants.coach.keyword_hints import KeywordHints, find_hints
from repartee.assistants.coach.prompt_builder import merge_conversation
from repartee.assistants.coach.prompts import (
    MEMORY_DETECTION_PROMPT,
    ROUTER_PROMPT,
    WORKOUT_EXTRACTION_PROMPT,
)
from repartee.assistants.coach.schemas import MemoryDetection, MessageNeeds, WorkoutExtraction
from repartee.assistants.context_parts import (
    LOOKUP_TIMEOUT_SECONDS,
    NOTHING_FOUND,
    context_sources,
    incoming_with_context,
)
from repartee.domain.message import Exchange, Message
from repartee.errors import Unavailable
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

MAX_PASSAGES, MAX_MEMORIES = 4, 8
"""Passages and memories that a prompt is given."""

WORKOUT_LOG_PERIOD = timedelta(weeks=26)

SMALL_MODEL_CALL_COST = 1.0
"""What a speculative call of the small model costs; a reading costs nothing."""

coach_plan = Plan(
    "coach",
    inputs=(
        *("incoming", "unpersisted_exchanges", "find_said", "prompt_tokens", "show_typing", "show_status"),
        *("coaching", "small_model", "embedder", "knowledge", "memories", "workouts"),
        *("attachments", "transcriber", "documents", "media", "pool"),
    ),
    speculation=Speculation(cost=2 * SMALL_MODEL_CALL_COST),
)
statuses.declare_status_steps(coach_plan)


@coach_plan.step(timeout=2.0, hedge_after=0.6)
def chat_state(incoming: tuple[Message, ...], coaching: CoachRecords) -> CoachState:
    """Mute, profile, the coach as it is configured, what was agreed, what was said: in one round trip."""
    newest = incoming[-1]
    return coaching.read_coach_state(newest.room, newest.chat, newest.sender)


@coach_plan.step(timeout=2.0, status="prompt")
def typing_indicator(chat_state: CoachState, show_typing: Callable[[CoachState], None]) -> None:
    """Something is visible as soon as it is known that the room may hear it."""
    show_typing(chat_state)


coach_plan.step(timeout=LOOKUP_TIMEOUT_SECONDS, fallback=NOTHING_FOUND)(context_sources)
coach_plan.step()(incoming_with_context)
coach_plan.step(timeout=AUDIO_TIMEOUT_SECONDS + 1, fallback=())(audio_transcripts)
coach_plan.step(timeout=IMAGE_TIMEOUT_SECONDS + 1, fallback=())(image_links)
coach_plan.step(timeout=FILE_TIMEOUT_SECONDS + 1, fallback=())(file_texts)


@coach_plan.step()
def transcribed(
    incoming: tuple[Message, ...], audio_transcripts: Sequence[AttachmentContent]
) -> tuple[Message, ...]:
    """The messages as they are to be understood: with what is said in a recording."""
    return attachment_prompts.apply_transcripts(incoming, audio_transcripts)


@coach_plan.step()
def incoming_text(transcribed: tuple[Message, ...]) -> str:
    """What is asked, as one text: by the person who said the newest, for what they tell is kept as theirs."""
    return "\n".join(message.text for message in transcribed if message.sender == transcribed[-1].sender)


@coach_plan.step()
def local_date(incoming: tuple[Message, ...], chat_state: CoachState) -> date:
    """The day on which it was said, where the person is."""
    return local_date_of(incoming[-1], chat_state.profile)


@coach_plan.step()
def analysis_input(
    incoming: tuple[Message, ...],
    unpersisted_exchanges: tuple[Exchange, ...],
    chat_state: CoachState,
    incoming_text: str,
    local_date: date,
) -> str:
    """The message with what helps to understand it, for the small model."""
    return build_analysis_input(
        incoming_text,
        merge_conversation(incoming, unpersisted_exchanges, chat_state),
        chat_state.profile,
        local_date,
    )


@coach_plan.step()
def own_words(incoming: tuple[Message, ...], audio_transcripts: Sequence[AttachmentContent]) -> str:
    """What the person who wrote last says, typed or spoken: nothing else is ever recorded as theirs."""
    own = [message for message in incoming if message.sender == incoming[-1].sender]
    return attachment_prompts.join_own_words(own, audio_transcripts)


@coach_plan.step()
def keyword_hints(incoming_text: str) -> KeywordHints:
    """What the message may be about, by its words alone."""
    return find_hints(incoming_text)


@coach_plan.step()
def contextual_hints(
    incoming_text: str,
    own_words: str,
    incoming: tuple[Message, ...],
    unpersisted_exchanges: tuple[Exchange, ...],
    chat_state: CoachState,
) -> KeywordHints:
    """The same, knowing what was said before."""
    before = [
        said.text
        for said in merge_conversation(incoming, unpersisted_exchanges, chat_state)
        if said.side == "user"
    ]
    return find_hints(incoming_text, before[-1] if before and own_words else "")


@coach_plan.step(timeout=2.5, fallback=None, breaker="small_model")
def router(analysis_input: str, small_model: SmallModel) -> MessageNeeds:
    """What the message needs. Where the model is late or answers nonsense, the look at its words decides."""
    return small_model.extract(ROUTER_PROMPT, analysis_input, MessageNeeds)


@coach_plan.step(
    timeout=2.0, fallback=None, hedge_after=0.5, when=lambda incoming_text: bool(incoming_text.strip())
)
def embedding(incoming_text: str, embedder: Embedder) -> Vector:
    """The message's vector, made once for all that need it."""
    return embedder.embed([incoming_text])[0]


@coach_plan.step(
    timeout=1.5,
    fallback=None,
    hedge_after=0.4,
    breaker="knowledge",
    when=wants_knowledge,
    speculate=lambda keyword_hints: keyword_hints.asks_question and not keyword_hints.progress,
)
def relevant_passages(embedding: Vector | None, knowledge: Knowledge) -> Sequence[Passage]:
    """What the library says about it."""
    return knowledge.search(_require_vector(embedding), MAX_PASSAGES)


@coach_plan.step(
    timeout=1.5,
    fallback=None,
    hedge_after=0.9,
    breaker="memories",
    when=wants_memories,
    speculate=lambda keyword_hints: (
        keyword_hints.personal or (keyword_hints.asks_question and not keyword_hints.progress)
    ),
)
def relevant_memories(
    incoming: tuple[Message, ...], embedding: Vector | None, memories: MemoryStore
) -> Sequence[Memory]:
    """What is known about the person and this."""
    return memories.search(incoming[-1].sender, _require_vector(embedding), MAX_MEMORIES)


@coach_plan.step(
    timeout=1.5,
    fallback=None,
    hedge_after=0.4,
    when=wants_log,
    speculate=lambda contextual_hints: contextual_hints.workout or contextual_hints.progress,
)
def workout_log(incoming: tuple[Message, ...], local_date: date, workouts: WorkoutStore) -> Sequence[Workout]:
    """What the person did in the last half year."""
    return workouts.list_since(incoming[-1].sender, (local_date - WORKOUT_LOG_PERIOD).isoformat())


@coach_plan.step(
    timeout=4.0,
    fallback=None,
    breaker="small_model",
    when=wants_workout,
    speculate=lambda contextual_hints: contextual_hints.workout,
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
    speculate=lambda keyword_hints: keyword_hints.personal,
    cost=SMALL_MODEL_CALL_COST,
)
def memory_detection(analysis_input: str, small_model: SmallModel) -> MemoryDetection:
    """What the message tells about the person."""
    return small_model.extract(MEMORY_DETECTION_PROMPT, analysis_input, MemoryDetection)


derived_steps.declare_derived_steps(coach_plan)


def build_coach_graph() -> Graph:
    """The plan, checked."""
    return coach_plan.build(targets=("chat_state", "prompt", "post_reply_tasks", "reply_images"))


def _require_vector(embedding: Vector | None) -> Vector:
    if embedding is None:
        raise Unavailable("embeddings", "the message has no vector")
    return embedding
