"""Which kind of message it is: by examples, which are data."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from repartee.assistants.office.routes import DEFAULT_ROUTE_NAME, ROUTES_FILE, Router, load_routes
from repartee.errors import Unavailable
from repartee.ports import Vector
from tests.support.memory_stores import MemoryVectors

WORDS = ("invoice", "hello", "quiet", "weather")


class WordVectors:
    """An embedder to which a text is the words that it holds. `asked` are the texts of every call."""

    def __init__(self) -> None:
        self.asked: list[Sequence[str]] = []

    def embed(self, texts: Sequence[str]) -> Sequence[Vector]:
        self.asked.append(texts)
        return [[float(text.lower().count(word)) for word in WORDS] for text in texts]


class NoVectors(MemoryVectors):
    """A store that is down."""

    def read(self, names: Sequence[str]) -> dict[str, Sequence[Vector]]:
        raise Unavailable("records", "down")

    def write(self, name: str, vectors: Sequence[Vector]) -> None:
        raise Unavailable("records", "down")


ROUTES = """
[general]
history = 30
summary = true
relevant = 8
words = ""
examples = {}

[chitchat]
history = 4
summary = false
relevant = 0
words = "Be warm."
examples = {en = ["hello", "hello hello"]}

[erp]
history = 8
summary = false
relevant = 3
words = "Look it up."
sources = ["erp"]
hints = ["bill", "odoo"]
examples = {en = ["the invoice"], de = ["invoice, bitte"]}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "routes.toml"
    file.write_text(ROUTES)
    return file


def routed(text: str, file: Path) -> str:
    embedder = WordVectors()
    router = Router(load_routes(file), embedder, MemoryVectors(), "words")
    return router.choose_route(text, embedder.embed([text])[0], router.load_vectors()).route.name


@pytest.mark.parametrize(
    "text, route",
    [
        ("Which invoice?", "erp"),
        ("oh, hello", "chitchat"),
        ("the weather", DEFAULT_ROUTE_NAME),
        ("", DEFAULT_ROUTE_NAME),
    ],
)
def test_a_message_goes_where_its_examples_are(text: str, route: str, file: Path) -> None:
    """It takes the route of the nearest examples, and the general one when it is near to none."""
    assert routed(text, file) == route


@pytest.mark.parametrize("text", ["hello, the Billing invoice", "Odoo: hello, invoice"])
def test_a_word_may_hint_at_a_route(text: str, file: Path) -> None:
    """Of two routes that are as near it brings one nearer, by how a word begins."""
    assert routed(text.replace("illing", "xxx").replace("Odoo", ""), file) == "chitchat"
    assert routed(text, file) == "erp"


@pytest.mark.parametrize(
    "text, route",
    [("Is it in Odoo?", "erp"), ("hello", DEFAULT_ROUTE_NAME), ("Rebill it", DEFAULT_ROUTE_NAME)],
)
def test_without_vectors_hints_decide(text: str, route: str, file: Path) -> None:
    """Where nothing can be embedded, and words hint at one route alone."""
    router = Router(load_routes(file), WordVectors(), MemoryVectors(), "words")

    assert router.guess_route(text).route.name == route


def test_adding_a_route_is_adding_data(file: Path) -> None:
    """A new table in the file is a new route, with its examples, words and sources."""
    more = '[silence]\nhistory = 1\nsummary = false\nrelevant = 0\nwords = "?"\nsources = ["orders"]\n'
    file.write_text(ROUTES + more + 'examples = {en = ["quiet please"]}\n')

    assert routed("be quiet", file) == "silence"
    assert load_routes(file)["silence"].uses_source("orders")


@pytest.mark.parametrize(
    "change, complaint",
    [
        (("[general]", "[generic]"), "no route general"),
        (('["erp"]', '["moon"]'), "erp wants moon"),
        (('words = "Be warm."', 'word = "Be warm."'), "word"),
    ],
)
def test_a_file_that_is_wrong_says_where(change: tuple[str, str], complaint: str, file: Path) -> None:
    """What nothing gathers, what is misspelt and what is missing is found when the plan is built."""
    file.write_text(ROUTES.replace(*change))

    with pytest.raises(ValueError, match=complaint):
        load_routes(file)


def test_examples_are_embedded_once(file: Path) -> None:
    """In one call by the first process, and then by nobody until an example or the model is another."""
    first, second, kept = WordVectors(), WordVectors(), MemoryVectors()
    one, other = (
        Router(load_routes(file), first, kept, "words"),
        Router(load_routes(file), second, kept, "words"),
    )
    one.load_vectors()
    one.load_vectors()
    other.load_vectors()

    assert first.asked == [["hello", "hello hello", "the invoice", "invoice, bitte"]]
    assert second.asked == []

    file.write_text(ROUTES.replace("the invoice", "an invoice"))
    Router(load_routes(file), second, kept, "words").load_vectors()
    assert second.asked == [["an invoice"]]
    Router(load_routes(file), second, kept, "other words").load_vectors()
    assert len(second.asked[1]) == 4


def test_without_a_store_examples_are_embedded_all_the_same(file: Path) -> None:
    """What cannot be kept is made by each process."""
    embedder = WordVectors()
    router = Router(load_routes(file), embedder, NoVectors(), "words")

    assert router.load_vectors() is router.load_vectors()
    assert len(embedder.asked) == 1


def test_every_route_has_examples_in_four_languages() -> None:
    """The office's own routes, each of them."""
    routes = load_routes(ROUTES_FILE)

    assert all(set(route.examples) == {"en", "de", "es", "fr"} for route in routes.values())
    assert set(routes) == {"general", "chitchat", "chat", "erp", "files", "meeting", "command"}
