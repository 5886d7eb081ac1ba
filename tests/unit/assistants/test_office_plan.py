"""The office assistant's plan: its numbers are the design's, and a route asks for what it alone needs."""

from __future__ import annotations

import pytest

from benches.support.workloads import OFFICE
from repartee.assistants.office.plan import build_graph
from repartee.plan import Graph

STEPS = {
    "mask": "redacted_text",
    "embedding": "early_embedding",
    "route": "route",
    "user_history": "user_history",
    "assistant_history": "assistant_history",
    "user_relevance": "relevant_user_messages",
    "assistant_relevance": "relevant_assistant_messages",
    "mute": "chat_state",
    "erp_models": "erp_schema",
}
"""What the steps of the design's workload are called in the plan."""


@pytest.fixture(scope="module")
def graph() -> Graph:
    return build_graph()


def test_the_plan_is_as_quick_as_the_designs(graph: Graph) -> None:
    """With the design's latencies one after the other takes 2,650 ms, and the plan its path of 650 ms."""
    durations = {STEPS[step.name]: step.seconds for step in OFFICE.steps}

    assert sum(durations.values()) == pytest.approx(2.650)
    assert graph.critical_path(durations).seconds == pytest.approx(0.650)


@pytest.mark.parametrize(
    "slow, seconds",
    [
        ({"route_classifier": 0.25, "redacted_text": 0.1, "early_embedding": 0.15}, 0.25),
        (
            {"audio_transcripts": 2.0, "user_history": 0.6, "redacted_text": 0.1, "early_embedding": 0.15},
            2.25,
        ),
        ({"image_links": 0.5, "file_texts": 0.5, "user_history": 0.6}, 0.6),
        ({"parsed_command": 0.5, "early_embedding": 0.15, "redacted_text": 0.1, "user_history": 0.6}, 0.75),
        ({"chat_state": 0.15, "early_embedding": 0.15, "relevant_user_messages": 0.4}, 0.55),
        (
            {"meeting_transcript": 0.3, "early_embedding": 0.15, "redacted_text": 0.1, "user_history": 0.6},
            0.6,
        ),
    ],
)
def test_only_what_needs_it_waits(graph: Graph, slow: dict[str, float], seconds: float) -> None:
    """Everything goes on beside a recording but what needs its words; nothing waits for the route but what
    one route alone has."""
    assert graph.critical_path(slow).seconds == pytest.approx(seconds)
