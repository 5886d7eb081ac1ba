"""Tells what the styles of a Word document say: which are headings, which are hidden, which are numbered."""

from __future__ import annotations

import re
from collections.abc import Iterator

from repartee.services.documents.archive import Element, attribute, child, children

HEADING = re.compile(
    r"(?:heading|berschrift|titre|t[ií]tulo|titolo|ba[sş]l[iı]k|kop|rubrik)\s?([1-9])", re.IGNORECASE
)
"""How styles of headings are called in documents that name no style."""

MAX_BASES = 12
"""Styles that one style may be based on, one after the other."""


class Styles:
    """The styles by their ids. A style has what it is based on has."""

    def __init__(self, root: Element) -> None:
        self._styles = {attribute(one, "styleId"): one for one in children(root, "style")}

    def heading_level(self, style: str, properties: Element | None) -> int:
        """Returns the depth of a heading, 0 for other paragraphs."""
        outline = child(properties, "outlineLvl")
        if outline is None and style not in self._styles:
            found = HEADING.search(style)
            return int(found[1]) if found else 0
        for one in self._with_bases(style):
            outline = outline if outline is not None else child(one, "pPr", "outlineLvl")
            if found := HEADING.fullmatch(attribute(child(one, "name"), "val")):
                return int(found[1])
        if attribute(child(self._styles.get(style), "name"), "val").lower() == "title":
            return 1
        level = attribute(outline, "val", "9")
        return int(level) + 1 if level.isdigit() and int(level) < 9 else 0

    def hidden(self, style: str) -> bool:
        """Tells whether text of that style is not shown."""
        return self._has(style, "vanish")

    def numbering(self, style: str) -> Element | None:
        """Returns the numbering that a paragraph has by its style."""
        found = (child(one, "pPr", "numPr") for one in self._with_bases(style))
        return next((one for one in found if one is not None), None)

    def numbering_of_list_style(self, style: str) -> str:
        """Returns the id of the numbering that a list style stands for."""
        return attribute(child(self._styles.get(style), "pPr", "numPr", "numId"), "val")

    def _has(self, style: str, mark: str) -> bool:
        found = (child(one, "rPr", mark) for one in self._with_bases(style))
        return next((switched_on(one) for one in found if one is not None), False)

    def _with_bases(self, style: str) -> Iterator[Element]:
        for _ in range(MAX_BASES):
            one = self._styles.get(style)
            if one is None:
                return
            yield one
            style = attribute(child(one, "basedOn"), "val")


def switched_on(mark: Element | None) -> bool:
    """Tells whether a mark such as `<w:vanish/>` is there and not switched off."""
    return mark is not None and attribute(mark, "val", "true") not in ("0", "false", "off", "none")
