"""Tells which kind of document bytes are, and what reads it."""

from __future__ import annotations

from collections.abc import Mapping

from repartee.errors import InvalidPayload
from repartee.services.content_type import OFFICE_TYPE_PREFIX, OPEN_DOCUMENT, detect_type
from repartee.services.documents import (
    excel,
    mail,
    odf,
    outlook,
    pdf,
    plain_text,
    rich_text,
    slides,
    web_page,
    word,
)
from repartee.services.documents.extract import Extract, Kind

OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
"""The name in the old container of Office when it holds a document with a password."""

OLD_FORMATS = (
    (
        "WordDocument".encode("utf-16-le"),
        "a Word document in the format of before 2007 (.doc): save it as .docx or PDF",
    ),
    (
        "PowerPoint Document".encode("utf-16-le"),
        "a PowerPoint presentation in the format of before 2007 (.ppt): save it as .pptx or PDF",
    ),
)
"""Formats that are not read, by the name of a stream in the old container of Office."""

OTHER_OLD_FORMAT = "a document in Office's format of before 2007: save it as .docx, .xlsx, .pptx or PDF"

PAGE_BEGINNINGS = (b"<!doctype html", b"<html", b"<head", b"<body", b"<table")


def _read_mail(content: bytes, into: Extract) -> None:
    mail.read(content, into, kind_of)


def _read_outlook(content: bytes, into: Extract) -> None:
    outlook.read(content, into, kind_of)


TEXT = Kind("a text", plain_text.read)
PAGE = Kind("a web page", web_page.read)
MAIL = Kind("an e-mail", _read_mail)
MESSAGE = Kind("an Outlook message", _read_outlook)
OLD_WORKBOOK = Kind("an Excel workbook", excel.read_binary)
RICH_TEXT = Kind("a document in Rich Text Format", rich_text.read)
BY_TYPE: Mapping[str, Kind] = {
    "application/pdf": Kind("a PDF", pdf.read),
    OFFICE_TYPE_PREFIX + "wordprocessingml.document": Kind("a Word document", word.read),
    OFFICE_TYPE_PREFIX + "presentationml.presentation": Kind("a PowerPoint presentation", slides.read),
    OFFICE_TYPE_PREFIX + "spreadsheetml.sheet": Kind("an Excel workbook", excel.read),
    OPEN_DOCUMENT + "text": Kind("an OpenDocument text", odf.read_text),
    OPEN_DOCUMENT + "spreadsheet": Kind("an OpenDocument spreadsheet", odf.read_spreadsheet),
    OPEN_DOCUMENT + "presentation": Kind("an OpenDocument presentation", odf.read_presentation),
}
BY_ENDING: Mapping[str, Kind] = {
    "csv": Kind("a CSV table", plain_text.read_separated),
    "tsv": Kind("a table", plain_text.read_separated),
    "tab": Kind("a table", plain_text.read_separated),
    "md": Kind("a Markdown text", plain_text.read),
    "json": Kind("a JSON file", plain_text.read),
    "html": PAGE,
    "htm": PAGE,
    "xhtml": PAGE,
    "eml": MAIL,
}
"""Kinds by the ending of the name. It adds to what bytes say nothing but which text it is."""


def kind_of(content: bytes, name: str) -> Kind:
    """Returns what the bytes say that it is. Raises `InvalidPayload` for what is not read, and says what to
    do."""
    if content.startswith(OLD):
        return _in_old_container(content)
    if content.startswith(b"{\\rtf"):
        return RICH_TEXT
    if _is_page(content):
        return PAGE
    if content.startswith(b"PK\x03\x04") and excel.BINARY_PART in content:
        return OLD_WORKBOOK
    found = _sniffed(content)
    if found in BY_TYPE:
        return BY_TYPE[found]
    if found.startswith(("image/", "audio/", "video/")) or content.startswith(b"PK\x03\x04"):
        raise InvalidPayload(_other(found))
    kind = BY_ENDING.get(name.lower().rpartition(".")[2], TEXT)
    return MAIL if kind is TEXT and mail.is_mail(content) else kind


def _in_old_container(content: bytes) -> Kind:
    if ENCRYPTED in content:
        raise InvalidPayload("a document with a password: send it without one")
    if outlook.is_message(content):
        return MESSAGE
    if excel.is_binary(content):
        return OLD_WORKBOOK
    raise InvalidPayload(
        next((refusal for name, refusal in OLD_FORMATS if name in content), OTHER_OLD_FORMAT)
    )


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
    return content[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(PAGE_BEGINNINGS)
