"""*Set-up*, the routes: the kinds of messages that the office knows, and a box to try a sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from repartee.assistants.office.routes import Route, Router
from repartee.console.app import ConsoleRequest
from repartee.console.setup_tab import SetupProblem, TabAct, TabView
from repartee.errors import BackendError
from repartee.plan import deadline
from repartee.ports import Embedder

MAX_SENTENCE_CHARS = 2_000
"""Characters of a sentence that is tried."""

MAX_EXAMPLES = 6
"""Sentences that are shown of a route."""

EMBEDDING_SECONDS = 10.0
"""Seconds that the embedding model has for a sentence."""


class RouteView(msgspec.Struct, frozen=True):
    """A kind of message: what it gathers, and some sentences that are of it."""

    name: str
    sources: tuple[str, ...]
    examples: tuple[str, ...]


class RouteTrial(msgspec.Struct, frozen=True):
    """The route that a sentence takes, and how sure that is, from 0 to 1. `is_guess`: it is by its words
    alone, because no classifier is kept for the embedding model."""

    route: str
    probability: float
    is_unsure: bool
    is_guess: bool = False


class RoutesTab:
    """The routes, each with what it gathers and with examples. The model is loaded for the first sentence."""

    key, title = "routes", "Routes"

    def __init__(
        self,
        routes: Mapping[str, Route],
        make_router: Callable[[], Router],
        open_embedder: Callable[[], Embedder],
    ) -> None:
        self._routes, self._make_router, self._open_embedder = routes, make_router, open_embedder

    def acts(self) -> Mapping[str, TabAct]:
        return {"try": self.try_sentence}

    def read(self, request: ConsoleRequest) -> TabView:
        """Shows the routes."""
        return self._show("", None)

    def try_sentence(self, request: ConsoleRequest) -> TabView:
        """Shows which route a sentence takes. It is kept nowhere."""
        text = request.field("text").strip()[:MAX_SENTENCE_CHARS]
        if not text:
            return self._show("", None)
        try:
            return self._show(text, self._choose_route(text))
        except BackendError as failure:
            return self._show(text, None, SetupProblem(f"It cannot be tried now: {failure}"))

    def _choose_route(self, text: str) -> RouteTrial:
        router = self._make_router()
        with deadline.limited_to(EMBEDDING_SECONDS):
            (vector,) = self._open_embedder().embed([text])
        classifier = router.load_classifier()
        chosen = router.choose_or_guess(text, vector, classifier)
        is_guess = classifier is None or not classifier.fits(vector)
        return RouteTrial(chosen.route.name, chosen.probability, chosen.is_unsure, is_guess)

    def _show(self, sentence: str, trial: RouteTrial | None, *problems: SetupProblem) -> TabView:
        routes = [
            RouteView(name, tuple(sorted(route.sources)), _pick_examples(route.examples))
            for name, route in self._routes.items()
        ]
        return TabView({"routes": routes, "sentence": sentence, "trial": trial}, problems=problems)


def _pick_examples(examples: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Returns some examples, of as many languages as there are."""
    return tuple(texts[0] for texts in examples.values() if texts)[:MAX_EXAMPLES]
