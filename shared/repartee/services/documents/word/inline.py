"""Reads the text within a paragraph of a Word document."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from repartee.services.documents import charts, markdown, mathematics
from repartee.services.documents.archive import (
    Archive,
    Element,
    Relation,
    attribute,
    child,
    children,
    descendants,
    local,
)
from repartee.services.documents.word.fields import Fields
from repartee.services.documents.word.styles import Styles, switched_on
from repartee.services.documents.word.symbols import of_code, of_text

CHARACTERS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}

SKIPPED = {
    "del",
    "moveFrom",
    "pPr",
    "rPr",
    "sdtPr",
    "sdtEndPr",
    "softHyphen",
    "delText",
    "delInstrText",
    "rt",
}
"""Elements that are not shown. Moved text stands where it was moved to."""

REFERENCES = {"footnoteReference": "[^{}]", "endnoteReference": "[^e{}]", "commentReference": "[comment {}]"}


class Inline:
    """Reads one paragraph. The text boxes that hang on it are kept in `boxes`."""

    def __init__(self, styles: Styles, relations: Mapping[str, Relation], archive: Archive) -> None:
        self._styles, self._relations, self._archive = styles, relations, archive
        self._written: list[str] = []
        self._fields = Fields(self._written)
        self.boxes: list[Element] = []
        self._readers: Mapping[str, Callable[[Element], None]] = {
            "r": self._run,
            "hyperlink": self._hyperlink,
            "fldChar": self._fields.mark,
            "instrText": self._fields.instruction,
            "drawing": self._drawing,
            "pict": self._drawing,
            "object": lambda element: self._write("[an embedded object, which is not read]"),
            "AlternateContent": self._alternative,
            "oMath": lambda element: self._write(mathematics.text(element)),
        }

    def text(self, paragraph: Element) -> str:
        """Returns the paragraph's text as it is shown."""
        self._inside(paragraph)
        return "".join(self._written)

    def _inside(self, holder: Element) -> None:
        for element in holder:
            name = local(element)
            if name in CHARACTERS:
                self._write(CHARACTERS[name])
            elif name in REFERENCES:
                self._write(REFERENCES[name].format(attribute(element, "id")))
            elif name in self._readers:
                self._readers[name](element)
            elif name not in SKIPPED:
                self._inside(element)

    def _run(self, run: Element) -> None:
        properties = child(run, "rPr")
        vanish = child(properties, "vanish")
        style = attribute(child(properties, "rStyle"), "val")
        if switched_on(vanish) if vanish is not None else self._styles.hidden(style):
            self._fields.marks_in(run)
            return
        begin = len(self._written)
        for element in run:
            self._of_run(element, properties)
        if attribute(child(properties, "vertAlign"), "val") == "superscript":
            self._written[begin:] = [markdown.raised("".join(self._written[begin:]))]
        if switched_on(child(properties, "strike")) or switched_on(child(properties, "dstrike")):
            self._struck(begin)

    def _of_run(self, element: Element, properties: Element | None) -> None:
        name = local(element)
        if name == "t":
            self._write(of_text(element.text or "", attribute(child(properties, "rFonts"), "ascii")))
        elif name == "sym":
            self._write(of_code(attribute(element, "char"), attribute(element, "font")))
        elif name == "ruby":
            self._inside(element)
        else:
            holder = Element("holder")
            holder.append(element)
            self._inside(holder)

    def _struck(self, begin: int) -> None:
        text = "".join(self._written[begin:])
        if text.strip():
            self._written[begin:] = [text.replace(text.strip(), f"~~{text.strip()}~~")]

    def _hyperlink(self, element: Element) -> None:
        begin = len(self._written)
        self._inside(element)
        relation = self._relations.get(attribute(element, "id"))
        if relation and relation.type == "hyperlink":
            self._written[begin:] = [markdown.link("".join(self._written[begin:]), relation.target)]

    def _drawing(self, drawing: Element) -> None:
        """Keeps text boxes for after the paragraph, and says of everything else what it shows."""
        boxes = list(descendants(drawing, "txbxContent"))
        self.boxes += boxes
        if not boxes:
            self._write(self._shown(drawing))

    def _shown(self, drawing: Element) -> str:
        for reference in descendants(drawing, "chart", "relIds"):
            relation = self._relations.get(attribute(reference, "id") or attribute(reference, "dm"))
            if relation:
                return f"\n{charts.read(self._archive, relation.target)}\n"
        described = (
            attribute(one, "descr") or attribute(one, "title") for one in descendants(drawing, "docPr")
        )
        about = next((text for text in described if text), "")
        if next(descendants(drawing, "blip", "imagedata"), None) is not None:
            return f"[picture: {about}]" if about else "[picture]"
        return f"[drawing: {about}]" if about else ""

    def _alternative(self, element: Element) -> None:
        chosen = child(element, "Choice")
        self._inside(chosen if chosen is not None else next(children(element, "Fallback"), element))

    def _write(self, text: str) -> None:
        if not self._fields.in_instruction:
            self._written.append(text)
