"""How often the office assistant takes the right route, what a wrong one costs the person, and what choosing
costs.

The utterances of tests/data/routes.yaml may be looked at. Those of tests/data/routes_unseen.yaml were
written before the classifier was, in ten languages, are only run, and are not printed: the bars hold for
them. `general` is the route of what is of no other: its recall tells how much of what is out of scope is
recognised.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from benches.support.bars import bar_rows, check_bar
from benches.support.labelled_sets import load_labelled_set
from benches.support.tables import percentile
from benches.support.tables import render_table as drawn
from local.routes_command import PackagedEmbedder, make_packaged_router
from repartee.assistants.office.route_classifier import RouteClassifier
from repartee.assistants.office.routes import DEFAULT_ROUTE_NAME, ERP_SOURCE, Router
from repartee.ports import Vector

MIN_ACCURACY, MIN_LANGUAGE_ACCURACY, MIN_OUT_OF_SCOPE_RECALL, MAX_ROUTING_MS = 0.85, 0.7, 0.65, 2.0

ERP_ROUTE, COMMAND_ROUTE = "erp", "command"


class LabelledUtterance(NamedTuple):
    """A message, the route that it should take, and its language where that is told."""

    text: str
    route: str
    language: str = ""


class RoutedUtterance(NamedTuple):
    """One utterance, where it belongs, where it went, and what was gathered for it."""

    labelled: LabelledUtterance
    taken: str
    sources: frozenset[str]
    milliseconds: float

    @property
    def is_right(self) -> bool:
        return self.taken == self.labelled.route


def measure() -> dict[str, Any]:
    """Returns all figures; some ten seconds."""
    router = make_packaged_router()
    classifier = router.prepare_classifier()
    assert classifier is not None
    seen = route_utterances(router, classifier, list(load_seen()))
    unseen = route_utterances(router, classifier, list(load_unseen()))
    by_language = _accuracy_by_language(unseen)
    return {
        "looked_at": _figures(seen),
        "unseen": _figures(unseen),
        "unseen_by_language": by_language,
        "routes": {route: _figures_of_route(route, unseen) for route in router.routes},
        "wrong": [
            f"{one.labelled.text} ({one.labelled.route}): {one.taken}" for one in seen if not one.is_right
        ],
        "bars": _check_bars(unseen, by_language),
    }


def table(result: dict[str, Any]) -> str:
    """Returns the result for a terminal."""
    columns = ("precision", "recall", "utterances", "mistaken_for")
    rows = [(name, *(each[column] for column in columns)) for name, each in result["routes"].items()]
    figures = [(name, result["looked_at"][name], value) for name, value in result["unseen"].items()]
    languages = ", ".join(f"{name} {share:.2f}" for name, share in result["unseen_by_language"].items())
    return "\n\n".join(
        (
            drawn(("figure", "may be looked at", "only run"), figures),
            drawn(("only run: route", "precision", "recall", "utterances", "mistaken for"), rows),
            f"accuracy of those that are only run: {languages}",
            drawn(("bar", "measured", "allowed", ""), bar_rows(result)),
            "\n".join(f"wrong: {text}" for text in result["wrong"]),
        )
    )


def load_seen() -> Iterator[LabelledUtterance]:
    """Yields the utterances that may be looked at."""
    for route, texts in load_labelled_set("routes").items():
        yield from (LabelledUtterance(text, route) for text in texts)


def load_unseen() -> Iterator[LabelledUtterance]:
    """Yields the utterances that are only run."""
    for route, by_language in load_labelled_set("routes_unseen").items():
        for language, texts in by_language.items():
            yield from (LabelledUtterance(text, route, language) for text in texts)


def route_utterances(
    router: Router, classifier: RouteClassifier, utterances: Sequence[LabelledUtterance]
) -> list[RoutedUtterance]:
    """Returns where each utterance goes."""
    vectors = PackagedEmbedder().embed([one.text for one in utterances])
    return [_route(router, classifier, one, vector) for one, vector in zip(utterances, vectors, strict=True)]


def _route(
    router: Router, classifier: RouteClassifier, labelled: LabelledUtterance, vector: Vector
) -> RoutedUtterance:
    began = time.thread_time()
    choice = router.choose_or_guess(labelled.text, vector, classifier)
    milliseconds = (time.thread_time() - began) * 1000
    return RoutedUtterance(labelled, choice.route.name, choice.sources, milliseconds)


def _figures(routed: Sequence[RoutedUtterance]) -> dict[str, float]:
    """Returns the shares that are right, and those by which a wrong route costs the person or the
    operator."""
    erp, others = _parted(routed, ERP_ROUTE)
    commands, no_commands = _parted(routed, COMMAND_ROUTE)
    general, in_scope = _parted(routed, DEFAULT_ROUTE_NAME)
    return {
        "utterances": len(routed),
        "accuracy": _accuracy(routed),
        "accuracy of what is in scope": _accuracy(in_scope),
        "out of scope recognised": _accuracy(general),
        "erp questions without tools at once": sum(ERP_SOURCE not in one.sources for one in erp),
        "others that are given the erp's tools": _share(ERP_SOURCE in one.sources for one in others),
        "commands not looked at": sum(not one.is_right for one in commands),
        "others that a small model is asked about": _share(one.taken == COMMAND_ROUTE for one in no_commands),
        "choosing ms p50": round(percentile([one.milliseconds for one in routed], 0.5), 3),
    }


def _parted(
    routed: Sequence[RoutedUtterance], route: str
) -> tuple[list[RoutedUtterance], list[RoutedUtterance]]:
    """Returns those that belong to a route, and the others."""
    own = [one for one in routed if one.labelled.route == route]
    return own, [one for one in routed if one.labelled.route != route]


def _accuracy(routed: Sequence[RoutedUtterance]) -> float:
    return _share(one.is_right for one in routed)


def _share(hits: Iterator[bool] | Sequence[bool]) -> float:
    counted = list(hits)
    return round(sum(counted) / max(len(counted), 1), 3)


def _accuracy_by_language(routed: Sequence[RoutedUtterance]) -> dict[str, float]:
    languages = dict.fromkeys(one.labelled.language for one in routed)
    return {name: _accuracy([one for one in routed if one.labelled.language == name]) for name in languages}


def _check_bars(unseen: Sequence[RoutedUtterance], by_language: dict[str, float]) -> list[dict[str, Any]]:
    figures = _figures(unseen)
    return [
        check_bar("routes: wrong", 1 - figures["accuracy"], 1 - MIN_ACCURACY),
        check_bar("routes: wrong in one language", 1 - min(by_language.values()), 1 - MIN_LANGUAGE_ACCURACY),
        check_bar(
            "routes: out of scope and not recognised",
            1 - figures["out of scope recognised"],
            1 - MIN_OUT_OF_SCOPE_RECALL,
        ),
        check_bar("routes: erp questions without tools", figures["erp questions without tools at once"], 0),
        check_bar("routes: ms to choose", figures["choosing ms p50"], MAX_ROUTING_MS),
    ]


def _figures_of_route(route: str, routed: Sequence[RoutedUtterance]) -> dict[str, Any]:
    own = [one for one in routed if one.labelled.route == route]
    right, taken = sum(one.is_right for one in own), sum(one.taken == route for one in routed)
    wrong = Counter(one.taken for one in own if not one.is_right)
    return {
        "utterances": len(own),
        "precision": round(right / max(taken, 1), 3),
        "recall": round(right / max(len(own), 1), 3),
        "mistaken_for": max(wrong, key=lambda name: wrong[name], default=""),
    }
