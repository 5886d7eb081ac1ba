"""Conversations with questions about them, and how many of the answers a store of messages finds.

Names are dealt with as in a turn: what is embedded is without them, and each message has its sender's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from benches.support.labelled_sets import is_held_out, load_labelled_set
from repartee.domain.message import StoredMessage
from repartee.language.person_names import remove_names
from repartee.ports import MessageStore, Vector
from standins.openai.local_embeddings import LocalEmbeddingModel

WORKSPACE = "slack:T1"
ROOMS_STARTED_AT = 1_789_000_000.0
MINUTE_SECONDS = 60.0


class AskedQuestion(msgspec.Struct, frozen=True):
    """A question, the ids of the messages that answer it, and whether it is in the half that is only run."""

    text: str
    relevant: frozenset[str]
    held_out: bool = True


class Conversation(msgspec.Struct, frozen=True):
    """The messages of one room, oldest first, and the questions about them."""

    room: str
    messages: tuple[StoredMessage, ...]
    questions: tuple[AskedQuestion, ...]

    @property
    def names(self) -> list[str]:
        return sorted({one.sender_name for one in self.messages})


class CachedModel:
    """A local embedding model that embeds each text once."""

    def __init__(self, model: LocalEmbeddingModel) -> None:
        self._model, self._vectors = model, dict[str, Vector]()

    def embed(self, text: str) -> Vector:
        if text not in self._vectors:
            self._vectors[text] = self._model.embed(text).tolist()
        return self._vectors[text]


def load_languages() -> list[Conversation]:
    """Returns the rooms in ten languages."""
    return [
        _make_conversation(
            room["room"],
            [
                (str(n), by, text, ROOMS_STARTED_AT + n * MINUTE_SECONDS)
                for n, (by, text) in enumerate(room["said"], 1)
            ],
            [(one["ask"], map(str, one["relevant"]), is_held_out(one["ask"])) for one in room["questions"]],
        )
        for room in load_labelled_set("recall_languages")
    ]


def load_conversations() -> list[Conversation]:
    """Returns the long conversations of two people, which are only run."""
    return [
        _make_conversation(
            f"pair{number}",
            list(_read_sessions(told["people"], told["sessions"])),
            [(one["ask"], one["relevant"], True) for one in told["questions"]],
        )
        for number, told in enumerate(load_labelled_set("recall_conversations"))
    ]


def load_locomo(file: Path) -> list[Conversation]:
    """Returns the conversations of LoCoMo's `locomo10.json`: the first half may be looked at, the second is
    only run. Its licence keeps it out of this repository."""
    told = json.loads(file.read_text())
    return [_read_locomo(one, number, held_out=number >= len(told) / 2) for number, one in enumerate(told)]


def store_conversation(
    store: MessageStore, conversation: Conversation, model: CachedModel, *, named_vectors: bool = False
) -> None:
    """Stores what was said. With `named_vectors` the names stay in what is embedded."""
    names = [] if named_vectors else conversation.names
    store.put([(one, model.embed(remove_names(one.text, names))) for one in conversation.messages])


def measure_recall(
    store: MessageStore,
    conversations: Sequence[Conversation],
    model: CachedModel | None,
    limit: int,
    *,
    held_out: bool = True,
    nameless: bool = False,
    named_vectors: bool = False,
) -> float:
    """Returns the mean share of a question's answers among the first `limit` that the store finds. `nameless`
    takes the names out of the questions themselves; without a model words alone decide."""
    found = []
    for conversation in conversations:
        for question in conversation.questions:
            if question.held_out != held_out or not question.relevant:
                continue
            asked = remove_names(question.text, conversation.names) if nameless else question.text
            vector = model and model.embed(
                asked if named_vectors else remove_names(asked, conversation.names)
            )
            ids = {one.id for one in store.search(conversation.room, "user", asked, vector or None, limit)}
            found.append(len(ids & question.relevant) / len(question.relevant))
    return sum(found) / len(found)


def _make_conversation(
    name: str, said: Sequence[tuple[str, str, str, float]], asked: Sequence[tuple[str, Any, bool]]
) -> Conversation:
    room = f"{WORKSPACE}:{name}"
    messages = tuple(
        StoredMessage(
            id=f"{room}#{id}", side="user", chat=room, room=room, sender=f"{WORKSPACE}:{by}", sender_name=by,
            text=text, sent=sent,
        )
        for id, by, text, sent in said
    )  # fmt: skip
    questions = tuple(
        AskedQuestion(text, frozenset(f"{room}#{id}" for id in relevant), held_out)
        for text, relevant, held_out in asked
    )
    return Conversation(room, messages, questions)


def _read_sessions(
    people: Mapping[str, str], sessions: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[str, str, str, float]]:
    for number, session in enumerate(sessions, 1):
        start = session["at"]
        began = (start if isinstance(start, datetime) else datetime.fromisoformat(start)).replace(tzinfo=UTC)
        for line, said in enumerate(session["said"], 1):
            by, _, text = said.partition(": ")
            yield f"{number}:{line}", people[by], text, began.timestamp() + line * MINUTE_SECONDS


def _read_locomo(told: Mapping[str, Any], number: int, *, held_out: bool) -> Conversation:
    talk, said = told["conversation"], []
    for session in range(1, len(talk)):
        started = talk.get(f"session_{session}_date_time")
        began = datetime.strptime(started, "%I:%M %p on %d %B, %Y").replace(tzinfo=UTC) if started else None
        for line, turn in enumerate(talk.get(f"session_{session}") or [], 1):
            sent = (began.timestamp() if began else ROOMS_STARTED_AT) + line * MINUTE_SECONDS
            said.append((turn["dia_id"], turn["speaker"], turn["text"], sent))
    known = {id for id, *_ in said}
    asked = [
        (one["question"], known & set(re.findall(r"D\d+:\d+", " ".join(one["evidence"]))), held_out)
        for one in told["qa"]
        if one["category"] != ADVERSARIAL_CATEGORY
    ]
    return _make_conversation(f"locomo{number}", said, asked)


ADVERSARIAL_CATEGORY = 5
"""LoCoMo's questions that have no answer."""
