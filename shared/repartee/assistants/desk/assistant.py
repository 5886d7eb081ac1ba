"""The desk, made of its ports."""

from __future__ import annotations

from repartee.assistants.desk.escalation_signs import EscalationDetector
from repartee.assistants.desk.inputs import DeskInputs
from repartee.assistants.desk.plan import build_graph
from repartee.assistants.ports import AssistantPorts
from repartee.turn.assistant import Assistant


def make_assistant(ports: AssistantPorts) -> Assistant:
    """Makes the assistant."""
    detector = EscalationDetector(ports.embedder, ports.vectors, ports.embedding_model)
    inputs = DeskInputs(
        attachments=ports.attachments,
        transcriber=ports.transcriber,
        documents=ports.documents,
        media=ports.media,
        pool=ports.pool,
        desk_records=ports.desk_records,
        desk_knowledge=ports.desk_knowledge,
        handovers=ports.handovers,
        embedder=ports.redacting_embedder,
        small_model=ports.small_model,
        detector=detector,
        clock=ports.clock,
        team_notice_book=ports.notice_book,
        is_of_team=ports.is_of_team,
    )
    return Assistant(
        "desk",
        build_graph(),
        inputs,
        on_exchange=ports.desk_records.append_history,
        warm_up=detector.prepare_classifier,
        counts_usage=True,
    )
