"""Reads the charts and diagrams of Office documents: the values and words that they show."""

from __future__ import annotations

from collections.abc import Mapping

from repartee.services.documents import markdown
from repartee.services.documents.archive import Archive, Element, attribute, child, descendants

MAX_POINTS = 100
"""Points of a series that are told."""


def read(archive: Archive, part: str) -> str:
    """Returns the chart as a table of its series, a diagram as its words; says so if neither can be read."""
    if part not in archive.names:
        return "[chart or diagram, which is not read]"
    root = archive.root(part)
    series = list(descendants(root, "ser"))
    if series:
        return _chart(root, series)
    words = [text for text in map(_words, descendants(root, "pt")) if text]
    return f"[diagram: {' · '.join(words)}]" if words else "[chart or diagram, which is not read]"


def _chart(root: Element, series: list[Element]) -> str:
    names = [_first(child(one, "tx")) or f"series {number}" for number, one in enumerate(series, 1)]
    values = [
        _points(child(one, "val") if child(one, "val") is not None else child(one, "yVal")) for one in series
    ]
    first = child(series[0], "cat")
    categories = _points(first if first is not None else child(series[0], "xVal"))
    places = sorted({place for points in values for place in points})[:MAX_POINTS]
    rows = [
        ["", *names],
        *([categories.get(at, str(at + 1)), *(one.get(at, "") for one in values)] for at in places),
    ]
    title = child(root, "chart", "title")
    return f"[chart: {_words(title) if title is not None else ''}]\n\n{markdown.table(rows)}".replace(
        ": ]", "]"
    )


def _points(holder: Element | None) -> Mapping[int, str]:
    """Returns what the chart remembers of the cells that it shows, by their places."""
    found = descendants(holder, "pt") if holder is not None else ()
    placed = ((attribute(one, "idx"), child(one, "v")) for one in found)
    return {int(at): (value.text or "") for at, value in placed if at.isdigit() and value is not None}


def _first(holder: Element | None) -> str:
    found = descendants(holder, "v") if holder is not None else ()
    return next((one.text or "" for one in found), "")


def _words(holder: Element) -> str:
    return " ".join("".join(one.text or "" for one in descendants(holder, "t")).split())
