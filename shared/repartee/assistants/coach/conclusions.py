"""What follows from what the coach has gathered: what is written down, told, drawn, promised, and asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from repartee.assistants import quoted
from repartee.assistants.attached import Read
from repartee.assistants.coach.answers import Detection, Extraction, Needs
from repartee.assistants.coach.booking import Booking, Source, book
from repartee.assistants.coach.context import Gathered, compose
from repartee.assistants.coach.duties import Duties
from repartee.assistants.coach.gates import OTHERS, missing_of, wants_progress
from repartee.assistants.coach.learning import Learning, learn
from repartee.assistants.coach.look import Look
from repartee.assistants.coach.training import units
from repartee.assistants.coach.training.chart import chart
from repartee.assistants.coach.training.progress import Progress, asked_about
from repartee.conversation.means import Duty
from repartee.conversation.message import Exchange, Message
from repartee.conversation.prompt import Prompt
from repartee.conversation.reply import Picture
from repartee.plan import Plan
from repartee.ports import Coached, Embedder, Memories, Memory, Passage, Workout, Workouts


def declare(coach: Plan) -> None:
    """The steps, none of which asks anybody anything."""
    for step in (booking, learning, pictures, afterwards, missing, prompt):
        coach.step()(step)
    coach.step(fallback=None, when=wants_progress)(progress)


def booking(
    asked: tuple[Message, ...],
    standing: Coached,
    today: date,
    extraction: Extraction | None,
    log: Sequence[Workout] | None,
) -> Booking | None:
    """What is written down of it, and what is asked about first."""
    newest = asked[-1]
    source = Source(id=newest.said().id, at=newest.sent, today=today, units=units.usual(standing.profile))
    return book(extraction, source, log or ()) if extraction else None


def learning(
    asked: tuple[Message, ...], detection: Detection | None, recalled: Sequence[Memory] | None
) -> Learning | None:
    """What is remembered of it."""
    return learn(detection, recalled or (), asked[-1].sent) if detection else None


def progress(question: str, router: Needs | None, log: Sequence[Workout] | None) -> Sequence[Progress] | None:
    """How the exercise goes that is asked about, or those that are done most."""
    return None if log is None else asked_about(log, router.exercise if router else "", question)


def pictures(progress: Sequence[Progress] | None) -> tuple[Picture, ...]:
    """A chart of it."""
    drawn = chart(progress[0]) if progress else None
    return (drawn,) if drawn else ()


def afterwards(
    asked: tuple[Message, ...],
    booking: Booking | None,
    learning: Learning | None,
    workouts: Workouts,
    memories: Memories,
    embedder: Embedder,
) -> tuple[Duty, ...]:
    """What the reply promises."""
    return tuple(Duties(asked[-1].sender, workouts, memories, embedder).of(booking, learning))


def missing(
    asked: tuple[Message, ...],
    router: Needs | None,
    second_look: Look,
    passages: Sequence[Passage] | None,
    recalled: Sequence[Memory] | None,
    log: Sequence[Workout] | None,
    extraction: Extraction | None,
    detection: Detection | None,
) -> tuple[str, ...]:
    """What was wanted and could not be had."""
    others = [OTHERS] if any(message.sender != asked[-1].sender for message in asked) else []
    return (*missing_of(router, second_look, passages, recalled, log, extraction, detection), *others)


def prompt(
    asked: tuple[Message, ...],
    recent: tuple[Exchange, ...],
    standing: Coached,
    today: date,
    audio_texts: Sequence[Read],
    image_links: Sequence[Read],
    file_texts: Sequence[Read],
    passages: Sequence[Passage] | None,
    recalled: Sequence[Memory] | None,
    booking: Booking | None,
    learning: Learning | None,
    progress: Sequence[Progress] | None,
    pictures: tuple[Picture, ...],
    missing: tuple[str, ...],
) -> Prompt:
    """What the model is given."""
    gathered = Gathered(
        today=today,
        standing=standing,
        passages=passages or (),
        recalled=recalled or (),
        booking=booking,
        learning=learning,
        progress=progress,
        pictured=bool(pictures),
        missing=missing,
    )
    lines = quoted.lines(asked, audio_texts, image_links, file_texts)
    return compose(asked, lines, recent, gathered)
