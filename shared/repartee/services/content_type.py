"""What bytes are, by what they say themselves: names and types that come with them are not believed."""

from __future__ import annotations

import zipfile
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
    "word/document.xml": OFFICE_TYPE_PREFIX + "wordprocessingml.document",
    "xl/workbook.xml": OFFICE_TYPE_PREFIX + "spreadsheetml.sheet",
    "ppt/presentation.xml": OFFICE_TYPE_PREFIX + "presentationml.presentation",
}
"""The part that a zipped document of each type has (ECMA-376)."""

CONTROL_BYTES = frozenset(range(32)) - frozenset(b"\t\n\r\f")


def detect_type(content: bytes) -> str:
    """The media type. Raises `Malformed` for what is no image, recording or document that we know."""
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
    """What a zip holds, by the names in it: nothing is unpacked."""
    if not content.startswith(b"PK\x03\x04"):
        return ""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            names = frozenset(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return ""
    return next((kind for part, kind in OFFICE_MAIN_PARTS.items() if part in names), "")


def _type_of_text(content: bytes) -> str:
    """All text is plain: what a browser would run is nothing but text here."""
    if not content or not CONTROL_BYTES.isdisjoint(content):
        return ""
    try:
        content.decode()
    except UnicodeDecodeError:
        return ""
    return "text/plain"
