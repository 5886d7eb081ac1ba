"""Tells what the styles of an OpenDocument say: what is hidden or struck, and how lists are numbered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from repartee.services.documents.archive import Element, attribute, local
from repartee.services.documents.numerals import numeral

FORMATS = {
    "1": "decimal",
    "a": "lowerLetter",
    "A": "upperLetter",
    "i": "lowerRoman",
    "I": "upperRoman",
    "一, 二, 三, ...": "chineseCounting",
    "甲, 乙, 丙, ...": "ideographTraditional",
    "ア, イ, ウ, ...": "aiueo",
    "イ, ロ, ハ, ...": "iroha",
    "१, २, ३, ...": "hindiNumbers",
}

MAX_PARENTS = 12
"""Styles that one style may be based on, one after the other."""


class OdfLevel(NamedTuple):
    """How one level of a list is numbered; a bullet has no format."""

    bullet: bool
    format: str
    before: str
    after: str
    shown_levels: int
    start: int


class OdfStyles:
    """The named styles, those of the document before those of the file's beginning."""

    def __init__(self, holders: Iterable[Element]) -> None:
        self._styles: dict[str, Element] = {}
        self._lists: dict[str, Mapping[int, OdfLevel]] = {}
        self.outline: Mapping[int, OdfLevel] = {}
        for one in (style for holder in holders for style in holder):
            if local(one) == "outline-style":
                self.outline = _levels(one)
            elif local(one) == "list-style":
                self._lists[attribute(one, "name")] = _levels(one)
            else:
                self._styles[attribute(one, "name")] = one

    def hidden(self, style: str) -> bool:
        """Tells whether text or a table of that style is not shown."""
        return self._property(style, "display") in ("none", "false")

    def raised(self, style: str) -> bool:
        """Tells whether text of that style is superscript: by that word, or by a share of its height."""
        position = self._property(style, "text-position").partition(" ")[0]
        return position == "super" or (position[:1].isdigit() and position.strip("0.%") != "")

    def struck(self, style: str) -> bool:
        """Tells whether text of that style is crossed out."""
        return self._property(style, "text-line-through-style", "none") != "none"

    def list_levels(self, style: str) -> Mapping[int, OdfLevel]:
        """Returns the levels of a list by their depth, from 1."""
        return self._lists.get(style, {})

    def list_of(self, paragraph_style: str) -> str:
        """Returns the list style that paragraphs of a style are numbered by."""
        found = (attribute(one, "list-style-name") for one in self._with_parents(paragraph_style))
        return next((name for name in found if name), "")

    def _property(self, style: str, name: str, default: str = "") -> str:
        for one in self._with_parents(style):
            for properties in one:
                if value := attribute(properties, name):
                    return value
        return default

    def _with_parents(self, style: str) -> Iterator[Element]:
        for _ in range(MAX_PARENTS):
            one = self._styles.get(style)
            if one is None:
                return
            yield one
            style = attribute(one, "parent-style-name")


def label(levels: Mapping[int, OdfLevel], counts: Mapping[int, int], depth: int) -> str:
    """Returns what stands before an item: its number, or the mark of a bullet."""
    own = levels.get(depth)
    if own is None or own.bullet:
        return "-"
    if not own.format:
        return ""
    shown = range(max(1, depth - own.shown_levels + 1), depth + 1)
    numbered = ((levels.get(at, own), counts.get(at, 1)) for at in shown)
    numbers = (numeral(count, FORMATS.get(of.format, "decimal")) for of, count in numbered if of.format)
    return f"{own.before}{'.'.join(numbers)}{own.after}".strip()


def _levels(style: Element) -> Mapping[int, OdfLevel]:
    found = ((attribute(one, "level"), one) for one in style)
    return {int(at): _level(one) for at, one in found if at.isdigit()}


def _level(one: Element) -> OdfLevel:
    shown, start = attribute(one, "display-levels", "1"), attribute(one, "start-value", "1")
    return OdfLevel(
        bullet="bullet" in local(one) or "image" in local(one),
        format=attribute(one, "num-format"),
        before=attribute(one, "num-prefix"),
        after=attribute(one, "num-suffix"),
        shown_levels=int(shown) if shown.isdigit() else 1,
        start=int(start) if start.isdigit() else 1,
    )
