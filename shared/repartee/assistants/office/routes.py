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

from repartee.errors import BackendError
from repartee.ports import Embedder, Vector, Vectors

FILE = Path(__file__).with_name("routes.toml")

OTHERWISE = "general"
"""The route of what is near to nothing."""

NEAREST = 3
"""Examples of a route that are compared with a message: one alone may be near by chance."""

HINT = 0.2
"""How much nearer a message is to a route that one of its words hints at."""

COMPARED = 512
"""Numbers of a vector that are compared. Models that give more are trained so that their first numbers say
most (https://developers.openai.com/api/docs/guides/embeddings), and kinds of messages are far apart."""

ORDERS, ERP, FILES, MEETING = "orders", "erp", "files", "meeting"
SOURCES = frozenset((ORDERS, ERP, FILES, MEETING))
"""What a route may gather beside history and relevance."""


class Route(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One kind of message, and what its reply needs. What each field is for stands in routes.toml."""

    name: str = ""
    examples: dict[str, tuple[str, ...]]
    history: int
    summary: bool
    relevant: int
    words: str
    hints: tuple[str, ...] = ()
    sources: frozenset[str] = frozenset()
    confidence: float = 0.25

    def wants(self, source: str) -> bool:
        """Whether this source is gathered."""
        return source in self.sources


class Choice(msgspec.Struct, frozen=True):
    """The route that a message takes, and how near to its examples it is, between -1 and 1: `unsure` if
    none is near enough."""

    route: Route
    confidence: float = 0.0
    unsure: bool = False


Learnt = Mapping[str, Sequence[Vector]]
"""The vectors of each route's examples, of length one."""


class Router:
    """Chooses routes. Owns the examples' vectors of this process; `model` is what made them. `history` and
    `relevant` are the most that any route wants, so that reading them need not wait for the choice."""

    def __init__(self, routes: Mapping[str, Route], embedder: Embedder, kept: Vectors, model: str) -> None:
        self.routes, self.otherwise = routes, routes[OTHERWISE]
        self.history = max(route.history for route in routes.values())
        self.relevant = max(route.relevant for route in routes.values())
        self._embedder, self._kept, self._model = embedder, kept, model
        self._hints = {name: _any_of(route.hints) for name, route in routes.items() if route.hints}
        self._learning = Lock()
        self._learnt: Learnt = {}

    def learn(self) -> Learnt:
        """The vectors of all examples: those of this process, or those that are kept, or new ones."""
        with self._learning:
            self._learnt = self._learnt or self._learn()
            return self._learnt

    def choose(self, text: str, vector: Vector, learnt: Learnt) -> Choice:
        """The route whose nearest examples are nearest to the message; the one for all else if none is."""
        asked, hinted = normal(vector), self._hinted(text)
        near = {
            name: _nearness(asked, examples) + HINT * (name in hinted) for name, examples in learnt.items()
        }
        best = max(near, key=lambda name: near[name])
        if near[best] < self.routes[best].confidence:
            return Choice(self.otherwise, near[best], unsure=True)
        return Choice(self.routes[best], near[best])

    def guess(self, text: str) -> Choice:
        """The route that the words hint at, where there is no vector and they hint at one alone."""
        hinted = self._hinted(text)
        return Choice(self.routes[hinted[0]] if len(hinted) == 1 else self.otherwise)

    def _hinted(self, text: str) -> Sequence[str]:
        return [name for name, hints in self._hints.items() if hints.search(text)]

    def _learn(self) -> Learnt:
        named = {self._name(texts): texts for _, texts in self._examples()}
        kept = self._read(list(named))
        new = {name: texts for name, texts in named.items() if name not in kept}
        vectors = {**kept, **self._embed(new)}
        learnt: dict[str, list[Vector]] = {}
        for route, texts in self._examples():
            learnt.setdefault(route, []).extend(map(normal, vectors[self._name(texts)]))
        return learnt

    def _examples(self) -> Iterator[tuple[str, Sequence[str]]]:
        """The examples of every route, language by language."""
        for name, route in self.routes.items():
            yield from ((name, texts) for texts in route.examples.values() if texts)

    def _read(self, names: Sequence[str]) -> Mapping[str, Sequence[Vector]]:
        try:
            return self._kept.read(names)
        except BackendError:
            return {}

    def _embed(self, new: Mapping[str, Sequence[str]]) -> Mapping[str, Sequence[Vector]]:
        if not new:
            return {}
        made = iter(self._embedder.embed([text for texts in new.values() for text in texts]))
        vectors = {name: [next(made)[:COMPARED] for _ in texts] for name, texts in new.items()}
        for name, some in vectors.items():
            try:
                self._kept.write(name, some)
            except BackendError:
                break  # the next process makes them again
        return vectors

    def _name(self, texts: Sequence[str]) -> str:
        """What these texts' vectors are kept under: other words or another model make others."""
        told = "\n".join((self._model, str(COMPARED), *texts)).encode()
        return hashlib.blake2b(told, digest_size=16).hexdigest()


def load(file: Path = FILE) -> Mapping[str, Route]:
    """The routes, by name. Raises `ValueError` if the file is not as it must be."""
    routes = msgspec.toml.decode(file.read_bytes(), type=dict[str, Route])
    if OTHERWISE not in routes:
        raise ValueError(f"{file.name} has no route {OTHERWISE}")
    for name, route in routes.items():
        if unknown := route.sources - SOURCES:
            raise ValueError(f"{file.name}: {name} wants {', '.join(unknown)}, which nothing gathers")
    return {name: msgspec.structs.replace(route, name=name) for name, route in routes.items()}


def normal(vector: Vector) -> Vector:
    """What is compared of the vector, with length one."""
    vector = vector[:COMPARED]
    length = math.sqrt(_product(vector, vector))
    return array("f", [number / length for number in vector] if length else vector)


def _any_of(hints: Sequence[str]) -> re.Pattern[str]:
    """Finds a word that begins with one of these."""
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, hints))})", re.IGNORECASE)


def _nearness(asked: Vector, examples: Sequence[Vector]) -> float:
    nearest = nlargest(NEAREST, (_product(asked, example) for example in examples))
    return sum(nearest) / len(nearest)


def _slowly(one: Vector, other: Vector) -> float:
    return float(sum(map(mul, one, other)))


_product: Callable[[Vector, Vector], float] = getattr(math, "sumprod", _slowly)
"""Python has a quick one from 3.12 on: 200 examples take 2 ms, and 3 ms without."""
