"""The question is embedded without the names of people, and does not wait for names that it does not have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from repartee.assistants.office.question_vector import question_vector_plan
from repartee.domain.names import KnownName
from repartee.errors import Unavailable
from repartee.plan import Plan, Pool
from repartee.ports import ChatState, Vector
from tests.support.inbox_builders import make_message

INPUTS = ("incoming", "embedder", "name_directory")
STATE = ChatState(names={"U1": KnownName("Ben Löw", 0.0)})


class Names:
    """A directory that holds these names."""

    def __init__(self, *held: str) -> None:
        self._held = held

    def names_in(self, room: str) -> Mapping[str, str]:
        return {str(n): name for n, name in enumerate(self._held)}


class LengthEmbedder:
    """Gives a text its length as the vector, and fails for texts of `failing`."""

    def __init__(self, failing: str = "") -> None:
        self.asked: list[str] = []
        self._failing = failing

    def embed(self, texts: Sequence[str]) -> Sequence[Vector]:
        self.asked += texts
        if self._failing in texts:
            raise Unavailable("embeddings", "down")
        return [[float(len(text))] for text in texts]


def embed(question: str, embedder: LengthEmbedder, *held: str) -> Vector | None:
    """Returns the vector of a question, in a process that holds these names."""
    plan = Plan("question", inputs=("redacted_text", "chat_state", *INPUTS))
    plan.include(question_vector_plan)
    given = {
        "redacted_text": question,
        "incoming": (make_message(question),),
        "chat_state": STATE,
        "embedder": embedder,
        "name_directory": Names(*held),
    }
    with plan.build(targets=("embedding",)).start(given, pool=Pool(threads=4)) as run:
        list(run.until_ready())
        vector: Vector | None = run.values["embedding"]
    return vector


@pytest.mark.parametrize(
    "question, held, asked",
    [
        ("where is the van?", (), ["where is the van?"]),
        ("where did Ben park?", ("Ben Löw",), ["where did park?"]),
        ("where did Ben park?", (), ["where did Ben park?", "where did park?"]),
        ("  ", (), []),
    ],
)
def test_each_text_is_embedded_once(question: str, held: tuple[str, ...], asked: list[str]) -> None:
    """Only a name that the chat's state alone knows costs a second call, and its vector is then taken."""
    embedder = LengthEmbedder()

    vector = embed(question, embedder, *held)

    assert sorted(embedder.asked) == sorted(asked)
    assert vector == ([float(len(asked[-1]))] if asked else None)


def test_a_vector_with_a_name_is_better_than_none() -> None:
    """If the second call fails, the first one's vector is taken."""
    assert embed("where did Ben park?", LengthEmbedder("where did park?")) == [19.0]
