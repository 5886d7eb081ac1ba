"""Reads what was filled into a PDF's form, and the notes that were put on its pages."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from typing import Any

MAX_FIELDS = 500
"""Fields and notes of a page that are read."""

EMPTY = "(empty)"


def is_xfa(pdf: Any) -> bool:
    """Tells whether the form is of a kind that PDFium does not fill."""
    from pypdfium2.raw import FORMTYPE_XFA_FOREGROUND, FORMTYPE_XFA_FULL

    return pdf.get_formtype() in (FORMTYPE_XFA_FULL, FORMTYPE_XFA_FOREGROUND)


def lines(page: Any) -> Iterator[str]:
    """Yields a line for each field of the form, with its value, and one for each note."""
    from pypdfium2 import raw

    form = page.formenv.raw if page.formenv else None
    for place in range(min(raw.FPDFPage_GetAnnotCount(page.raw), MAX_FIELDS)):
        annotation = raw.FPDFPage_GetAnnot(page.raw, place)
        try:
            if line := _line(raw, form, annotation):
                yield line
        finally:
            raw.FPDFPage_CloseAnnot(annotation)


def _line(raw: Any, form: Any, annotation: Any) -> str:
    kind = raw.FPDFAnnot_GetSubtype(annotation)
    if kind == raw.FPDF_ANNOT_WIDGET:
        return _field(raw, form, annotation) if form else ""
    if kind in (raw.FPDF_ANNOT_LINK, raw.FPDF_ANNOT_POPUP):
        return ""
    text = _text(lambda *room: raw.FPDFAnnot_GetStringValue(annotation, b"Contents", *room))
    return f"[note] {text}" if text else ""


def _field(raw: Any, form: Any, annotation: Any) -> str:
    kind = raw.FPDFAnnot_GetFormFieldType(form, annotation)
    if kind == raw.FPDF_FORMFIELD_PUSHBUTTON:
        return ""
    name = _of_field(raw.FPDFAnnot_GetFormFieldAlternateName, form, annotation) or _of_field(
        raw.FPDFAnnot_GetFormFieldName, form, annotation
    )
    if kind in (raw.FPDF_FORMFIELD_CHECKBOX, raw.FPDF_FORMFIELD_RADIOBUTTON):
        return _box(raw, form, annotation, name)
    value = _of_field(raw.FPDFAnnot_GetFormFieldValue, form, annotation) or _chosen(raw, form, annotation)
    return f"[field] {name or 'without a name'}: {value or EMPTY}"


def _box(raw: Any, form: Any, annotation: Any, name: str) -> str:
    ticked = raw.FPDFAnnot_IsChecked(form, annotation)
    choice = _of_field(raw.FPDFAnnot_GetFormFieldExportValue, form, annotation)
    about = f" ({choice})" if choice and choice not in ("Yes", "On", "1") else ""
    return f"[field] {name or 'without a name'}{about}: {'☒' if ticked else '☐'}"


def _chosen(raw: Any, form: Any, annotation: Any) -> str:
    """Returns what is chosen in a list, where the form keeps that apart from the value."""
    count = min(raw.FPDFAnnot_GetOptionCount(form, annotation), MAX_FIELDS)
    chosen = (place for place in range(count) if raw.FPDFAnnot_IsOptionSelected(form, annotation, place))
    return ", ".join(
        _text(lambda *room, at=place: raw.FPDFAnnot_GetOptionLabel(form, annotation, at, *room))
        for place in chosen
    )


def _of_field(get: Callable[..., int], form: Any, annotation: Any) -> str:
    return _text(lambda *room: get(form, annotation, *room))


def _text(get: Callable[..., int]) -> str:
    """Returns what PDFium hands over in two calls: how long it is, and the text in UTF-16."""
    length = get(None, 0)
    room = ctypes.create_string_buffer(length + 2)
    get(ctypes.cast(room, ctypes.POINTER(ctypes.c_ushort)), length)
    return " ".join(room.raw.decode("utf-16-le", "ignore").rstrip("\0").split())
