"""Which kind of message it is: by examples, which are data."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from repartee.assistants.office.route_features import compile_hints
from repartee.assistants.office.routes import (
    DEFAULT_ROUTE_NAME,
    ERP_SOURCE,
    ROUTES_FILE,
    RouteChoice,
    Router,
    load_routes,
)
from repartee.errors import Unavailable
from repartee.ports import Vector
from tests.support.memory_stores import MemoryVectors

TEN_LANGUAGES = {"en", "de", "es", "fr", "pt", "it", "tr", "hi", "ja", "zh"}

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


def choose(text: str, file: Path) -> RouteChoice:
    embedder = WordVectors()
    router = Router(load_routes(file), embedder, MemoryVectors(), "words")
    router.prepare_classifier()
    return router.choose_or_guess(text, embedder.embed([text])[0], router.load_classifier())


def routed(text: str, file: Path) -> str:
    return choose(text, file).route.name


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


def test_a_word_may_hint_at_a_route(file: Path) -> None:
    """It makes that route likelier, by how a word begins, and weighs less than what the message means."""
    file.write_text(ROUTES.replace('["the invoice"]', '["the invoice", "a bill", "bills, please"]'))
    router = Router(load_routes(file), WordVectors(), MemoryVectors(), "words")
    classifier = router.prepare_classifier()
    assert classifier is not None
    vector, hints = WordVectors().embed(["hello, the invoice"])[0], {"erp": compile_hints(["bill"])}

    text = "hello, the billing invoice"
    plain, hinted = classifier.rate_routes(text, vector, {}), classifier.rate_routes(text, vector, hints)

    assert plain["erp"] < hinted["erp"]
    assert routed("hello hello, bill", file) == "chitchat"


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
    file.write_text(ROUTES + more + 'examples = {en = ["quiet please", "so quiet", "keep quiet", "quiet"]}\n')

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
    """In one call by the first process, and then by no other until an example or the model is another."""
    first, second, kept = WordVectors(), WordVectors(), MemoryVectors()
    one, other = (
        Router(load_routes(file), first, kept, "words"),
        Router(load_routes(file), second, kept, "words"),
    )
    one.prepare_classifier()
    one.prepare_classifier()
    other.prepare_classifier()

    assert first.asked == [["hello", "hello hello", "the invoice", "invoice, bitte"]]
    assert second.asked == []

    file.write_text(ROUTES.replace("the invoice", "an invoice"))
    Router(load_routes(file), second, kept, "words").prepare_classifier()
    assert second.asked == [["an invoice"]]
    Router(load_routes(file), second, kept, "other words").prepare_classifier()
    assert len(second.asked[1]) == 4


def test_without_a_store_the_classifier_is_made_all_the_same(file: Path) -> None:
    """What cannot be kept is made by each process, once."""
    embedder = WordVectors()
    router = Router(load_routes(file), embedder, NoVectors(), "words")

    assert router.prepare_classifier() is router.prepare_classifier() is router.load_classifier()
    assert len(embedder.asked) == 1


def test_a_kept_classifier_chooses_as_the_one_that_was_trained(file: Path) -> None:
    """What another process kept gives the same probabilities."""
    kept, text = MemoryVectors(), "Which invoice, please?"
    trained = Router(load_routes(file), WordVectors(), kept, "words")
    read = Router(load_routes(file), WordVectors(), kept, "words")
    vector = WordVectors().embed([text])[0]

    own, other = trained.prepare_classifier(), read.load_classifier()

    assert own is not None
    assert other is not None
    assert read.choose_route(text, vector, other).probability == pytest.approx(
        trained.choose_route(text, vector, own).probability, abs=1e-5
    )


def test_a_turn_trains_nothing(file: Path) -> None:
    """Where no classifier is kept yet a turn embeds no example, and is told that there is none."""
    embedder = WordVectors()

    assert Router(load_routes(file), embedder, MemoryVectors(), "words").load_classifier() is None
    assert embedder.asked == []


@pytest.mark.parametrize("text", ["hello", "the bill", "Which invoice?"])
def test_without_a_classifier_nothing_is_guessed_and_nothing_is_missing(text: str, file: Path) -> None:
    """Such a message is of the general kind, and the ERP is gathered for it."""
    router = Router(load_routes(file), WordVectors(), MemoryVectors(), "words")

    choice = router.choose_or_guess(text, [1.0, 0.0, 0.0, 0.0], None)

    assert choice.route.name == DEFAULT_ROUTE_NAME
    assert ERP_SOURCE in choice.sources


def test_vectors_of_another_length_are_not_compared(file: Path) -> None:
    """A classifier that was learnt with another model is as good as none."""
    router = Router(load_routes(file), WordVectors(), MemoryVectors(), "words")
    classifier = router.prepare_classifier()

    assert router.choose_or_guess("hello", [1.0], classifier).route.name == DEFAULT_ROUTE_NAME


def test_the_erp_is_gathered_where_it_is_likely(file: Path) -> None:
    """Also where another route is likelier."""
    assert ERP_SOURCE in choose("hello hello invoice", file).sources


def test_every_route_has_examples_in_ten_languages() -> None:
    """The office's own routes, each of them."""
    routes = load_routes(ROUTES_FILE)

    assert all(set(route.examples) == TEN_LANGUAGES for route in routes.values())
    assert set(routes) == {"general", "chitchat", "chat", "erp", "files", "meeting", "command"}
