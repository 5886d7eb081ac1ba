"""Reads the parts of an OpenDocument in the order in which a person meets them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from repartee.errors import InvalidPayload
from repartee.services.documents import markdown
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
from repartee.services.documents.odf import tables
from repartee.services.documents.odf.blocks import OdfBlocks, notes_of
from repartee.services.documents.odf.styles import OdfStyles

OFFICE = "office:1.0}"
CONTENT, STYLES = "content.xml", "styles.xml"
MAX_SHEETS = 20


def read_text(content: bytes, into: Extract) -> None:
    """Adds headers, text with lists and tables, notes, comments and footers."""
    with _opened(content) as archive:
        blocks = OdfBlocks(_styles(archive))
        margins = list(descendants(archive.root(STYLES), "header", "footer"))
        _margins(margins, "header", blocks, into)
        for line in blocks.lines(archive.blocks(CONTENT, f"{OFFICE}text")):
            if into.enough():
                return
            into.add(line)
        _aside(blocks, into)
        _margins(margins, "footer", blocks, into)


def read_spreadsheet(content: bytes, into: Extract) -> None:
    """Adds the sheets as tables, values as they are shown, dates as ISO 8601 writes them."""
    with _opened(content) as archive:
        blocks = OdfBlocks(_styles(archive))
        styles = _styles(archive)
        number = 0
        for number, sheet in enumerate(_sheets(archive), 1):
            if number > MAX_SHEETS or into.enough():
                into.cut_off()
                continue
            hidden = " (hidden)" if styles.hidden(attribute(sheet, "style-name")) else ""
            into.add(f"\n\n[sheet {attribute(sheet, 'name')}{hidden}]\n")
            _sheet(sheet, blocks, into)
        into.parts = count_of(number, "sheet")
        _aside(blocks, into)


def read_presentation(content: bytes, into: Extract) -> None:
    """Adds slide by slide, each with its notes."""
    with _opened(content) as archive:
        styles = _styles(archive)
        number = 0
        for page in archive.blocks(CONTENT, f"{OFFICE}presentation"):
            if local(page) != "page" or into.enough():
                continue
            number += 1
            hidden = attribute(page, "visibility") == "hidden" or styles.hidden(attribute(page, "style-name"))
            into.add(f"\n\n[slide {number}{' (hidden)' if hidden else ''}]\n")
            _slide(page, styles, into)
        into.parts = count_of(number, "slide")


def _opened(content: bytes) -> Archive:
    archive = Archive(content)
    if next(descendants(archive.root("META-INF/manifest.xml"), "encryption-data"), None) is not None:
        raise InvalidPayload("a document with a password: send it without one")
    return archive


def _styles(archive: Archive) -> OdfStyles:
    """Returns the styles of the document and those that its content brings along."""
    common = archive.root(STYLES)
    own = Element("automatic-styles")
    own.extend(archive.blocks(CONTENT, "automatic-styles"))
    return OdfStyles([one for one in common if local(one) in ("styles", "automatic-styles")] + [own])


def _margins(margins: list[Element], kind: str, blocks: OdfBlocks, into: Extract) -> None:
    texts = ("".join(blocks.lines(one)).strip() for one in margins if local(one) == kind)
    for text in dict.fromkeys(text for text in texts if text):
        into.add(f"\n\n[{kind}] {text}\n\n")


def _aside(blocks: OdfBlocks, into: Extract) -> None:
    for number, note in enumerate(blocks.inline.notes, 1):
        into.add(f"\n[^{number}]: {note}\n")
    for number, comment in enumerate(blocks.inline.comments, 1):
        into.add(f"\n[comment {number}] {comment}\n")


def _sheets(archive: Archive) -> Iterator[Element]:
    return (one for one in archive.blocks(CONTENT, f"{OFFICE}spreadsheet") if local(one) == "table")


def _sheet(sheet: Element, blocks: OdfBlocks, into: Extract) -> None:
    uncomputed: list[str] = []
    rows = tables.rows(sheet, partial(_value, blocks=blocks, uncomputed=uncomputed))
    into.add(f"{markdown.table(rows)}\n")
    if uncomputed:
        into.add("[not computed: the file holds no values for some formulas, which are shown as formulas]\n")
    if tables.hidden_rows(sheet):
        into.add("[some rows shown here are hidden in the sheet]\n")
    if tables.has_more_rows(sheet):
        into.add(f"[only the first {tables.MAX_ROWS} rows are read]\n")
        into.cut_off()


def _value(cell: Element, blocks: OdfBlocks, uncomputed: list[str]) -> str:
    shown = " ".join(blocks.inline.text(one) for one in children(cell, "p"))
    shown += "".join(map(blocks.inline.comment, children(cell, "annotation")))
    kind = attribute(cell, "value-type")
    if kind == "date":
        return attribute(cell, "date-value").removesuffix("T00:00:00").replace("T", " ") or shown
    formula = attribute(cell, "formula").partition(":")[2]
    if formula and not shown and not attribute(cell, "value") and kind != "string":
        uncomputed.append(formula)
        return formula.replace("[.", "").replace("]", "").replace(":.", ":")
    return shown or attribute(cell, "value")


def _slide(page: Element, styles: OdfStyles, into: Extract) -> None:
    blocks = OdfBlocks(styles)
    frames = [one for one in page if local(one) not in ("notes", "forms")]
    titles = [one for one in frames if attribute(one, "class") == "title"]
    for frame in titles:
        into.add(f"\n## {blocks.inline.paragraphs(frame)}\n")
    for frame in (one for one in frames if one not in titles):
        table = child(frame, "table")
        into.add("".join(blocks.lines([table if table is not None else frame])))
    for frame in notes_of(page):
        if text := blocks.inline.paragraphs(frame):
            into.add(f"\n[notes] {text}\n")
    _aside(blocks, into)
