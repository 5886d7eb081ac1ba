"""The text of Word and PowerPoint documents, as it stands in their XML (ECMA-376, parts 17 and 21).

Read from the stream, and no further than is wanted: the libraries for it build the whole document in memory
(python-docx with lxml, which a layer would have to carry; mammoth at 0.6 s a megabyte).
"""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from repartee.services.documents import archive
from repartee.services.documents.extract import Extract

WORD = ("word/document.xml", "word/footnotes.xml", "word/endnotes.xml")
SLIDE = re.compile(r"ppt/slides/slide(\d+)\.xml")

HEADING = re.compile(r"(?:heading|berschrift|titre|t[ií]tulo)\s?([1-6])", re.IGNORECASE)
"""How the styles of headings are called, whose number is their depth."""

WITHIN = {
    **dict.fromkeys(("Fallback", "rPr", "sdtPr", "sectPr", "tblPr", "tcPr", "trPr"), "silence"),
    "pPr": "style",
    "t": "text",
    "tc": "cell",
}
"""Elements by what one is within, inside of them. In `silence` nothing is said, or the same once more."""

BEGINNINGS = {"br": "\n", "cr": "\n", "tab": "\t"}
ENDINGS = {"tc": "| ", "tr": "\n"}


def read_word(content: bytes, into: Extract) -> None:
    """Text, tables, headings; then the notes."""
    with archive.opened(content) as parts:
        _read(parts, [name for name in WORD if name in parts.namelist()], into)


def read_slides(content: bytes, into: Extract) -> None:
    """Slide by slide, in their order."""
    with archive.opened(content) as parts:
        found = {int(match[1]): match[0] for match in map(SLIDE.fullmatch, parts.namelist()) if match}
        into.parts = f"{len(found)} slide{'' if len(found) == 1 else 's'}"
        _read(parts, [found[number] for number in sorted(found)], into, "\n\n[slide {}]\n")


def _read(parts: zipfile.ZipFile, names: Sequence[str], into: Extract, title: str = "\n\n") -> None:
    for number, name in enumerate(names, 1):
        if into.enough():
            return
        into.add(title.format(number))
        _Words(into.add).of(archive.pieces(parts, name), into.enough)


class _Words:
    """The words among the elements. Word and PowerPoint name the same things alike: `p`, `t`, `tr`, `tc`."""

    def __init__(self, add: Callable[[str], None]) -> None:
        self._add = add
        self._within: Counter[str] = Counter()

    def of(self, pieces: Iterable[bytes], enough: Callable[[], bool]) -> None:
        """Reads on until there is enough."""
        parser = archive.parser()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._said
        for piece in pieces:
            if enough():
                return
            parser.Parse(piece, False)
        parser.Parse(b"", True)

    def _start(self, element: str, attributes: dict[str, str]) -> None:
        name = _local(element)
        if name in WITHIN:
            self._within[WITHIN[name]] += 1
        elif name == "pStyle":
            self._heading(next(iter(attributes.values()), ""))
        elif not self._within["style"]:
            self._write(BEGINNINGS.get(name, ""))

    def _end(self, element: str) -> None:
        name = _local(element)
        if name in WITHIN:
            self._within[WITHIN[name]] -= 1
        if name == "p":
            self._write(" " if self._within["cell"] else "\n")
        self._write(ENDINGS.get(name, ""))

    def _said(self, text: str) -> None:
        if self._within["text"]:
            self._write(text)

    def _heading(self, style: str) -> None:
        if found := HEADING.search(style):
            self._write("\n" + "#" * int(found[1]) + " ")

    def _write(self, text: str) -> None:
        if text and not self._within["silence"]:
            self._add(text)


def _local(element: str) -> str:
    return element.rpartition(" ")[2]
