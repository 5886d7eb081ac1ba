"""The desk's own plan with its ports in this process, as slow as such reads were once measured."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import cache
from typing import Any

from benches.support.coach_plan import incoming_message
from benches.support.scripted_small_model import ScriptedSmallModel
from local.latency import InjectedLatencies, SlowPort, SlowSmallModel
from local.routes_command import PackagedEmbedder, make_packaged_detector
from repartee.assistants.desk.escalation_signs import EscalationDetector
from repartee.assistants.desk.inputs import is_nobody_of_team
from repartee.assistants.desk.plan import build_graph
from repartee.domain.desk import DeskConfig
from repartee.domain.handover import HandoverChange, HandoverRequest
from repartee.domain.message import StoredMessage
from repartee.domain.prompt_budget import DEFAULT_PROMPT_TOKENS
from repartee.plan import Pool
from repartee.ports import Passage, Vector
from repartee.ports.desk import DeskState

QUESTION = "How much is delivery to Austria?"
CONFIG = DeskConfig(number="web", name="Lumen", knowledge="lumen", team=("slack:T1:C9",))

READ_SECONDS = {
    "desk_records.read_desk_state": 0.200,
    "embedder.embed": 0.150,
    "desk_knowledge.search": 0.050,
}
"""History, configuration, hand-over and profile are one read, beside which the message is looked up."""

STEPS_BY_CALL = {
    "chat_state": "desk_records.read_desk_state",
    "embedding": "embedder.embed",
    "relevant_passages": "desk_knowledge.search",
}


class QuickDesk:
    """The ports of the desk, as far as a turn reads them. The configuration is one that the process holds."""

    def read_desk_state(self, room: str, chat: str, sender: str) -> DeskState:
        said = StoredMessage(
            id="0", side="user", chat=chat, room=room, sender=sender, text="Good morning", sent=1.0
        )
        return DeskState(config=CONFIG, history=(said,))

    def find_config(self, room: str, max_age_seconds: float = 0.0) -> DeskConfig:
        return CONFIG

    def search(self, namespace: str, text: str, vector: Vector, limit: int) -> Sequence[Passage]:
        return [Passage(id="1", document="delivery.md", text="Austria: 9.90 euros.")]

    def embed(self, texts: Sequence[str]) -> Sequence[Vector]:
        return [question_vector() for _ in texts]

    def open(self, request: HandoverRequest) -> HandoverChange:
        raise AssertionError("no person is needed for this question")


@cache
def question_vector() -> Vector:
    """Returns the question's vector: what the model takes for it is not what is measured."""
    return tuple(PackagedEmbedder().embed([QUESTION])[0])


@cache
def packaged_detector() -> EscalationDetector:
    """Returns the detector with the classifier that ships."""
    detector = make_packaged_detector()
    detector.load_classifier()
    return detector


def measure_critical_path() -> float:
    """Returns the seconds that gathering takes at the least."""
    steps = {step: READ_SECONDS[call] for step, call in STEPS_BY_CALL.items()}
    return GRAPH.critical_path(steps).seconds


def measure_gathering(pool: Pool) -> float:
    """Returns the seconds until the model can be called."""
    question_vector()
    inputs: dict[str, Any] = {
        "incoming": (incoming_message(QUESTION),),
        "unpersisted_exchanges": (),
        "find_said": lambda chat, ids: {},
        "prompt_tokens": DEFAULT_PROMPT_TOKENS,
        "show_typing": _ignore,
        "show_status": _ignore,
        "pool": pool,
        **ports_with(InjectedLatencies(READ_SECONDS)),
    }
    began = time.perf_counter()
    with GRAPH.start({name: inputs[name] for name in GRAPH.inputs}, pool=pool) as run:
        list(run.until_ready())
        return time.perf_counter() - began


def ports_with(latencies: InjectedLatencies) -> dict[str, Any]:
    """Returns the ports that the desk's plan asks for, each call of which takes its time."""
    quick = QuickDesk()
    return {
        "desk_records": SlowPort("desk_records", quick, latencies),
        "desk_knowledge": SlowPort("desk_knowledge", quick, latencies),
        "embedder": SlowPort("embedder", quick, latencies),
        "small_model": SlowSmallModel(ScriptedSmallModel(), latencies),
        "handovers": quick,
        "detector": packaged_detector(),
        "clock": time.time,
        "team_notice_book": None,
        "is_of_team": is_nobody_of_team,
        **dict.fromkeys(("attachments", "transcriber", "documents", "media")),
    }


def _ignore(said: object) -> None:
    """Nobody is shown anything."""


GRAPH = build_graph()
