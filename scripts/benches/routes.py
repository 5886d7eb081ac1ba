"""How often the office assistant takes the right route, with the local embeddings, and what that costs.

The labelled utterances are in tests/data/routes.yaml. What is set was chosen on one half of them; the figure
of the other half is the one to quote.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from benches.bars import bar, bar_rows
from benches.sets import held_out, labelled
from benches.tables import percentile
from benches.tables import table as drawn
from local import minilm
from repartee.assistants.office.routes import Router, load, normal
from repartee.ports import Vector

DIMENSIONS = 1536
"""Of the vectors whose comparison is timed: as many as text-embedding-3-small gives."""

RUNS = 50


class Routed(NamedTuple):
    """One utterance, where it belongs and where it went."""

    text: str
    route: str
    taken: str
    unsure: bool


class Local:
    """`ports.Embedder` and `ports.Vectors` in this process."""

    def embed(self, texts: Sequence[str]) -> Sequence[Vector]:
        return [minilm.installed().embed(text).tolist() for text in texts]

    def read(self, names: Sequence[str]) -> Mapping[str, Sequence[Vector]]:
        return {}

    def write(self, name: str, vectors: Sequence[Vector]) -> None:
        pass


def measure() -> dict[str, Any]:
    """All figures; some ten seconds."""
    utterances = [(text, route) for route, texts in labelled("routes").items() for text in texts]
    router = Router(load(), Local(), Local(), "MiniLM")
    learnt = router.learn()
    routed = []
    for text, route in utterances:
        choice = router.choose(text, Local().embed([text])[0], learnt)
        routed.append(Routed(text, route, choice.route.name, choice.unsure))
    largest = round(max(Counter(one.route for one in routed).values()) / len(routed), 3)
    unseen = [one for one in routed if held_out(one.text)]
    return {
        "utterances": len(routed),
        "examples": sum(len(some) for some in learnt.values()),
        "accuracy": _accuracy(routed),
        "accuracy_held_out": _accuracy(unseen),
        "accuracy_in_english": _accuracy(
            [one for one in routed if one.text.isascii() and _english(one.text)]
        ),
        "largest_class": largest,
        "to_general_for_lack_of_confidence": round(sum(one.unsure for one in routed) / len(routed), 3),
        "orders_that_are_none": round(sum(_costly(one) for one in routed) / len(routed), 3),
        "routes": {route: _of(route, routed) for route in router.routes},
        "choosing_ms": _choosing(router),
        "bars": [bar("routes: largest class / accuracy", largest / _accuracy(unseen), 1.0)],
    }


def table(result: dict[str, Any]) -> str:
    """The result for a terminal."""
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


def _accuracy(routed: Sequence[Routed]) -> float:
    return round(sum(one.route == one.taken for one in routed) / len(routed), 3)


def _costly(one: Routed) -> bool:
    """Whether a small model is asked for nothing."""
    return one.taken == "command" != one.route


def _of(route: str, routed: Sequence[Routed]) -> dict[str, Any]:
    right = sum(one.route == one.taken == route for one in routed)
    there, taken = (sum(getattr(one, which) == route for one in routed) for which in ("route", "taken"))
    wrong = Counter(one.taken for one in routed if one.route == route != one.taken)
    return {
        "utterances": there,
        "precision": round(right / max(taken, 1), 3),
        "recall": round(right / max(there, 1), 3),
        "mistaken_for": max(wrong, key=lambda name: wrong[name], default=""),
    }


def _english(text: str) -> bool:
    """Roughly: what is written in plain letters and has no frequent word of the other languages."""
    others = "der die das ist und bitte que de la el los me il je di da hat wer was wie uns die por hasta"
    return not set(text.lower().split()) & set(others.split())


def _choosing(router: Router) -> float:
    """Milliseconds of CPU in which a message is compared with all examples, at production's dimensions."""
    some = [float(number % 7 - 3) for number in range(DIMENSIONS)]
    learnt = {
        name: [normal(some)] * sum(map(len, route.examples.values())) for name, route in router.routes.items()
    }
    seconds = []
    for _ in range(RUNS):
        began = time.thread_time()
        router.choose("Which invoices of Acme are unpaid?", some, learnt)
        seconds.append(time.thread_time() - began)
    return round(percentile(seconds, 0.5) * 1000, 2)
