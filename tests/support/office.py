"""The office assistant with stores in memory, for tests that are about something else."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from repartee.assistants.office.plan import build
from repartee.assistants.office.routes import Router, load
from repartee.conversation.means import Assistant
from repartee.conversation.veil import clear
from repartee.plan import Graph
from repartee.ports import Vector
from tests.support.memory import MemoryMeetings, MemoryVectors

NOBODY_ASKS = ("small", "attachments", "transcriber", "documents", "media", "pictures", "pool")


class Alike:
    """`ports.Embedder` to which all texts are alike."""

    def embed(self, texts: Sequence[str]) -> Sequence[Vector]:
        return [[1.0] for _ in texts]


def office(ports: dict[str, Any]) -> Assistant:
    """The assistant with these ports, and what it needs besides."""
    besides = {"meetings": MemoryMeetings(), "router": router(), "veils": clear, "clerk": None}
    return Assistant("office", _graph(), {**dict.fromkeys(NOBODY_ASKS), **besides, **ports})


@cache
def router() -> Router:
    """A router by which every message is of the general kind: the first of those that are equally near."""
    return Router(load(), Alike(), MemoryVectors(), "alike")


@cache
def _graph() -> Graph:
    return build()
