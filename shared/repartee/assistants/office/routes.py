"""Which kind of message this is: by a classifier that the routes' examples taught.

The routes are data (routes.toml). The classifier is trained when they or the embedding model change: for the
packaged local model it ships (`scripts/routes`), for a service's it is made at the deployment or beside the
start of a process, and kept. A turn takes what is kept; it neither trains nor waits for it.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from threading import Lock

import msgspec

from repartee.assistants.example_vectors import ExampleVectors
from repartee.assistants.office.route_classifier import (
    CLASSIFIER_FORMAT_NUMBER,
    RouteClassifier,
    decode_classifier,
    encode_classifier,
)
from repartee.assistants.office.route_features import (
    compile_hints,
    find_hinted_routes,
)
from repartee.domain.prompt_budget import PromptBudget
from repartee.ports import Embedder, Vector, VectorCache

ROUTES_FILE = Path(__file__).with_name("routes.toml")

DEFAULT_ROUTE_NAME = "general"
"""The route of what is near to nothing."""

COMMANDS_SOURCE, ERP_SOURCE, FILES_SOURCE, MEETING_SOURCE = "orders", "erp", "files", "meeting"
ROUTE_SOURCES = frozenset((COMMANDS_SOURCE, ERP_SOURCE, FILES_SOURCE, MEETING_SOURCE))
"""The sources that a route may gather beside history and relevance."""


DEFAULT_SHARES = {"history": 0.25, "relevant": 0.1, "context": 0.15, "files": 0.5}
"""How a prompt's tokens are shared out where a route says nothing else."""


class Route(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    rename={
        "instructions": "words",
        "history_limit": "history",
        "relevant_limit": "relevant",
    },
):
    """One kind of message, and what its reply needs. What each field is for stands in routes.toml."""

    name: str = ""
    examples: dict[str, tuple[str, ...]]
    history_limit: int
    summary: bool
    relevant_limit: int
    instructions: str
    hints: tuple[str, ...] = ()
    sources: frozenset[str] = frozenset()
    shares: dict[str, float] = msgspec.field(default_factory=dict)

    def share_budget(self, total_tokens: int) -> PromptBudget:
        """The tokens that each kind of what is read beside the question may take."""
        return PromptBudget.share_out(total_tokens, **{**DEFAULT_SHARES, **self.shares})

    def uses_source(self, source: str) -> bool:
        """Whether this source is gathered."""
        return source in self.sources

    @property
    def is_for_commands_alone(self) -> bool:
        return self.sources == {COMMANDS_SOURCE}


class RouteChoice(msgspec.Struct, frozen=True):
    """The route that a message takes, and how likely it is, between 0 and 1: `unsure` if none is likely
    enough. `sources` is what is gathered for it: what its route wants, and what it may well want else."""

    route: Route
    probability: float = 0.0
    is_unsure: bool = False
    sources: frozenset[str] = frozenset()


class Router:
    """Chooses routes. Owns the classifier of this process; `embedding_model` names what makes the vectors.
    `history` and `relevant` are the most that any route wants, so that reading them need not wait for the
    choice."""

    def __init__(
        self, routes: Mapping[str, Route], embedder: Embedder, vector_store: VectorCache, embedding_model: str
    ) -> None:
        self.routes, self.default_route = routes, routes[DEFAULT_ROUTE_NAME]
        self.max_history_limit = max(route.history_limit for route in routes.values())
        self.max_relevant_limit = max(route.relevant_limit for route in routes.values())
        self._vectors = ExampleVectors(embedder, vector_store, embedding_model)
        self._hints = {name: compile_hints(route.hints) for name, route in routes.items() if route.hints}
        self._training = Lock()
        self._classifier: RouteClassifier | None = None

    @property
    def classifier_key(self) -> str:
        """The key under which the classifier is kept: other routes or another model make another."""
        routes = [(name, route.hints, route.examples) for name, route in self.routes.items()]
        return self._vectors.make_key(
            "classifier", str(CLASSIFIER_FORMAT_NUMBER), msgspec.json.encode(routes).decode()
        )

    def load_classifier(self) -> RouteClassifier | None:
        """Returns the classifier of this process, or else the one that is kept. None if there is none yet."""
        if self._classifier is None:
            rows = self._vectors.read(self.classifier_key)
            self._classifier = decode_classifier(rows, [*self.routes], [*self._hints]) if rows else None
        return self._classifier

    def prepare_classifier(self) -> RouteClassifier | None:
        """Returns the classifier, and makes and keeps it if there is none. None where it would have to be
        made and numpy is not installed. Takes seconds: for a start's background, and for a deployment."""
        with self._training:
            if self.load_classifier() is None and importlib.util.find_spec("numpy"):
                self._classifier = self._train_classifier()
                self._vectors.write(self.classifier_key, encode_classifier(self._classifier))
            return self._classifier

    def choose_or_guess(
        self, text: str, vector: Vector | None, classifier: RouteClassifier | None
    ) -> RouteChoice:
        """Returns the route by the classifier; where the message could not be embedded, by its words
        alone."""
        if vector is None:
            return self.guess_route(text)
        if classifier is None or not classifier.fits(vector):
            return self._choose_without_knowing(text)
        return self.choose_route(text, vector, classifier)

    def route_for_command(self, route: Route, *, is_command: bool) -> Route:
        """Returns the route, or the default where it is for commands alone and the message is none; for a
        command that route, whatever the message looked like."""
        if is_command:
            own = [one for one in self.routes.values() if one.is_for_commands_alone]
            return own[0] if own and not route.uses_source(COMMANDS_SOURCE) else route
        return self.default_route if route.is_for_commands_alone else route

    def choose_route(self, text: str, vector: Vector, classifier: RouteClassifier) -> RouteChoice:
        """Returns the likeliest route; the one for all else if none is likely enough. The ERP is gathered
        where a route that reads it is among the likely ones."""
        probabilities = classifier.rate_routes(text, vector, self._hints)
        best = max(probabilities, key=lambda name: probabilities[name])
        is_unsure = probabilities[best] < classifier.min_probability
        route = self.default_route if is_unsure else self.routes[best]
        likely = classifier.likely_routes(probabilities)
        may_want = (
            {ERP_SOURCE} if any(self.routes[name].uses_source(ERP_SOURCE) for name in likely) else set()
        )
        return RouteChoice(route, probabilities[best], is_unsure, route.sources | may_want)

    def guess_route(self, text: str) -> RouteChoice:
        """Returns the route that the words hint at, where there is no vector and they hint at one alone. The
        ERP is gathered, whichever that is."""
        hinted = find_hinted_routes(text, self._hints)
        route = self.routes[hinted[0]] if len(hinted) == 1 else self.default_route
        return RouteChoice(route, is_unsure=True, sources=route.sources | self._used_sources({ERP_SOURCE}))

    def _choose_without_knowing(self, text: str) -> RouteChoice:
        """Returns the default route with all that any kind of message needs: a command, which costs a call
        of a model, only if a word hints at it."""
        hinted = [self.routes[name].sources for name in find_hinted_routes(text, self._hints)]
        sources = self._used_sources({ERP_SOURCE, MEETING_SOURCE}).union(*hinted)
        return RouteChoice(self.default_route, is_unsure=True, sources=sources)

    def _used_sources(self, among: set[str]) -> frozenset[str]:
        """Returns those of these sources that any route uses."""
        return frozenset(
            source for source in among if any(one.uses_source(source) for one in self.routes.values())
        )

    def _train_classifier(self) -> RouteClassifier:
        from repartee.assistants.office.route_training import RouteExample, train_classifier

        groups = list(self._examples_by_language())
        vectors = self._vectors.embed_groups([texts for _, texts in groups])
        examples = [
            RouteExample(route, place, text, vector)
            for (route, texts), made in zip(groups, vectors, strict=True)
            for place, (text, vector) in enumerate(zip(texts, made, strict=True))
        ]
        return train_classifier(examples, [*self.routes], self._hints)

    def _examples_by_language(self) -> Iterator[tuple[str, Sequence[str]]]:
        """The examples of every route, language by language."""
        for name, route in self.routes.items():
            yield from ((name, texts) for texts in route.examples.values() if texts)


def load_routes(file: Path = ROUTES_FILE) -> Mapping[str, Route]:
    """The routes, by name. Raises `ValueError` if the file is not as it must be."""
    routes = _decode_routes(file.read_bytes())
    if DEFAULT_ROUTE_NAME not in routes:
        raise ValueError(f"{file.name} has no route {DEFAULT_ROUTE_NAME}")
    for name, route in routes.items():
        if unknown := route.sources - ROUTE_SOURCES:
            raise ValueError(f"{file.name}: {name} wants {', '.join(unknown)}, which nothing gathers")
    return {name: msgspec.structs.replace(route, name=name) for name, route in routes.items()}


@lru_cache(4)
def _decode_routes(content: bytes) -> Mapping[str, Route]:
    """Kept, because a restored process makes its assistants again."""
    return msgspec.toml.decode(content, type=dict[str, Route])
