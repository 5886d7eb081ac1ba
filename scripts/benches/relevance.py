"""Whether what was said about a question is found among a room's messages, against the newest ones alone.

The invented chats with their questions are in tests/data/relevance.yaml. The store is the embedded one, the
embeddings are the local ones; a store ranks by words and vectors together.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benches.bars import bar, bar_rows
from benches.labelled import labelled
from benches.tables import table as drawn
from local import minilm
from repartee.conversation.message import Said
from repartee.ports import Messages
from repartee.stores.sqlite import SqliteMessages

SHOWN = 5
"""Messages that are looked at of each answer."""

WORKSPACE = "slack:T1"
BEGAN = 1_789_000_000.0
HOUR = 3600.0

Find = Callable[[str, str], Sequence[int]]
"""The numbers of the messages that are found in a room for a question, best first."""


def measure() -> dict[str, Any]:
    """All figures; some ten seconds."""
    rooms = labelled("relevance")
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteMessages(str(Path(folder) / "messages.db"))
        for room in rooms:
            _keep(store, room)
        ways: dict[str, Find] = {
            "words and vectors": lambda room, asked: _found(store, room, asked, with_vector=True),
            "words alone": lambda room, asked: _found(store, room, asked, with_vector=False),
            "newest": lambda room, asked: _numbers(store.newest(_room(room), "user", SHOWN))[::-1],
        }
        figures = {name: _judged(rooms, find) for name, find in ways.items()}
        store.close()
    best, newest = figures["words and vectors"], figures["newest"]
    return {
        "messages": sum(len(room["said"]) for room in rooms),
        "questions": sum(len(room["questions"]) for room in rooms),
        "ways": figures,
        "bars": [
            bar("relevance: newest / found, recall", newest["recall"] / best["recall"], 1.0),
            bar("relevance: newest / found, nDCG", newest["ndcg"] / best["ndcg"], 1.0),
        ],
    }


def table(result: dict[str, Any]) -> str:
    """The result for a terminal."""
    rows = [(name, each["recall"], each["ndcg"]) for name, each in result["ways"].items()]
    head = f"{result['questions']} questions about {result['messages']} messages"
    return "\n\n".join(
        (
            drawn((head, f"recall@{SHOWN}", f"nDCG@{SHOWN}"), rows),
            drawn(("bar", "measured", "allowed", ""), bar_rows(result)),
        )
    )


def ndcg(found: Sequence[int], relevant: Sequence[int]) -> float:
    """How good the order is: 1 if all that is relevant comes first, 0 if none of it is there."""
    gained = sum(1 / math.log2(place + 2) for place, one in enumerate(found[:SHOWN]) if one in relevant)
    most = sum(1 / math.log2(place + 2) for place in range(min(SHOWN, len(relevant))))
    return gained / most


def recall(found: Sequence[int], relevant: Sequence[int]) -> float:
    """The share of what is relevant that is found."""
    return len(set(found[:SHOWN]) & set(relevant)) / len(relevant)


def _judged(rooms: Sequence[Mapping[str, Any]], find: Find) -> dict[str, float]:
    asked = [(room["room"], one) for room in rooms for one in room["questions"]]
    found = [(find(room, one["ask"]), one["relevant"]) for room, one in asked]
    return {
        "recall": round(sum(recall(*one) for one in found) / len(found), 3),
        "ndcg": round(sum(ndcg(*one) for one in found) / len(found), 3),
    }


def _keep(store: Messages, room: Mapping[str, Any]) -> None:
    place = _room(room["room"])
    said = [
        Said(id=f"{place}#{number}", side="user", chat=place, room=place, sender=f"{WORKSPACE}:{by}",
             text=text, sent=BEGAN + number * HOUR)
        for number, (by, text) in enumerate(room["said"], 1)
    ]  # fmt: skip
    store.put([(one, minilm.installed().embed(one.text).tolist()) for one in said])


def _found(store: Messages, room: str, asked: str, *, with_vector: bool) -> Sequence[int]:
    vector = minilm.installed().embed(asked).tolist() if with_vector else None
    return _numbers(store.relevant(_room(room), "user", asked, vector, SHOWN))


def _numbers(said: Sequence[Said]) -> list[int]:
    return [int(one.id.rpartition("#")[2]) for one in said]


def _room(name: str) -> str:
    return f"{WORKSPACE}:{name}"
