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

from benches.support.bars import bar_rows, check_bar
from benches.support.labelled_sets import load_labelled_set
from benches.support.tables import render_table as drawn
from repartee.domain.message import StoredMessage
from repartee.ports import MessageStore
from repartee.stores.sqlite import SqliteMessages
from standins.openai.local_embeddings import load_local_model

TOP_RESULTS = 5
"""Messages that are looked at of each answer."""

WORKSPACE = "slack:T1"
STARTED_AT = 1_789_000_000.0
HOUR_SECONDS = 3600.0

FindMessages = Callable[[str, str], Sequence[int]]
"""The numbers of the messages that are found in a room for a question, best first."""


def measure() -> dict[str, Any]:
    """Returns all figures; some ten seconds."""
    rooms = load_labelled_set("relevance")
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteMessages(str(Path(folder) / "messages.db"))
        for room in rooms:
            _store_room(store, room)
        ways: dict[str, FindMessages] = {
            "words and vectors": lambda room, asked: _find_messages(store, room, asked, with_vector=True),
            "words alone": lambda room, asked: _find_messages(store, room, asked, with_vector=False),
            "newest": lambda room, asked: _message_numbers(
                store.list_newest(_room_id(room), "user", TOP_RESULTS)
            )[::-1],
        }
        figures = {name: _judge_rooms(rooms, find) for name, find in ways.items()}
        store.close()
    best, newest = figures["words and vectors"], figures["newest"]
    return {
        "messages": sum(len(room["said"]) for room in rooms),
        "questions": sum(len(room["questions"]) for room in rooms),
        "ways": figures,
        "bars": [
            check_bar("relevance: newest / found, recall", newest["recall"] / best["recall"], 1.0),
            check_bar("relevance: newest / found, nDCG", newest["ndcg"] / best["ndcg"], 1.0),
        ],
    }


def table(result: dict[str, Any]) -> str:
    """Returns the result for a terminal."""
    rows = [(name, each["recall"], each["ndcg"]) for name, each in result["ways"].items()]
    head = f"{result['questions']} questions about {result['messages']} messages"
    return "\n\n".join(
        (
            drawn((head, f"recall@{TOP_RESULTS}", f"nDCG@{TOP_RESULTS}"), rows),
            drawn(("bar", "measured", "allowed", ""), bar_rows(result)),
        )
    )


def ndcg(found: Sequence[int], relevant: Sequence[int]) -> float:
    """Returns how good the order is: 1 if all that is relevant comes first, 0 if none of it is there."""
    gained = sum(1 / math.log2(place + 2) for place, one in enumerate(found[:TOP_RESULTS]) if one in relevant)
    most = sum(1 / math.log2(place + 2) for place in range(min(TOP_RESULTS, len(relevant))))
    return gained / most


def recall(found: Sequence[int], relevant: Sequence[int]) -> float:
    """Returns the share of what is relevant that is found."""
    return len(set(found[:TOP_RESULTS]) & set(relevant)) / len(relevant)


def _judge_rooms(rooms: Sequence[Mapping[str, Any]], find: FindMessages) -> dict[str, float]:
    questions = [(room["room"], one) for room in rooms for one in room["questions"]]
    found = [(find(room, one["ask"]), one["relevant"]) for room, one in questions]
    return {
        "recall": round(sum(recall(*one) for one in found) / len(found), 3),
        "ndcg": round(sum(ndcg(*one) for one in found) / len(found), 3),
    }


def _store_room(store: MessageStore, room: Mapping[str, Any]) -> None:
    place = _room_id(room["room"])
    messages = [
        StoredMessage(id=f"{place}#{number}", side="user", chat=place, room=place, sender=f"{WORKSPACE}:{by}",
             text=text, sent=STARTED_AT + number * HOUR_SECONDS)
        for number, (by, text) in enumerate(room["said"], 1)
    ]  # fmt: skip
    store.put([(one, load_local_model().embed(one.text).tolist()) for one in messages])


def _find_messages(store: MessageStore, room: str, asked: str, *, with_vector: bool) -> Sequence[int]:
    vector = load_local_model().embed(asked).tolist() if with_vector else None
    return _message_numbers(store.search(_room_id(room), "user", asked, vector, TOP_RESULTS))


def _message_numbers(said: Sequence[StoredMessage]) -> list[int]:
    return [int(one.id.rpartition("#")[2]) for one in said]


def _room_id(name: str) -> str:
    return f"{WORKSPACE}:{name}"
