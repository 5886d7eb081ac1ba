"""The coach, made of its ports."""

from __future__ import annotations

from repartee.assistants.coach.inputs import CoachInputs
from repartee.assistants.coach.learnt_erasure import LearntEraser
from repartee.assistants.coach.plan import build_graph
from repartee.assistants.ports import AssistantPorts
from repartee.turn.assistant import Assistant


def make_assistant(ports: AssistantPorts) -> Assistant:
    """Makes the assistant."""
    inputs = CoachInputs(
        attachments=ports.attachments,
        transcriber=ports.transcriber,
        documents=ports.documents,
        media=ports.media,
        pool=ports.pool,
        coaching=ports.coaching,
        small_model=ports.small_model,
        embedder=ports.redacting_embedder,
        knowledge=ports.knowledge,
        memories=ports.memories,
        workouts=ports.workouts,
        notice_book=ports.notice_book,
    )
    return Assistant(
        "coach",
        build_graph(),
        inputs,
        on_exchange=ports.coaching.append_history,
        erase_learnt=lambda exchange: LearntEraser(ports.workouts, ports.memories).erase(exchange),
    )
