"""Reads the fields of a Word paragraph: their results, the addresses of links, boxes that are ticked."""

from __future__ import annotations

import re
from dataclasses import dataclass

from repartee.services.documents.archive import Element, attribute, child, children
from repartee.services.documents.markdown import link
from repartee.services.documents.word.styles import switched_on

ADDRESS = re.compile(r'\bHYPERLINK\s+"([^"]+)"')

TICKED, UNTICKED = "☒", "☐"


@dataclass
class _Field:
    instruction: str = ""
    begin: int = -1
    shown: str = ""


class Fields:
    """The fields that are open, the innermost last. A field's instruction is not shown, its result is."""

    def __init__(self, written: list[str]) -> None:
        self._written = written
        self._open: list[_Field] = []

    @property
    def in_instruction(self) -> bool:
        """Whether what comes is the instruction of a field."""
        return any(field.begin < 0 for field in self._open)

    def mark(self, element: Element) -> None:
        """Takes the beginning, the middle or the end of a field."""
        kind = attribute(element, "fldCharType")
        if kind == "begin":
            self._open.append(_Field(shown=_of_form(child(element, "ffData"))))
        elif self._open and kind == "separate":
            self._open[-1].begin = len(self._written)
        elif self._open and kind == "end":
            self._end(self._open.pop())

    def instruction(self, element: Element) -> None:
        """Takes a piece of an instruction."""
        if self._open:
            self._open[-1].instruction += element.text or ""

    def marks_in(self, run: Element) -> None:
        """Takes the marks in text that is hidden."""
        for element in children(run, "fldChar"):
            self.mark(element)

    def _end(self, field: _Field) -> None:
        if field.shown:
            self._written.append(field.shown)
        address = ADDRESS.search(field.instruction)
        if address and field.begin >= 0:
            self._written[field.begin :] = [link("".join(self._written[field.begin :]), address[1])]


def _of_form(data: Element | None) -> str:
    """Returns what a form's box or list shows, which is no text of the document."""
    box, choices = child(data, "checkBox"), child(data, "ddList")
    if box is not None:
        checked = child(box, "checked")
        checked = checked if checked is not None else child(box, "default")
        return TICKED if switched_on(checked) else UNTICKED
    entries = [attribute(one, "val") for one in children(choices, "listEntry")]
    chosen = attribute(child(choices, "result"), "val", "0")
    return entries[int(chosen)] if chosen.isdigit() and int(chosen) < len(entries) else ""
