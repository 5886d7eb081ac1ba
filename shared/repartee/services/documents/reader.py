"""Which document it is, who reads it, and what is said of one that nobody can read."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

from repartee.errors import InvalidPayload, RequestRejected
from repartee.ports import Document
from repartee.services.content_type import OFFICE_TYPE_PREFIX, detect_type
from repartee.services.documents import office, pdf, plain, sheets
from repartee.services.documents.extract import Extract

EMPTY = "{} without any text in it, as of a scan: send pictures of it, or recognise its text first"
LONG = "{} that is too long to read: send the part that matters"
DAMAGED = "{} that is damaged, or not what it says: open it, save it anew, and send that"

OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
"""What is in the old container of Office when it holds a document with a password."""


class DocumentKind(NamedTuple):
    """A kind of document: how it is called, and what reads it."""

    name: str
    read: Callable[[bytes, Extract], None]


TEXT = DocumentKind("a text", plain.read)
PAGE = DocumentKind("a web page", plain.read_page)
BY_TYPE: Mapping[str, DocumentKind] = {
    "application/pdf": DocumentKind("a PDF", pdf.read),
    OFFICE_TYPE_PREFIX + "wordprocessingml.document": DocumentKind("a Word document", office.read_word),
    OFFICE_TYPE_PREFIX + "presentationml.presentation": DocumentKind(
        "a PowerPoint presentation", office.read_slides
    ),
    OFFICE_TYPE_PREFIX + "spreadsheetml.sheet": DocumentKind("an Excel workbook", sheets.read),
}
BY_ENDING: Mapping[str, DocumentKind] = {
    "csv": DocumentKind("a CSV table", plain.read),
    "tsv": DocumentKind("a table", plain.read),
    "md": DocumentKind("a Markdown text", plain.read),
    "json": DocumentKind("a JSON file", plain.read),
    "html": PAGE,
    "htm": PAGE,
}
"""What names add to what bytes say: nothing but which text it is."""


class DocumentReader:
    """`ports.Documents` in this process: nothing is sent anywhere, nothing is run, nothing is fetched."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock

    def parse(self, content: bytes, name: str = "") -> Document:
        kind = _kind(content, name)
        extract = Extract(kind.name, clock=self._clock)
        try:
            kind.read(content, extract)
        except RequestRejected:
            raise
        except Exception as error:  # a hostile document makes a library raise whatever it likes
            raise InvalidPayload(DAMAGED.format(kind.name)) from error
        document = extract.document()
        if not document.text:
            raise InvalidPayload((LONG if document.truncated else EMPTY).format(kind.name))
        return document


def _kind(content: bytes, name: str) -> DocumentKind:
    """What the bytes say that it is. Raises `Malformed` for what nobody reads, and says what to do."""
    if content.startswith(OLD):
        raise InvalidPayload(_old(content))
    if content.startswith(b"{\\rtf"):
        raise InvalidPayload("a document in Rich Text Format: save it as Word (.docx) or PDF")
    found = "" if _is_page(content) else _sniffed(content)
    if found in BY_TYPE:
        return BY_TYPE[found]
    if found.startswith(("image/", "audio/", "video/")) or content.startswith(b"PK\x03\x04"):
        raise InvalidPayload(_other(found))
    return PAGE if _is_page(content) else BY_ENDING.get(name.lower().rpartition(".")[2], TEXT)


def _old(content: bytes) -> str:
    if ENCRYPTED in content:
        return "a document with a password: send it without one"
    return "a document in Office's format of before 2007: save it as .docx, .xlsx, .pptx or PDF"


def _other(found: str) -> str:
    if not found:
        return "an archive, or a document that is damaged: send the files in it one by one"
    return f"no document but {found}: send it as a picture or a voice message"


def _sniffed(content: bytes) -> str:
    try:
        return detect_type(content)
    except InvalidPayload:
        return ""


def _is_page(content: bytes) -> bool:
    return content[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith((b"<!doctype html", b"<html"))
