"""A local file that another embedding model filled is searched with vectors of one model alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from local.vector_rebuild import VectorRebuild
from repartee.domain.message import StoredMessage
from repartee.domain.redactor import no_redaction
from repartee.ports import Memory, Passage, Vector
from repartee.stores.sqlite import SqliteMessages
from repartee.stores.sqlite.knowledge import SqliteKnowledge
from repartee.stores.sqlite.memories import SqliteMemories

ROOM, PERSON = "slack:T1:C1", "slack:T1:U1"
BEFORE, NOW = [1.0, *[0.0] * 383], [0.0, 1.0, *[0.0] * 382]
"""The vectors that the model before gives to everything, and those of today's."""


class OneVectorEmbedder:
    """An embedder that gives every text one vector. `asked` are the texts."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def embed(self, texts: Sequence[str]) -> Sequence[Vector]:
        self.asked += texts
        return [NOW for _ in texts]


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A file of messages, memories and a library, filled by a version that did not keep the model's name."""
    path = str(tmp_path / "messages.db")
    said = StoredMessage(
        id="m1", side="user", chat=ROOM, room=ROOM, sender=PERSON, sender_name="Ada", text="Ada waters it",
        sent=1.0,
    )  # fmt: skip
    messages, memories = SqliteMessages(path), SqliteMemories(f"{path}-memories")
    messages.put([(said, BEFORE)])
    memories.put(PERSON, [(Memory(id="k", text="left knee", told_at=1.0), BEFORE)])
    knowledge = SqliteKnowledge(f"{path}-knowledge")
    knowledge.put([(Passage(id="p", document="d", text="rest", heading="Sleep", topic="recovery"), BEFORE)])
    for store in (messages, memories, knowledge):
        store.close()
    return path


def rebuild(path: str, model: str = "today") -> list[str]:
    """Runs the rebuild. Returns the texts that were embedded."""
    embedder = OneVectorEmbedder()
    VectorRebuild(path, model, embedder, no_redaction).run()
    return embedder.asked


def test_all_that_another_model_embedded_is_embedded_anew(path: str) -> None:
    """Messages without names, memories and passages with headings are found by today's vectors alone."""
    assert rebuild(path) == ["waters it", "left knee", "recovery: Sleep\n\nrest"]

    memories, knowledge = SqliteMemories(f"{path}-memories"), SqliteKnowledge(f"{path}-knowledge")
    for vector, found in ((NOW, 1), (BEFORE, 0)):
        assert len(SqliteMessages(path).search(ROOM, "user", "?", vector, 5)) == found
        assert len(memories.search(PERSON, vector, 5)) == found
        assert len(knowledge.search(vector, 5)) == found


def test_the_same_model_embeds_nothing_again(path: str) -> None:
    """It costs a start nothing unless the model changes."""
    rebuild(path)

    assert rebuild(path) == []
    assert len(rebuild(path, "tomorrow")) == 3


def test_a_new_file_is_the_models(tmp_path: Path) -> None:
    """A file that was begun with the model in use keeps its name from the beginning."""
    path = str(tmp_path / "messages.db")

    assert rebuild(path, "today") == []

    said = StoredMessage(id="m1", side="user", chat=ROOM, room=ROOM, sender=PERSON, text="tea", sent=1.0)
    SqliteMessages(path).put([(said, NOW)])
    assert rebuild(path, "today") == []
    assert rebuild(path, "tomorrow") == ["tea"]
