"""The office assistant with stores in memory, for tests that are about something else."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from repartee.assistants.office.inputs import OfficeInputs
from repartee.assistants.office.plan import build_graph
from repartee.assistants.office.routes import Router, load_routes
from repartee.channels.names import ChannelNames
from repartee.channels.threads import ChannelThreads
from repartee.domain.redactor import no_redaction
from repartee.plan import Graph
from repartee.ports import Vector
from repartee.turn.assistant import Assistant
from tests.support.memory_stores import MemoryMeetings, MemoryVectors

UNUSED_PORTS = (
    "small_model",
    "attachments",
    "transcriber",
    "documents",
    "media",
    "earlier_image_store",
    "pool",
)


class UniformEmbedder:
    """`ports.Embedder` to which all texts are alike."""

    def embed(self, texts: Sequence[str]) -> Sequence[Vector]:
        return [[1.0] for _ in texts]


def make_office_assistant(ports: dict[str, Any]) -> Assistant:
    """The assistant with these ports, and what it needs besides."""
    besides = {
        "meetings": MemoryMeetings(),
        "router": make_general_router(),
        "redactor_for": no_redaction,
        "erp_toolset": None,
        "thread_reader": ChannelThreads({}),
        "name_directory": ChannelNames({}, ports["records"], lambda: 0.0, lambda work: work(), pool=None),
        "store_messages": lambda messages: None,
    }
    given = {**dict.fromkeys(UNUSED_PORTS), **besides, **ports}
    return Assistant("office", _build_graph(), OfficeInputs(**given))


@cache
def make_general_router() -> Router:
    """A router by which every message is of the general kind: the first of those that are equally near."""
    return Router(load_routes(), UniformEmbedder(), MemoryVectors(), "alike")


@cache
def _build_graph() -> Graph:
    return build_graph()
