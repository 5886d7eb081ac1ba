"""The zip that an Office document is: looked at from outside before anything in it is unpacked."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from io import BytesIO
from xml.parsers import expat

from repartee.errors import InvalidPayload, PayloadTooLarge

PARTS = 2_000
"""Parts of a document. One with a hundred slides has some hundreds."""

LARGEST_PART = 32 * 1024 * 1024
"""Bytes that one part of XML may unpack to: as many as three million words."""

PIECE = 64 * 1024


def opened(content: bytes) -> zipfile.ZipFile:
    """The document's parts. Raises `TooLarge` if they unpack to more than one has memory for. The sizes that
    an archive states are binding: no more than that is ever unpacked."""
    archive = zipfile.ZipFile(BytesIO(content))
    parts = archive.infolist()
    if len(parts) > PARTS:
        raise PayloadTooLarge(f"a document of {len(parts)} parts: send it as PDF")
    if any(part.file_size > LARGEST_PART for part in xml_parts(archive)):
        raise PayloadTooLarge("a document that unpacks to too much: send the part that matters")
    if any(part.flag_bits & 1 for part in parts):
        raise InvalidPayload("a document with a password: send it without one")
    return archive


def xml_parts(archive: zipfile.ZipFile) -> Iterator[zipfile.ZipInfo]:
    """What is read: pictures among the parts may be as large as they like."""
    return (part for part in archive.infolist() if part.filename.lower().endswith((".xml", ".rels", ".vml")))


def pieces(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """One part, unpacked piece by piece."""
    with archive.open(name) as part:
        while piece := part.read(PIECE):
            yield piece


def refuse_entities(archive: zipfile.ZipFile) -> None:
    """Raises `Malformed` if any part declares a document type, in which entities could be: Office's formats
    forbid it (ECMA-376, part 2, 6.5)."""
    for part in xml_parts(archive):
        _look_at(archive, part.filename)


def parser() -> expat.XMLParserType:
    """An XML parser that takes no entities, and names elements `namespace local`."""
    made = expat.ParserCreate(namespace_separator=" ")
    made.StartDoctypeDeclHandler = _refuse
    made.buffer_text = True
    return made


def _look_at(archive: zipfile.ZipFile, name: str) -> None:
    """Reads on until the part's first element, before which a document type would be."""
    looking, begun = parser(), []
    looking.StartElementHandler = lambda *element: begun.append(True)
    for piece in pieces(archive, name):
        looking.Parse(piece, False)
        if begun:
            return


def _refuse(*declared: object) -> None:
    raise InvalidPayload("a document that declares entities, which none needs: save it anew")
