"""Writes Office's formulas (ECMA-376, part 1, 22.1) on one line."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from repartee.services.documents.archive import Element, attribute, child, local

SKIPPED = {
    "rPr",
    "ctrlPr",
    "fPr",
    "radPr",
    "dPr",
    "naryPr",
    "sSupPr",
    "sSubPr",
    "mPr",
    "accPr",
    "funcPr",
    "argPr",
}


def text(element: Element) -> str:
    """Returns the formula, with fractions, powers and roots as they are typed."""
    name = local(element)
    if name == "t":
        return element.text or ""
    if name in FORMS:
        return FORMS[name](element)
    return "".join(text(one) for one in element if local(one) not in SKIPPED)


def _part(element: Element, name: str) -> str:
    found = child(element, name)
    return text(found) if found is not None else ""


def _grouped(written: str) -> str:
    return written if len(written) == 1 or written.isalnum() else f"({written})"


def _fraction(element: Element) -> str:
    return f"{_grouped(_part(element, 'num'))}/{_grouped(_part(element, 'den'))}"


def _root(element: Element) -> str:
    return f"{_part(element, 'deg')}√{_grouped(_part(element, 'e'))}"


def _sum(element: Element) -> str:
    sign = attribute(child(element, "naryPr", "chr"), "val", "∫")
    low, high = _part(element, "sub"), _part(element, "sup")
    limits = (f"_{_grouped(low)}" if low else "") + (f"^{_grouped(high)}" if high else "")
    return f"{sign}{limits} {_part(element, 'e')}"


def _bracketed(element: Element) -> str:
    begin = attribute(child(element, "dPr", "begChr"), "val", "(")
    end = attribute(child(element, "dPr", "endChr"), "val", ")")
    return f"{begin}{', '.join(text(one) for one in element if local(one) == 'e')}{end}"


def _matrix(element: Element) -> str:
    rows = (", ".join(text(cell) for cell in row) for row in element if local(row) == "mr")
    return f"[{'; '.join(rows)}]"


def _scripts(element: Element) -> str:
    low, high = _part(element, "sub"), _part(element, "sup")
    below, above = f"_{_grouped(low)}" if low else "", f"^{_grouped(high)}" if high else ""
    return _part(element, "e") + below + above


FORMS: Mapping[str, Callable[[Element], str]] = {
    "f": _fraction,
    "rad": _root,
    "nary": _sum,
    "d": _bracketed,
    "m": _matrix,
    "sSup": _scripts,
    "sSub": _scripts,
    "sSubSup": _scripts,
}
