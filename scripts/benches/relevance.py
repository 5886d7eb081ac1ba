"""Whether what was said about a question is found among a room's messages, in ten languages and long talks.

The invented chats with their questions are in tests/data: relevance.yaml, recall_languages.yaml (half of it
is only run) and recall_conversations.yaml (only run). The bars are held to what is only run. The store is the
embedded one, the embeddings are the local ones. Each rule of the ranking is also left out by itself. With
LOCOMO_FILE, LoCoMo's locomo10.json is measured too.
"""

from __future__ import annotations

import math
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from benches.support.bars import bar_rows, check_bar
from benches.support.labelled_sets import load_labelled_set
from benches.support.recall import (
    CachedModel,
    Conversation,
    load_conversations,
    load_languages,
    load_locomo,
    measure_recall,
    store_conversation,
)
from benches.support.tables import render_table as drawn
from repartee.domain.message import StoredMessage
from repartee.ports import MessageStore
from repartee.stores import relevance
from repartee.stores.sqlite import SqliteMessages
from standins.openai.local_embeddings import load_local_model

TOP_RESULTS = 5
"""Messages that are looked at of each answer."""

TALK_RESULTS = 10
"""Messages that are looked at in long talks of two people."""

MAX_MISSED_IN_TEN_LANGUAGES, MAX_MISSED_IN_TALKS, MAX_MISSED_WITHOUT_NAMES = 0.25, 0.30, 0.38
"""Shares of the answers that may be missing among those."""

RULES: Mapping[str, dict[str, Any]] = {
    "without the bonus for the named sender": {"NAMED_SENDER_BONUS": 0.0},
    "without neighbours": {"MAX_HITS_WITH_NEIGHBOURS": 0},
    "with a floor of 0.3 under the similarity": {"MIN_CANDIDATE_SIMILARITY": 0.3},
    "without words": {"WORD_WEIGHT": 0.0},
}
"""The rules of the ranking that are left out, by the numbers that then are others."""

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
    recalled = _measure_recalled()
    missed = {name: 1 - row["only run"] for name, row in recalled.items() if "only run" in row}
    return {
        "messages": sum(len(room["said"]) for room in rooms),
        "questions": sum(len(room["questions"]) for room in rooms),
        "ways": figures,
        "recall": recalled,
        "bars": [
            check_bar("relevance: newest / found, recall", newest["recall"] / best["recall"], 1.0),
            check_bar("relevance: newest / found, nDCG", newest["ndcg"] / best["ndcg"], 1.0),
            check_bar(
                "relevance: missed in ten languages", missed["ten languages"], MAX_MISSED_IN_TEN_LANGUAGES
            ),
            check_bar("relevance: missed in long talks", missed["long talks"], MAX_MISSED_IN_TALKS),
            check_bar(
                "relevance: missed in long talks, nobody named",
                missed["long talks, nobody named"],
                MAX_MISSED_WITHOUT_NAMES,
            ),
        ],
    }


def table(result: dict[str, Any]) -> str:
    """Returns the result for a terminal."""
    rows = [(name, each["recall"], each["ndcg"]) for name, each in result["ways"].items()]
    head = f"{result['questions']} questions about {result['messages']} messages"
    recalled = [
        (name, *(f"{row[half]:.3f}" if half in row else "" for half in ("looked at", "only run")))
        for name, row in result["recall"].items()
    ]
    return "\n\n".join(
        (
            drawn(("recall", "looked at", "only run"), recalled),
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


def _measure_recalled() -> dict[str, dict[str, float]]:
    """Returns the recall of each set, in both halves, and of the long talks with each rule left out."""
    model, talks = CachedModel(load_local_model()), load_conversations()
    rows: dict[str, dict[str, float]] = {}
    languages = load_languages()
    with _stored(languages, model) as store:
        rows["ten languages"] = {
            half: measure_recall(store, languages, model, TOP_RESULTS, held_out=held_out)
            for half, held_out in (("looked at", False), ("only run", True))
        }
    rows |= dict(_measure_talks("long talks", talks, model, {"only run": True}))
    if file := os.environ.get("LOCOMO_FILE"):
        halves = {"looked at": False, "only run": True}
        rows |= dict(_measure_talks("LoCoMo", load_locomo(Path(file)), model, halves))
    return rows


def _measure_talks(
    name: str, talks: Sequence[Conversation], model: CachedModel, halves: Mapping[str, bool]
) -> Iterator[tuple[str, dict[str, float]]]:
    """Yields the rows of long talks: as they are, with nobody named, and with the rules left out."""

    def measured(store: MessageStore, by: CachedModel | None = model, **options: bool) -> dict[str, float]:
        return {
            half: round(measure_recall(store, talks, by, TALK_RESULTS, held_out=held_out, **options), 3)
            for half, held_out in halves.items()
        }

    with _stored(talks, model) as store:
        yield name, measured(store)
        for rule, numbers in RULES.items():
            with patch.multiple(relevance, **numbers):
                yield f"{name}, {rule}", measured(store)
        yield f"{name}, nobody named", measured(store, nameless=True)
        yield f"{name}, words alone", measured(store, None)
    with _stored(talks, model, named_vectors=True) as store:
        yield f"{name}, names left in what is embedded", measured(store, named_vectors=True)


@contextmanager
def _stored(
    talks: Sequence[Conversation], model: CachedModel, *, named_vectors: bool = False
) -> Iterator[SqliteMessages]:
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteMessages(str(Path(folder) / "messages.db"))
        for talk in talks:
            store_conversation(store, talk, model, named_vectors=named_vectors)
        yield store
        store.close()


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
