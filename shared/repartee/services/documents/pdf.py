"""The text of a PDF, page by page, read by pypdf within tight limits."""

from __future__ import annotations

import logging
from io import BytesIO
from typing import Any

from repartee.errors import InvalidPayload
from repartee.services.documents.extract import Extract

PAGES = 100
"""Pages that are read."""

LIMITS: dict[str, Any] = {
    "maximum_declared_stream_length": 25_000_000,
    "array_based_stream_maximum_output_length": 8_000_000,
    "lzw_maximum_output_length": 8_000_000,
    "run_length_maximum_output_length": 8_000_000,
    "zlib_maximum_output_length": 8_000_000,
    "stream_decoding_work_maximum_length": 32_000_000,
    "stream_parsing_work_maximum_count": 200_000,
    "page_tree_maximum_entries": 20_000,
    "xform_maximum_invocations_per_extraction": 200,
    "jbig2dec_binary": None,
}
"""What a part of it may unpack to, in bytes, and how much may be drawn on a page. Dense text takes 20,000
operations. Nothing is run to decode a picture."""


def read(content: bytes, into: Extract) -> None:
    """Raises `Malformed` for one with a password."""
    from pypdf import PdfReader, apply_configuration

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it quotes from what it reads
    with apply_configuration(**LIMITS):
        reader = PdfReader(BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            raise InvalidPayload("a PDF with a password: send it without one")
        _pages(reader, into)


def _pages(reader: Any, into: Extract) -> None:
    count = len(reader.pages)
    into.parts = f"{count} page{'' if count == 1 else 's'}"
    for number in range(min(count, PAGES)):
        if into.enough():
            return
        if text := _text(reader, number):
            into.add(f"\n\n[page {number + 1}]\n{text}")
    if count > PAGES:
        into.cut_off()


def _text(reader: Any, number: int) -> str:
    """One page that cannot be read leaves the others as they are."""
    try:
        return str(reader.pages[number].extract_text()).strip()
    except Exception:  # noqa: BLE001  (a hostile page makes the library raise whatever it likes)
        return ""
