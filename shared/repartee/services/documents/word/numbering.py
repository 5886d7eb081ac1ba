"""Counts the automatic numbering of Word (ECMA-376, part 1, 17.9) as Word shows it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from repartee.services.documents.archive import Element, attribute, child, children
from repartee.services.documents.numerals import numeral
from repartee.services.documents.word.styles import Styles, switched_on

LEVELS = 9
PLACE = re.compile(r"%([1-9])")
BULLET = "-"


class Level(NamedTuple):
    """How one level is numbered. `text` holds %1, %2 … for the numbers of the levels."""

    format: str
    text: str
    start: int
    restart: int
    legal: bool


DEFAULT_LEVEL = Level("decimal", "%1.", 1, -1, False)


class Label(NamedTuple):
    """The label before a paragraph, and how deep it is in its list."""

    text: str
    level: int


class Numbering:
    """The lists of a document, and how far each has counted."""

    def __init__(self, root: Element, styles: Styles) -> None:
        self._styles = styles
        self._abstract = {attribute(one, "abstractNumId"): one for one in children(root, "abstractNum")}
        self._numbers = {attribute(one, "numId"): one for one in children(root, "num")}
        self._levels: dict[str, Mapping[int, Level]] = {}
        self._counts: dict[str, list[int | None]] = {}
        self._begun: set[tuple[str, int]] = set()

    def label(self, properties: Element | None, style: str) -> Label | None:
        """Counts one paragraph. None where it is in no list."""
        own, by_style = child(properties, "numPr"), self._styles.numbering(style)
        number = _value(own, "numId") or _value(by_style, "numId")
        if number in ("", "0") or number not in self._numbers:
            return None
        level = _value(own, "ilvl") or self._level_of_style(number, style) or _value(by_style, "ilvl") or "0"
        return self._next(number, min(int(level), LEVELS - 1)) if level.isdigit() else None

    def _next(self, number: str, level: int) -> Label:
        levels = self._levels_of(number)
        counts = self._counts.setdefault(self._abstract_id(number), [None] * LEVELS)
        self._restart_overridden(number, level, counts)
        current = counts[level]
        counts[level] = levels.get(level, DEFAULT_LEVEL).start if current is None else current + 1
        for deeper in range(level + 1, LEVELS):
            restart = levels.get(deeper, DEFAULT_LEVEL).restart
            if restart != 0 and (restart < 0 or level < restart):
                counts[deeper] = None
        return Label(_text(levels, counts, level), level)

    def _restart_overridden(self, number: str, level: int, counts: list[int | None]) -> None:
        """Lets a list that starts anew at a number do so, once."""
        for override in children(self._numbers[number], "lvlOverride"):
            at = attribute(override, "ilvl")
            start = _value(override, "startOverride")
            if at == str(level) and start.isdigit() and (number, level) not in self._begun:
                counts[level] = int(start) - 1
        self._begun.add((number, level))

    def _levels_of(self, number: str) -> Mapping[int, Level]:
        if number not in self._levels:
            found = _levels(self._abstract.get(self._abstract_id(number)))
            for override in children(self._numbers[number], "lvlOverride"):
                found |= _levels(override)
            self._levels[number] = found
        return self._levels[number]

    def _abstract_id(self, number: str) -> str:
        """Returns the list that a number counts in, through the list style that it may stand for."""
        own = _value(self._numbers.get(number), "abstractNumId")
        style = _value(self._abstract.get(own), "numStyleLink")
        linked = self._numbers.get(self._styles.numbering_of_list_style(style)) if style else None
        return _value(linked, "abstractNumId") or own

    def _level_of_style(self, number: str, style: str) -> str:
        """Returns the level that names the paragraph's style as its own."""
        levels = children(self._abstract.get(self._abstract_id(number)), "lvl")
        return next((attribute(one, "ilvl") for one in levels if _value(one, "pStyle") == style != ""), "")


def _text(levels: Mapping[int, Level], counts: list[int | None], level: int) -> str:
    own = levels.get(level, DEFAULT_LEVEL)
    if own.format == "bullet":
        return BULLET

    def number(place: re.Match[str]) -> str:
        at = int(place[1]) - 1
        of = levels.get(at, DEFAULT_LEVEL)
        count = counts[at] if counts[at] is not None else of.start
        return numeral(count or 0, "decimal" if own.legal else of.format)

    return PLACE.sub(number, own.text).strip()


def _levels(holder: Element | None) -> dict[int, Level]:
    found = ((attribute(one, "ilvl"), one) for one in children(holder, "lvl"))
    return {int(at): _level(one) for at, one in found if at.isdigit()}


def _level(one: Element) -> Level:
    start, restart = _value(one, "start"), _value(one, "lvlRestart")
    return Level(
        format=_value(one, "numFmt")
        or _value(child(one, "AlternateContent", "Choice"), "numFmt")
        or "decimal",
        text=_value(one, "lvlText"),
        start=int(start) if start.isdigit() else 1,
        restart=int(restart) if restart.isdigit() else -1,
        legal=switched_on(child(one, "isLgl")),
    )


def _value(holder: Element | None, name: str) -> str:
    return attribute(child(holder, name), "val")
