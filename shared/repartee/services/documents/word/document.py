"""Reads the parts of a Word document in the order in which a person meets them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from repartee.services.documents.archive import Archive, Element, attribute, children
from repartee.services.documents.extract import Extract
from repartee.services.documents.word.blocks import Blocks
from repartee.services.documents.word.numbering import Numbering
from repartee.services.documents.word.styles import Styles

DEFAULT_PART = "word/document.xml"

REFERENCE = re.compile(r"\[\^(e?)(-?\d+)\]")
"""How the text refers to a note, by the id that the file gives it."""

SEPARATORS = ("separator", "continuationSeparator", "continuationNotice")


def read(content: bytes, into: Extract) -> None:
    """Adds headers, text with tables, footnotes, endnotes, comments and footers."""
    with Archive(content) as archive:
        _Document(archive, into).read()


class _Document:
    def __init__(self, archive: Archive, into: Extract) -> None:
        self._archive, self._into = archive, into
        self._main = _main_part(archive)
        self._folder = posixpath.dirname(self._main)
        self._styles = Styles(archive.root(self._part("styles.xml")))
        self._numbering = Numbering(archive.root(self._part("numbering.xml")), self._styles)
        self._note_numbers = {
            prefix + attribute(note, "id"): number
            for file, kind, prefix in (("footnotes.xml", "footnote", ""), ("endnotes.xml", "endnote", "e"))
            for number, note in enumerate(self._shown_notes(file, kind), 1)
        }

    def read(self) -> None:
        self._margins("header")
        for block in self._blocks(self._main).lines(self._archive.blocks(self._main, "body")):
            if self._into.enough():
                return
            self._into.add(REFERENCE.sub(self._referred, block))
        self._notes("footnotes.xml", "footnote", "")
        self._notes("endnotes.xml", "endnote", "e")
        self._comments()
        self._margins("footer")

    def _blocks(self, part: str) -> Blocks:
        return Blocks(self._styles, self._numbering, self._archive, part)

    def _part(self, name: str) -> str:
        return posixpath.join(self._folder, name)

    def _margins(self, kind: str) -> None:
        """Adds headers or footers, each text once: a document has up to three a section."""
        name = re.compile(rf"{re.escape(self._folder)}/{kind}\d*\.xml")
        texts = (self._text_of(part) for part in sorted(filter(name.fullmatch, self._archive.names)))
        for text in dict.fromkeys(text for text in texts if text):
            self._into.add(f"\n\n[{kind}] {text}\n\n")

    def _text_of(self, part: str) -> str:
        return "".join(self._blocks(part).lines(self._archive.root(part))).strip()

    def _notes(self, file: str, kind: str, prefix: str) -> None:
        for number, note in enumerate(self._shown_notes(file, kind), 1):
            if self._into.enough():
                return
            if text := self._entry_text(file, note):
                self._into.add(f"\n[^{prefix}{number}]: {text}\n")

    def _shown_notes(self, file: str, kind: str) -> Iterator[Element]:
        root = self._archive.root(self._part(file))
        notes = list(children(root, kind)) or [root]  # what other programs write knows no single notes
        return (note for note in notes if attribute(note, "type") not in SEPARATORS)

    def _referred(self, reference: re.Match[str]) -> str:
        """Returns the reference with the note's number, which counts from 1."""
        prefix = reference[1]
        return f"[^{prefix}{self._note_numbers.get(prefix + reference[2], reference[2])}]"

    def _comments(self) -> None:
        for comment in children(self._archive.root(self._part("comments.xml")), "comment"):
            text = self._entry_text("comments.xml", comment)
            author = f" {name}:" if (name := attribute(comment, "author").strip()) else ""
            if text:
                self._into.add(f"\n[comment {attribute(comment, 'id')}]{author} {text}\n")

    def _entry_text(self, file: str, entry: Element) -> str:
        return " ".join("".join(self._blocks(self._part(file)).lines(entry)).split())


def _main_part(archive: Archive) -> str:
    """Returns the part that the package names as its document, or the usual one."""
    named = (one.target for one in archive.relations("").values() if one.type == "officeDocument")
    return next((part for part in named if part in archive.names), DEFAULT_PART)
