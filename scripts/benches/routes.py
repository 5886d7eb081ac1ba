"""How often the office assistant takes the right route, with the local embeddings, and what that costs.

The labelled utterances are in tests/data/routes.yaml. What is set was chosen on one half of them; the figure
of the other half is the one to quote.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from benches.support.bars import bar_rows, check_bar
from benches.support.labelled_sets import is_held_out, load_labelled_set
from benches.support.tables import percentile
from benches.support.tables import render_table as drawn
from repartee.assistants.office.routes import Router, load_routes, normalise_vector
from repartee.ports import Vector
from standins.openai.local_embeddings import LOCAL_EMBEDDING_MODEL, load_local_model

REAL_EMBEDDING_DIMENSIONS = 1536
"""Of the vectors whose comparison is timed: as many as text-embedding-3-small gives."""

RUN_COUNT = 50


class RoutedUtterance(NamedTuple):
    """One utterance, where it belongs and where it went."""

    text: str
    route: str
    taken: str
    is_unsure: bool


class LocalEmbeddings:
    """`ports.Embedder` and `ports.Vectors` in this process."""

    def embed(self, texts: Sequence[str]) -> Sequence[Vector]:
        return [load_local_model().embed(text).tolist() for text in texts]

    def read(self, names: Sequence[str]) -> Mapping[str, Sequence[Vector]]:
        return {}

    def write(self, name: str, vectors: Sequence[Vector]) -> None:
        pass


def measure() -> dict[str, Any]:
    """Returns all figures; some ten seconds."""
    utterances = [(text, route) for route, texts in load_labelled_set("routes").items() for text in texts]
    router = Router(load_routes(), LocalEmbeddings(), LocalEmbeddings(), LOCAL_EMBEDDING_MODEL)
    learnt = router.load_vectors()
    routed = []
    for text, route in utterances:
        choice = router.choose_route(text, LocalEmbeddings().embed([text])[0], learnt)
        routed.append(RoutedUtterance(text, route, choice.route.name, choice.is_unsure))
    largest = round(max(Counter(one.route for one in routed).values()) / len(routed), 3)
    unseen = [one for one in routed if is_held_out(one.text)]
    return {
        "utterances": len(routed),
        "examples": sum(len(some) for some in learnt.values()),
        "accuracy": _accuracy(routed),
        "accuracy_held_out": _accuracy(unseen),
        "accuracy_in_english": _accuracy(
            [one for one in routed if one.text.isascii() and _is_english(one.text)]
        ),
        "largest_class": largest,
        "to_general_for_lack_of_confidence": round(sum(one.is_unsure for one in routed) / len(routed), 3),
        "orders_that_are_none": round(sum(_needs_no_small_model(one) for one in routed) / len(routed), 3),
        "routes": {route: _utterances_of_route(route, routed) for route in router.routes},
        "choosing_ms": _routing_cpu_ms(router),
        "bars": [check_bar("routes: largest class / accuracy", largest / _accuracy(unseen), 1.0)],
    }


def table(result: dict[str, Any]) -> str:
    """Returns the result for a terminal."""
    columns = ("precision", "recall", "utterances", "mistaken_for")
    rows = [(name, *(each[column] for column in columns)) for name, each in result["routes"].items()]
    figures = [(name, value) for name, value in result.items() if isinstance(value, (int, float))]
    return "\n\n".join(
        (
            drawn(("route", "precision", "recall", "utterances", "mistaken for"), rows),
            drawn(("figure", "value"), figures),
            drawn(("bar", "measured", "allowed", ""), bar_rows(result)),
        )
    )


def _accuracy(routed: Sequence[RoutedUtterance]) -> float:
    return round(sum(one.route == one.taken for one in routed) / len(routed), 3)


def _needs_no_small_model(one: RoutedUtterance) -> bool:
    """Returns whether a small model is asked for nothing."""
    return one.taken == "command" != one.route


def _utterances_of_route(route: str, routed: Sequence[RoutedUtterance]) -> dict[str, Any]:
    right = sum(one.route == one.taken == route for one in routed)
    there, taken = (sum(getattr(one, which) == route for one in routed) for which in ("route", "taken"))
    wrong = Counter(one.taken for one in routed if one.route == route != one.taken)
    return {
        "utterances": there,
        "precision": round(right / max(taken, 1), 3),
        "recall": round(right / max(there, 1), 3),
        "mistaken_for": max(wrong, key=lambda name: wrong[name], default=""),
    }


def _is_english(text: str) -> bool:
    """Roughly: what is written in plain letters and has no frequent word of the other languages."""
    others = "der die das ist und bitte que de la el los me il je di da hat wer was wie uns die por hasta"
    return not set(text.lower().split()) & set(others.split())


def _routing_cpu_ms(router: Router) -> float:
    """Milliseconds of CPU in which a message is compared with all examples, at production's dimensions."""
    some = [float(number % 7 - 3) for number in range(REAL_EMBEDDING_DIMENSIONS)]
    learnt = {
        name: [normalise_vector(some)] * sum(map(len, route.examples.values()))
        for name, route in router.routes.items()
    }
    seconds = []
    for _ in range(RUN_COUNT):
        began = time.thread_time()
        router.choose_route("Which invoices of Acme are unpaid?", some, learnt)
        seconds.append(time.thread_time() - began)
    return round(percentile(seconds, 0.5) * 1000, 2)
