"""Which kind of message this is: by the examples that its vector is near to.

The routes are data (routes.toml). Their examples' vectors are made once by the embedder that also makes the
message's, and kept, so that neither a new process nor a reply waits for them again.
"""

from __future__ import annotations

import hashlib
import math
import re
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from heapq import nlargest
from operator import mul
from pathlib import Path
from threading import Lock

import msgspec

from repartee.domain.prompt_budget import PromptBudget
from repartee.errors import BackendError
from repartee.ports import Embedder, Vector, VectorCache

ROUTES_FILE = Path(__file__).with_name("routes.toml")

DEFAULT_ROUTE_NAME = "general"
"""The route of what is near to nothing."""

COMPARED_EXAMPLES_PER_ROUTE = 3
"""Examples of a route that are compared with a message: one alone may be near by chance."""

HINT_SIMILARITY_BONUS = 0.2
"""How much nearer a message is to a route that one of its words hints at."""

MAX_COMPARED_DIMENSIONS = 512
"""Numbers of a vector that are compared. Models that give more are trained so that their first numbers say
most (https://developers.openai.com/api/docs/guides/embeddings), and kinds of messages are far apart."""

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
        "min_similarity": "confidence",
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
    min_similarity: float = 0.25
    shares: dict[str, float] = msgspec.field(default_factory=dict)

    def share_budget(self, total_tokens: int) -> PromptBudget:
        """The tokens that each kind of what is read beside the question may take."""
        return PromptBudget.share_out(total_tokens, **{**DEFAULT_SHARES, **self.shares})

    def uses_source(self, source: str) -> bool:
        """Whether this source is gathered."""
        return source in self.sources


class RouteChoice(msgspec.Struct, frozen=True):
    """The route that a message takes, and how near to its examples it is, between -1 and 1: `unsure` if
    none is near enough."""

    route: Route
    similarity: float = 0.0
    is_unsure: bool = False


RouteVectors = Mapping[str, Sequence[Vector]]
"""The vectors of each route's examples, of length one."""


class Router:
    """Chooses routes. Owns the examples' vectors of this process; `model` is what made them. `history` and
    `relevant` are the most that any route wants, so that reading them need not wait for the choice."""

    def __init__(
        self, routes: Mapping[str, Route], embedder: Embedder, vector_store: VectorCache, embedding_model: str
    ) -> None:
        self.routes, self.default_route = routes, routes[DEFAULT_ROUTE_NAME]
        self.max_history_limit = max(route.history_limit for route in routes.values())
        self.max_relevant_limit = max(route.relevant_limit for route in routes.values())
        self._embedder, self._kept, self._model = embedder, vector_store, embedding_model
        self._hints = {name: _prefix_pattern(route.hints) for name, route in routes.items() if route.hints}
        self._learning = Lock()
        self._learnt: RouteVectors = {}

    def load_vectors(self) -> RouteVectors:
        """The vectors of all examples: those of this process, or those that are kept, or new ones."""
        with self._learning:
            self._learnt = self._learnt or self._load_or_embed_vectors()
            return self._learnt

    def choose_or_guess(
        self, text: str, vector: Vector | None, route_vectors: RouteVectors | None
    ) -> RouteChoice:
        """Returns the route by the vectors, or by the words alone where there are none."""
        if vector is None or route_vectors is None:
            return self.guess_route(text)
        return self.choose_route(text, vector, route_vectors)

    def route_unless_no_command(self, route: Route, *, is_command: bool) -> Route:
        """Returns the route, or the default where it is for commands alone and the message is none."""
        is_for_commands_alone = route.sources == {COMMANDS_SOURCE}
        return self.default_route if is_for_commands_alone and not is_command else route

    def choose_route(self, text: str, vector: Vector, route_vectors: RouteVectors) -> RouteChoice:
        """The route whose nearest examples are nearest to the message; the one for all else if none is."""
        asked, hinted = normalise_vector(vector), self._hinted_routes(text)
        near = {
            name: _similarity(asked, examples) + HINT_SIMILARITY_BONUS * (name in hinted)
            for name, examples in route_vectors.items()
        }
        best = max(near, key=lambda name: near[name])
        if near[best] < self.routes[best].min_similarity:
            return RouteChoice(self.default_route, near[best], is_unsure=True)
        return RouteChoice(self.routes[best], near[best])

    def guess_route(self, text: str) -> RouteChoice:
        """The route that the words hint at, where there is no vector and they hint at one alone."""
        hinted = self._hinted_routes(text)
        return RouteChoice(self.routes[hinted[0]] if len(hinted) == 1 else self.default_route)

    def _hinted_routes(self, text: str) -> Sequence[str]:
        return [name for name, hints in self._hints.items() if hints.search(text)]

    def _load_or_embed_vectors(self) -> RouteVectors:
        named = {self._vector_key(texts): texts for _, texts in self._examples_by_language()}
        kept = self._read_stored_vectors(list(named))
        new = {name: texts for name, texts in named.items() if name not in kept}
        vectors = {**kept, **self._embed_examples(new)}
        learnt: dict[str, list[Vector]] = {}
        for route, texts in self._examples_by_language():
            learnt.setdefault(route, []).extend(map(normalise_vector, vectors[self._vector_key(texts)]))
        return learnt

    def _examples_by_language(self) -> Iterator[tuple[str, Sequence[str]]]:
        """The examples of every route, language by language."""
        for name, route in self.routes.items():
            yield from ((name, texts) for texts in route.examples.values() if texts)

    def _read_stored_vectors(self, names: Sequence[str]) -> Mapping[str, Sequence[Vector]]:
        try:
            return self._kept.read(names)
        except BackendError:
            return {}

    def _embed_examples(self, new: Mapping[str, Sequence[str]]) -> Mapping[str, Sequence[Vector]]:
        if not new:
            return {}
        made = iter(self._embedder.embed([text for texts in new.values() for text in texts]))
        vectors = {name: [next(made)[:MAX_COMPARED_DIMENSIONS] for _ in texts] for name, texts in new.items()}
        for name, some in vectors.items():
            try:
                self._kept.write(name, some)
            except BackendError:
                break  # the next process makes them again
        return vectors

    def _vector_key(self, texts: Sequence[str]) -> str:
        """Returns the key under which these texts' vectors are kept: other words or another model make
        others."""
        told = "\n".join((self._model, str(MAX_COMPARED_DIMENSIONS), *texts)).encode()
        return hashlib.blake2b(told, digest_size=16).hexdigest()


def load_routes(file: Path = ROUTES_FILE) -> Mapping[str, Route]:
    """The routes, by name. Raises `ValueError` if the file is not as it must be."""
    routes = msgspec.toml.decode(file.read_bytes(), type=dict[str, Route])
    if DEFAULT_ROUTE_NAME not in routes:
        raise ValueError(f"{file.name} has no route {DEFAULT_ROUTE_NAME}")
    for name, route in routes.items():
        if unknown := route.sources - ROUTE_SOURCES:
            raise ValueError(f"{file.name}: {name} wants {', '.join(unknown)}, which nothing gathers")
    return {name: msgspec.structs.replace(route, name=name) for name, route in routes.items()}


def normalise_vector(vector: Vector) -> Vector:
    """Returns the compared part of the vector, with length one."""
    vector = vector[:MAX_COMPARED_DIMENSIONS]
    length = math.sqrt(_fast_dot_product(vector, vector))
    return array("f", [number / length for number in vector] if length else vector)


def _prefix_pattern(hints: Sequence[str]) -> re.Pattern[str]:
    """Finds a word that begins with one of these."""
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, hints))})", re.IGNORECASE)


def _similarity(query: Vector, examples: Sequence[Vector]) -> float:
    nearest = nlargest(
        COMPARED_EXAMPLES_PER_ROUTE, (_fast_dot_product(query, example) for example in examples)
    )
    return sum(nearest) / len(nearest)


def _dot_product(first: Vector, second: Vector) -> float:
    return float(sum(map(mul, first, second)))


_fast_dot_product: Callable[[Vector, Vector], float] = getattr(math, "sumprod", _dot_product)
"""Python has a quick one from 3.12 on: 200 examples take 2 ms, and 3 ms without."""
