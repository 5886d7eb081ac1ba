"""*Set-up*, the routes: the kinds of messages that the office knows, and a box to try a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from repartee.console.app import ConsoleRequest
from repartee.console.setup_tab import TabAct, TabView

MAX_SENTENCE_CHARS = 2_000
"""Characters of a sentence that is tried."""


class RouteView(msgspec.Struct, frozen=True):
    """A kind of message: what it gathers, and some sentences that are of it."""

    name: str
    sources: tuple[str, ...]
    examples: tuple[str, ...]


class RouteTrial(msgspec.Struct, frozen=True):
    """The route that a sentence takes, and how sure that is, from 0 to 1."""

    route: str
    probability: float
    is_unsure: bool


class RouteTrials(Protocol):
    """The office's routes. Raises `BackendError`."""

    def list_routes(self) -> Sequence[RouteView]:
        """Returns all of them."""

    def try_route(self, text: str) -> RouteTrial:
        """Returns the route that the sentence takes."""


class RoutesTab:
    """The routes, each with what it gathers and with examples."""

    key, title = "routes", "Routes"

    def __init__(self, trials: RouteTrials) -> None:
        self._trials = trials

    def acts(self) -> Mapping[str, TabAct]:
        return {"try": self.try_route}

    def read(self, request: ConsoleRequest) -> TabView:
        """Shows the routes."""
        return TabView({"routes": self._trials.list_routes(), "sentence": "", "trial": None})

    def try_route(self, request: ConsoleRequest) -> TabView:
        """Shows which route a sentence takes."""
        text = request.field("text").strip()[:MAX_SENTENCE_CHARS]
        trial = self._trials.try_route(text) if text else None
        return TabView({"routes": self._trials.list_routes(), "sentence": text, "trial": trial})
