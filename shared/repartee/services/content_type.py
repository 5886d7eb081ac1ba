"""Detects the media type of bytes from the bytes alone: declared names and types are not trusted."""

from __future__ import annotations

import re
import zipfile
import zlib
from io import BytesIO

from repartee.errors import InvalidPayload

FILE_SIGNATURES = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"\xff\xf3", "audio/mpeg"),
    (b"\xff\xf2", "audio/mpeg"),
    (b"fLaC", "audio/flac"),
    (b"\x1aE\xdf\xa3", "audio/webm"),
)
"""How files of each type begin (https://www.garykessler.net/library/file_sigs.html)."""

ISO_IMAGE_BRANDS = {
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"heim": "image/heic",
    b"mif1": "image/heic",
    b"avif": "image/avif",
}
"""Brands of files in the ISO base media format that are pictures: what phones take."""

RIFF_FORMATS = {b"WEBP": "image/webp", b"WAVE": "audio/wav"}

OFFICE_TYPE_PREFIX = "application/vnd.openxmlformats-officedocument."
OFFICE_MAIN_PARTS = {
    "word/document": OFFICE_TYPE_PREFIX + "wordprocessingml.document",
    "xl/workbook": OFFICE_TYPE_PREFIX + "spreadsheetml.sheet",
    "ppt/presentation": OFFICE_TYPE_PREFIX + "presentationml.presentation",
}
"""The part that a zipped document of each type has (ECMA-376), without the number that some programs give
it."""

PART = re.compile(r"(word/document|xl/workbook|ppt/presentation)\d*\.xml")

OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
OPEN_BODY = re.compile(rb"<office:(text|spreadsheet|presentation)[\s>/]")
OPEN_VARIANT = re.compile(r"-(?:template|web|web-template|master|master-template)\Z")
"""Ends the type of a template, of a web page and of a document of several files."""

HEAD_BYTES = 64 * 1024
"""Bytes of an OpenDocument within which its body begins, where nothing else tells what it is."""

MIMETYPE_BYTES = 100
"""Bytes of the part in which an OpenDocument says what it is, and which is its first."""

CONTROL_BYTES = frozenset(range(32)) - frozenset(b"\t\n\r\f")


def detect_type(content: bytes) -> str:
    """Returns the media type. Raises `InvalidPayload` for what is no image, recording or document that we
    know."""
    found = _type_by_signature(content) or _type_of_zip(content) or _type_of_text(content)
    if not found:
        raise InvalidPayload("neither an image, a recording nor a document that can be read")
    return found


def _type_by_signature(content: bytes) -> str:
    if content[:4] == b"RIFF":
        return RIFF_FORMATS.get(content[8:12], "")
    if content[4:8] == b"ftyp":
        brand = content[8:12]
        return ISO_IMAGE_BRANDS.get(brand) or ("audio/mp4" if brand.startswith(b"M4A") else "video/mp4")
    return next((kind for beginning, kind in FILE_SIGNATURES if content.startswith(beginning)), "")


def _type_of_zip(content: bytes) -> str:
    """Returns the media type of a zip, by the names in it. Unpacks nothing but the few bytes that declare
    the type."""
    if not content.startswith(b"PK\x03\x04"):
        return ""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            names = frozenset(archive.namelist())
            if "content.xml" in names:
                return _open_document(archive)
    except (zipfile.BadZipFile, zlib.error, ValueError, NotImplementedError, RuntimeError, OSError, EOFError):
        return ""
    return next((OFFICE_MAIN_PARTS[found[1]] for found in map(PART.fullmatch, sorted(names)) if found), "")


def _open_document(archive: zipfile.ZipFile) -> str:
    """Returns the type of a document; a template and a page count as one. An undeclared type is read from the
    content."""
    if "mimetype" in archive.namelist():
        with archive.open("mimetype") as part:
            stated = part.read(MIMETYPE_BYTES).decode("ascii", "replace").strip()
        stated = OPEN_VARIANT.sub("", stated)
        return stated if stated.startswith(OPEN_DOCUMENT) else ""
    with archive.open("content.xml") as part:
        found = OPEN_BODY.search(part.read(HEAD_BYTES))
    return OPEN_DOCUMENT + found[1].decode() if found else ""


def _type_of_text(content: bytes) -> str:
    """Returns the plain text type for all text, also for what a browser would run."""
    if not content or not CONTROL_BYTES.isdisjoint(content):
        return ""
    try:
        content.decode()
    except UnicodeDecodeError:
        return ""
    return "text/plain"
