"""The documents of desks: each desk's apart, and ranked by meaning and words together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from repartee.ports import Passage
from repartee.settings import Settings
from repartee.stores.desk_knowledge import NamespacedKnowledge, rank_by_words
from repartee.stores.sqlite.knowledge import SqliteKnowledge
from repartee.wiring import Wiring, stores
from tests.support.message_builders import make_vector


def passage(text: str) -> Passage:
    return Passage(id=text, document="guide.md", text=text)


def test_words_lift_what_meaning_alone_ranks_lower() -> None:
    """A passage with the question's own word comes before one that is only a little nearer."""
    near, named = passage("Lamps are nice"), passage("The model KX-12 has a dimmer")

    assert rank_by_words("does the KX-12 dim?", [near, named]) == [named, near]
    assert rank_by_words("hello", [near, named]) == [near, named]


def test_desks_do_not_read_each_others_documents(tmp_path: Path) -> None:
    """A search in one namespace finds its passages alone, and nothing in an unknown one."""
    path = str(tmp_path / "store.db")
    knowledge = Wiring({Settings.sqlite_path.name: path}).get(stores.desk_knowledge)
    for namespace in ("lumen", "other"):
        library = SqliteKnowledge(f"{path}-knowledge-{namespace}")
        library.put([(passage(f"of {namespace}"), make_vector(1))])

    found = {name: knowledge.search(name, "of", make_vector(1), 5) for name in ("lumen", "other", "none")}

    assert {name: [one.text for one in some] for name, some in found.items()} == {
        "lumen": ["of lumen"],
        "other": ["of other"],
        "none": [],
    }


def test_more_is_looked_up_than_is_given() -> None:
    """What words lift may stand beyond what meaning alone would give."""
    passages = [passage(f"filler {number}") for number in range(9)]

    class Library:
        def search(self, vector: object, limit: int, topics: object = ()) -> list[Passage]:
            return [*passages, passage("the KX-12")][:limit]

    library: Any = Library()
    found = NamespacedKnowledge(lambda _: library).search("x", "KX-12", make_vector(1), 2)

    assert "the KX-12" in [one.text for one in found]
