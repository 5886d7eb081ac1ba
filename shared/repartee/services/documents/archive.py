"""Looks into the zip that an Office document is, before and while its parts are unpacked."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import NamedTuple, cast
from xml.etree import ElementTree
from xml.parsers import expat

from repartee.errors import InvalidPayload, PayloadTooLarge

MAX_PARTS = 2_000
"""Parts of a document. One with a hundred slides has some hundreds."""

MAX_PART_BYTES = 32 * 2**20
"""Bytes that one part of XML may unpack to: about three million words."""

CHUNK_BYTES = 64 * 1024

XML_ENDINGS = (".xml", ".rels", ".vml")

Element = ElementTree.Element


class Relation(NamedTuple):
    """A reference from one part to another or to an address outside."""

    type: str
    target: str


class Archive:
    """The parts of a document. Raises `PayloadTooLarge` if they unpack to more than there is memory for,
    `InvalidPayload` for a password and for XML that declares entities, which Office's formats forbid
    (ECMA-376, part 2, 6.5). The sizes that an archive states are binding: no more than that is unpacked."""

    def __init__(self, content: bytes, max_part_bytes: int = MAX_PART_BYTES) -> None:
        self._zip = zipfile.ZipFile(BytesIO(content))
        parts = self._zip.infolist()
        if len(parts) > MAX_PARTS:
            raise PayloadTooLarge(f"a document of {len(parts)} parts: send it as PDF")
        if any(part.flag_bits & 1 for part in parts):
            raise InvalidPayload("a document with a password: send it without one")
        self.sizes = {part.filename: part.file_size for part in parts if _is_xml(part.filename)}
        if any(size > max_part_bytes for size in self.sizes.values()):
            raise PayloadTooLarge("a document that unpacks to too much: send the part that matters")
        self.names = frozenset(self._zip.namelist())

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def refuse_entities(self) -> None:
        """Raises `InvalidPayload` if any part of XML declares a document type."""
        for name in self.sizes:
            self._look_at_head(name)

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yields one part, unpacked chunk by chunk."""
        with self._zip.open(name) as part:
            while chunk := part.read(CHUNK_BYTES):
                yield chunk

    def root(self, name: str) -> Element:
        """Returns one part as a tree; an empty element if there is no such part."""
        if name not in self.names:
            return Element("none")
        self._look_at_head(name)
        parser = ElementTree.XMLParser()
        for chunk in self.chunks(name):
            parser.feed(chunk)
        return parser.close()

    def blocks(self, name: str, parent: str) -> Iterator[Element]:
        """Yields the children of the first element of that name (local, or with its namespace as
        `namespace}name`), one by one as they are unpacked. Each is let go when the next is asked for, so that
        memory holds one of them."""
        self._look_at_head(name)
        reading = _Blocks(parent)
        for chunk in self.chunks(name):
            yield from reading.feed(chunk)
        yield from reading.close()

    def relations(self, name: str) -> Mapping[str, Relation]:
        """Returns what a part refers to, by the ids it uses for that."""
        folder, file = posixpath.split(name)
        found = self.root(posixpath.join(folder, "_rels", f"{file}.rels"))
        return {one.get("Id", ""): _relation(one, folder) for one in found}

    def _look_at_head(self, name: str) -> None:
        """Reads up to the part's first element, before which a document type would be."""
        parser, begun = expat.ParserCreate(), []
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.StartElementHandler = lambda *element: begun.append(True)
        for chunk in self.chunks(name):
            parser.Parse(chunk, False)
            if begun:
                return


class _Blocks:
    """Finds the children of one element while the XML comes in."""

    def __init__(self, parent: str) -> None:
        self._parser: ElementTree.XMLPullParser[Element] = ElementTree.XMLPullParser(events=("start", "end"))
        self._parent, self._open = parent, [Element("none")]
        self._holder: Element | None = None

    def feed(self, chunk: bytes) -> Iterator[Element]:
        self._parser.feed(chunk)
        yield from self._complete()

    def close(self) -> Iterator[Element]:
        self._parser.close()
        yield from self._complete()

    def _complete(self) -> Iterator[Element]:
        for event, element in cast("Iterator[tuple[str, Element]]", self._parser.read_events()):
            if event == "start":
                self._open.append(element)
                if self._holder is None and _is(element, self._parent):
                    self._holder = element
                continue
            self._open.pop()
            if self._holder is not None and self._open[-1] is self._holder:
                yield element
                self._holder.clear()


def local(element: Element) -> str:
    """Returns an element's name without its namespace, which strict and old files spell differently."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _is(element: Element, name: str) -> bool:
    return local(element) == name or ("}" in name and element.tag.endswith(name))


def attribute(element: Element | None, name: str, default: str = "") -> str:
    """Returns an attribute by its local name."""
    if element is None:
        return default
    return next((value for key, value in element.items() if key.rpartition("}")[2] == name), default)


def child(element: Element | None, *names: str) -> Element | None:
    """Returns the first child of these local names, level by level; None where one is missing."""
    for name in names:
        element = next((one for one in element if local(one) == name), None) if element is not None else None
    return element


def children(element: Element | None, name: str) -> Iterator[Element]:
    """Yields the children of that local name."""
    return (one for one in (element if element is not None else ()) if local(one) == name)


def descendants(element: Element, *names: str) -> Iterator[Element]:
    """Yields all elements below of these local names, in their order."""
    return (one for one in element.iter() if local(one) in names)


def _relation(one: Element, folder: str) -> Relation:
    target = one.get("Target", "")
    if one.get("TargetMode") != "External":
        target = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
    return Relation(one.get("Type", "").rpartition("/")[2], target)


def _is_xml(name: str) -> bool:
    return name.lower().endswith(XML_ENDINGS)


def _refuse_doctype(*declared: object) -> None:
    raise InvalidPayload("a document that declares entities, which none needs: save it anew")
