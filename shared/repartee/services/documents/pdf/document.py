"""Reads a PDF page by page."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from repartee.errors import InvalidPayload
from repartee.services.documents.extract import Extract, count_of
from repartee.services.documents.pdf import forms, text

MAX_PAGES = 100
"""Pages that are read."""

PICTURE_PIXELS = 1_600
"""Pixels of the longer side of a page that is handed on as a picture: what models look at."""

MAX_SCALE = 200 / 72
"""Pixels a point at most: 200 dots an inch."""

JPEG_QUALITY = 70

FEW_CHARACTERS = 200
"""Characters below which a page that is mostly a picture is taken for a scan with a stamp or a page
number."""

MOSTLY = 0.6
"""Share of a page that a picture covers on a scan."""

BLANK = "a PDF without any text in it, and without anything else on its pages: save it anew, and send that"

UNREADABLE = 0.3
"""Share of characters without a meaning from which a page is looked at instead of read."""


def read(content: bytes, into: Extract) -> None:
    """Raises `InvalidPayload` for a PDF with a password."""
    import pypdfium2

    try:
        pdf = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise InvalidPayload("a PDF with a password: send it without one") from None
        raise
    pdf.init_forms()
    _pages(pdf, into)


def _pages(pdf: Any, into: Extract) -> None:
    count, found = len(pdf), False
    into.parts = count_of(count, "page")
    if forms.is_xfa(pdf):
        into.add("[a form of Adobe's own kind (XFA), of which only what is shown here can be read]\n")
    for number in range(min(count, MAX_PAGES)):
        if into.enough():
            return
        into.add(f"\n\n[page {number + 1}]\n")
        found = _page_or_remark(pdf, number, into) or found
    if count > MAX_PAGES:
        into.add(f"\n\n[pages {MAX_PAGES + 1} to {count} are not read]\n")
        into.cut_off()
    if not found:
        raise InvalidPayload(BLANK)


def _page_or_remark(pdf: Any, number: int, into: Extract) -> bool:
    """Adds one page, and tells whether there was anything on it. One that cannot be read leaves the
    others."""
    try:
        return _page(pdf, number, into)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - a hostile page makes the library raise whatever it likes
        into.add(f"[page {number + 1} is damaged and could not be read]\n")
        return True


def _page(pdf: Any, number: int, into: Extract) -> bool:
    page = pdf[number]
    try:
        found = text.of_page(page)
        readable = not found or text.unknown_share(found) < UNREADABLE
        into.add(found if readable else "")
        filled = list(forms.lines(page))
        into.add("".join(f"{line}\n" for line in filled))
        if not readable or _is_scan(page, found):
            _picture(page, number, into)
            return True
        if not found.strip() and not filled:
            into.add("[empty]\n")
        return bool(found.strip() or filled)
    finally:
        page.close()


def _is_scan(page: Any, found: str) -> bool:
    """Tells whether there is more to see on a page than its text."""
    from pypdfium2.raw import FPDF_PAGEOBJ_FORM, FPDF_PAGEOBJ_IMAGE, FPDF_PAGEOBJ_PATH

    if len(found) > FEW_CHARACTERS:
        return False
    area = page.get_width() * page.get_height()
    covered, drawn = 0.0, 0
    for shape in page.get_objects(max_depth=3):
        if shape.type == FPDF_PAGEOBJ_IMAGE:
            left, bottom, right, top = shape.get_bounds()
            covered += abs((right - left) * (top - bottom))
        drawn += shape.type in (FPDF_PAGEOBJ_PATH, FPDF_PAGEOBJ_FORM, FPDF_PAGEOBJ_IMAGE)
    return covered > MOSTLY * area or (not found.strip() and drawn > 0)


def _picture(page: Any, number: int, into: Extract) -> None:
    into.checkpoint()
    picture = _drawn(page)
    if into.add_picture(picture):
        into.add(f"[page {number + 1} is a scan or drawing: it is given as a picture]\n")
    else:
        into.add(f"[page {number + 1} is a scan or drawing, and not shown: there are too many]\n")


def _drawn(page: Any) -> bytes:
    longer = max(page.get_width(), page.get_height(), 1.0)
    bitmap = page.render(scale=min(MAX_SCALE, PICTURE_PIXELS / longer), may_draw_forms=True)
    written = BytesIO()
    bitmap.to_pil().convert("RGB").save(written, "JPEG", quality=JPEG_QUALITY)
    bitmap.close()
    return written.getvalue()
