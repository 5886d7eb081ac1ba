"""Reads PowerPoint presentations (ECMA-376, part 1, 19) slide by slide, as they are presented."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from repartee.services.documents import charts, grid, markdown
from repartee.services.documents.archive import (
    Archive,
    Element,
    attribute,
    child,
    children,
    descendants,
    local,
)
from repartee.services.documents.extract import Extract, count_of
from repartee.services.documents.numerals import numeral

MAIN = "ppt/presentation.xml"
SLIDE = re.compile(r"ppt/slides/slide(\d+)\.xml")

TITLES = {"title", "ctrTitle"}
FURNITURE = {"sldNum", "dt", "sldImg", "hdr", "ftr"}
"""Placeholders that say nothing of their slide."""

AUTOMATIC = {"arabic": "decimal", "romanUc": "upperRoman", "romanLc": "lowerRoman", "alphaUc": "upperLetter",
             "alphaLc": "lowerLetter"}  # fmt: skip

MAX_DEPTH = 40
"""Groups within one another that are read."""


def read(content: bytes, into: Extract) -> None:
    """Adds each slide with its title, text, tables, charts, comments and notes."""
    with Archive(content) as archive:
        slides = _in_order(archive)
        into.parts = count_of(len(slides), "slide")
        for number, part in enumerate(slides, 1):
            if into.enough():
                return
            into.add("".join(_Slide(archive, part).lines(number)))


def _in_order(archive: Archive) -> Sequence[str]:
    """Returns the slides' parts as the presentation lists them; those that it lists nowhere by their
    numbers."""
    relations = archive.relations(MAIN)
    listed = descendants(archive.root(MAIN), "sldId")
    targets = [relations[key].target for one in listed if (key := _relation_id(one)) in relations]
    found = [target for target in targets if target in archive.names]
    numbered = filter(None, map(SLIDE.fullmatch, archive.names))
    return found or [match[0] for match in sorted(numbered, key=lambda match: int(match[1]))]


def _relation_id(element: Element) -> str:
    return next((value for key, value in element.items() if key.endswith("}id")), "")


class _Slide:
    def __init__(self, archive: Archive, part: str) -> None:
        self._archive, self._part = archive, part
        self._relations = archive.relations(part)

    def lines(self, number: int) -> Iterator[str]:
        root = self._archive.root(self._part)
        hidden = " (hidden)" if attribute(root, "show", "1") in ("0", "false") else ""
        yield f"\n\n[slide {number}{hidden}]\n"
        tree = child(root, "cSld", "spTree")
        shapes = list(_shapes(tree))
        yield _paragraphs(root) if tree is None else ""
        for shape in sorted(shapes, key=lambda one: _placeholder(one) not in TITLES):
            yield from self._shape(shape)
        yield from self._notes()
        yield from self._comments()

    def _shape(self, shape: Element) -> Iterator[str]:
        kind = _placeholder(shape)
        if kind in FURNITURE:
            return
        name = local(shape)
        if name in ("sp", "cxnSp"):
            text = _paragraphs(child(shape, "txBody"))
            yield f"\n## {' '.join(text.split())}\n" if kind in TITLES and text.strip() else text
        elif name == "graphicFrame":
            yield self._graphic(shape)
        elif name == "pic":
            about = attribute(next(descendants(shape, "cNvPr"), None), "descr")
            yield f"[picture: {' '.join(about.split())}]\n" if about else "[picture]\n"

    def _graphic(self, frame: Element) -> str:
        for table in descendants(frame, "tbl"):
            return f"\n{_table(table)}\n"
        for reference in descendants(frame, "chart", "relIds"):
            relation = self._relations.get(attribute(reference, "id") or attribute(reference, "dm"))
            if relation:
                return f"\n{charts.read(self._archive, relation.target)}\n"
        return "[an embedded object, which is not read]\n"

    def _notes(self) -> Iterator[str]:
        for part in self._parts_of(
            "notesSlide", r"ppt/slides/slide(\d+)\.xml", "ppt/notesSlides/notesSlide{}.xml"
        ):
            shapes = _shapes(child(self._archive.root(part), "cSld", "spTree"))
            texts = (
                _paragraphs(child(one, "txBody")) for one in shapes if _placeholder(one) not in FURNITURE
            )
            if text := "".join(texts).strip():
                yield f"\n[notes] {text}\n"

    def _comments(self) -> Iterator[str]:
        for part in self._parts_of("comments", "", ""):
            for comment in descendants(self._archive.root(part), "cm"):
                text = " ".join("".join(one.text or "" for one in descendants(comment, "text", "t")).split())
                if text:
                    yield f"\n[comment] {text}\n"

    def _parts_of(self, kind: str, own: str, usual: str) -> Sequence[str]:
        """Returns the related parts of that kind; where a slide has no relations, the one of the same
        number."""
        found = [one.target for one in self._relations.values() if one.type == kind]
        number = re.fullmatch(own, self._part) if own and not self._relations else None
        return [
            part
            for part in (found or [usual.format(number[1])] if number else found)
            if part in self._archive.names
        ]


def _shapes(tree: Element | None, depth: int = 0) -> Iterator[Element]:
    """Yields the shapes, those in groups too. Of two ways to show one, the first."""
    for shape in tree if tree is not None else ():
        name = local(shape)
        if name in ("grpSp", "Choice") and depth < MAX_DEPTH:
            yield from _shapes(shape, depth + 1)
        elif name == "AlternateContent":
            chosen = child(shape, "Choice")
            yield from _shapes(chosen if chosen is not None else child(shape, "Fallback"), depth + 1)
        else:
            yield shape


def _placeholder(shape: Element) -> str:
    for properties in children(shape, "nvSpPr"):
        found = child(properties, "nvPr", "ph")
        return attribute(found, "type", "body") if found is not None else ""
    return ""


def _table(table: Element) -> str:
    rows = grid.Grid()
    for row in children(table, "tr"):
        rows.start_row()
        for cell in children(row, "tc"):
            if attribute(cell, "vMerge") in ("1", "true"):
                rows.repeat_above()
            else:
                rows.add(_paragraphs(child(cell, "txBody")))
    return markdown.table(rows.rows())


def _paragraphs(body: Element | None) -> str:
    lines, counted = [], dict[int, int]()
    for paragraph in children(body, "p"):
        text = _text(paragraph)
        if text.strip():
            lines.append(f"{_bulleted(text, child(paragraph, 'pPr'), counted)}\n")
    return "".join(lines)


def _text(paragraph: Element) -> str:
    breaks = {"br": "\n", "tab": "\t"}
    return "".join(breaks.get(local(one)) or one.text or "" for one in descendants(paragraph, "t", *breaks))


def _bulleted(text: str, properties: Element | None, counted: dict[int, int]) -> str:
    level = int(attribute(properties, "lvl", "0")) if attribute(properties, "lvl", "0").isdigit() else 0
    automatic = child(properties, "buAutoNum")
    for deeper in [at for at in counted if at > level]:
        del counted[deeper]
    if automatic is None:
        counted.pop(level, None)
        return markdown.indented(text, "-" if level or child(properties, "buChar") is not None else "", level)
    start = attribute(automatic, "startAt", "1")
    counted[level] = counted.get(level, int(start) - 1 if start.isdigit() else 0) + 1
    return markdown.indented(text, _number(counted[level], attribute(automatic, "type")), level)


def _number(count: int, kind: str) -> str:
    format = next((name for beginning, name in AUTOMATIC.items() if kind.startswith(beginning)), "decimal")  # noqa: A001
    written = numeral(count, format)
    return f"({written})" if "ParenBoth" in kind else f"{written})" if "ParenR" in kind else f"{written}."
