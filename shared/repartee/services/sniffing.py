"""What bytes are, by what they say themselves: names and types that come with them are not believed."""

from __future__ import annotations

import zipfile
from io import BytesIO

from repartee.errors import Malformed

BEGINNINGS = (
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

PICTURES = {
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"heim": "image/heic",
    b"mif1": "image/heic",
    b"avif": "image/avif",
}
"""Brands of files in the ISO base media format that are pictures: what phones take."""

RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav"}

OFFICE = "application/vnd.openxmlformats-officedocument."
PARTS = {
    "word/document.xml": OFFICE + "wordprocessingml.document",
    "xl/workbook.xml": OFFICE + "spreadsheetml.sheet",
    "ppt/presentation.xml": OFFICE + "presentationml.presentation",
}
"""The part that a zipped document of each type has (ECMA-376)."""

CONTROLS = frozenset(range(32)) - frozenset(b"\t\n\r\f")


def type_of(content: bytes) -> str:
    """The media type. Raises `Malformed` for what is no image, recording or document that we know."""
    found = _by_beginning(content) or _in_zip(content) or _as_text(content)
    if not found:
        raise Malformed("neither an image, a recording nor a document that can be read")
    return found


def _by_beginning(content: bytes) -> str:
    if content[:4] == b"RIFF":
        return RIFF.get(content[8:12], "")
    if content[4:8] == b"ftyp":
        brand = content[8:12]
        return PICTURES.get(brand) or ("audio/mp4" if brand.startswith(b"M4A") else "video/mp4")
    return next((kind for beginning, kind in BEGINNINGS if content.startswith(beginning)), "")


def _in_zip(content: bytes) -> str:
    """What a zip holds, by the names in it: nothing is unpacked."""
    if not content.startswith(b"PK\x03\x04"):
        return ""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            names = frozenset(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return ""
    return next((kind for part, kind in PARTS.items() if part in names), "")


def _as_text(content: bytes) -> str:
    """All text is plain: what a browser would run is nothing but text here."""
    if not content or not CONTROLS.isdisjoint(content):
        return ""
    try:
        content.decode()
    except UnicodeDecodeError:
        return ""
    return "text/plain"
