"""What the coach gathers for a reply, as one dependency graph.

The router, a small model, says what a message needs; what it will probably need has begun by then.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from repartee.assistants import quoted
from repartee.assistants.attached import (
    AUDIO_WITHIN,
    FILES_WITHIN,
    IMAGES_WITHIN,
    Read,
    audio_texts,
    file_texts,
    image_links,
)
from repartee.assistants.coach import conclusions, statuses
from repartee.assistants.coach.answers import Detection, Extraction, Needs
from repartee.assistants.coach.asking import about, of_today
from repartee.assistants.coach.context import conversation
from repartee.assistants.coach.gates import (
    wants_knowledge,
    wants_log,
    wants_memories,
    wants_to_remember,
    wants_workout,
)
from repartee.assistants.coach.look import Look, look
from repartee.assistants.coach.prompts import DETECTION, EXTRACTION, ROUTER
from repartee.conversation.message import Exchange, Message
from repartee.errors import Unreachable
from repartee.plan import Graph, Plan, Speculation
from repartee.ports import (
    Coached,
    Coaching,
    Embedder,
    Knowledge,
    Memories,
    Memory,
    Passage,
    SmallModel,
    Vector,
    Workout,
    Workouts,
)

PASSAGES, MEMORIES = 4, 8
"""Passages and memories that a prompt is given."""

LOG_GOES_BACK = timedelta(weeks=26)

MODEL_CALL = 1.0
"""What a speculative call of the small model costs; a reading costs nothing."""

coach = Plan(
    "coach",
    inputs=(
        *("turn", "asked", "recent", "sign", "tell"),
        *("coaching", "small", "embedder", "knowledge", "memories", "workouts"),
        *("attachments", "transcriber", "documents", "media", "pool"),
    ),
    speculation=Speculation(cost=2 * MODEL_CALL),
)
statuses.declare(coach)


@coach.step(timeout=2.0)
def standing(asked: tuple[Message, ...], coaching: Coaching) -> Coached:
    """Mute, profile, the coach as it is configured, what was agreed, what was said: in one round trip."""
    newest = asked[-1]
    return coaching.coached(newest.room, newest.chat, newest.sender)


@coach.step(timeout=2.0, status="prompt")
def first_sign(standing: Coached, sign: Callable[[Coached], None]) -> None:
    """Something is visible as soon as it is known that the room may hear it."""
    sign(standing)


coach.step(timeout=AUDIO_WITHIN + 1, fallback=())(audio_texts)
coach.step(timeout=IMAGES_WITHIN + 1, fallback=())(image_links)
coach.step(timeout=FILES_WITHIN + 1, fallback=())(file_texts)


@coach.step()
def heard(asked: tuple[Message, ...], audio_texts: Sequence[Read]) -> tuple[Message, ...]:
    """The messages as they are to be understood: with what is said in a recording."""
    return quoted.heard(asked, audio_texts)


@coach.step()
def question(heard: tuple[Message, ...]) -> str:
    """What is asked, as one text: by the person who said the newest, for what they tell is kept as theirs."""
    return "\n".join(message.text for message in heard if message.sender == heard[-1].sender)


@coach.step()
def today(asked: tuple[Message, ...], standing: Coached) -> date:
    """The day on which it was said, where the person is."""
    return of_today(asked[-1], standing.profile)


@coach.step()
def situation(
    asked: tuple[Message, ...], recent: tuple[Exchange, ...], standing: Coached, question: str, today: date
) -> str:
    """The message with what helps to understand it, for the small model."""
    return about(question, conversation(asked, recent, standing), standing.profile, today)


@coach.step()
def first_look(question: str) -> Look:
    """What the message may be about, by its words alone."""
    return look(question)


@coach.step()
def second_look(
    question: str, asked: tuple[Message, ...], recent: tuple[Exchange, ...], standing: Coached
) -> Look:
    """The same, knowing what was said before."""
    before = [said.text for said in conversation(asked, recent, standing) if said.side == "user"]
    return look(question, before[-1] if before else "")


@coach.step(timeout=2.5, fallback=None, breaker="small")
def router(situation: str, small: SmallModel) -> Needs:
    """What the message needs. Where the model is late or answers nonsense, the look at its words decides."""
    return small.analyse(ROUTER, situation, Needs)


@coach.step(timeout=2.0, fallback=None)
def embedding(question: str, embedder: Embedder) -> Vector:
    """The message's vector, made once for all that need it."""
    return embedder.embed([question])[0]


@coach.step(
    timeout=1.5,
    fallback=None,
    breaker="knowledge",
    when=wants_knowledge,
    speculate=lambda first_look: first_look.asking and not first_look.progress,
)
def passages(embedding: Vector | None, knowledge: Knowledge) -> Sequence[Passage]:
    """What the library says about it."""
    return knowledge.relevant(_there(embedding), PASSAGES)


@coach.step(
    timeout=1.5,
    fallback=None,
    breaker="memories",
    when=wants_memories,
    speculate=lambda first_look: first_look.personal or (first_look.asking and not first_look.progress),
)
def recalled(asked: tuple[Message, ...], embedding: Vector | None, memories: Memories) -> Sequence[Memory]:
    """What is known about the person and this."""
    return memories.relevant(asked[-1].sender, _there(embedding), MEMORIES)


@coach.step(
    timeout=1.5,
    fallback=None,
    when=wants_log,
    speculate=lambda second_look: second_look.workout or second_look.progress,
)
def log(asked: tuple[Message, ...], today: date, workouts: Workouts) -> Sequence[Workout]:
    """What the person did in the last half year."""
    return workouts.of(asked[-1].sender, (today - LOG_GOES_BACK).isoformat())


@coach.step(
    timeout=4.0,
    fallback=None,
    breaker="small",
    when=wants_workout,
    speculate=lambda second_look: second_look.workout,
    cost=MODEL_CALL,
)
def extraction(situation: str, small: SmallModel) -> Extraction:
    """The exercise that the message tells of."""
    return small.analyse(EXTRACTION, situation, Extraction)


@coach.step(
    timeout=3.0,
    fallback=None,
    breaker="small",
    when=wants_to_remember,
    speculate=lambda first_look: first_look.personal,
    cost=MODEL_CALL,
)
def detection(situation: str, small: SmallModel) -> Detection:
    """What the message tells about the person."""
    return small.analyse(DETECTION, situation, Detection)


conclusions.declare(coach)


def build() -> Graph:
    """The plan, checked."""
    return coach.build(targets=("standing", "prompt", "afterwards", "pictures"))


def _there(embedding: Vector | None) -> Vector:
    if embedding is None:
        raise Unreachable("embeddings", "the message has no vector")
    return embedding
