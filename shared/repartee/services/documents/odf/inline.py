"""Reads the text within a paragraph of an OpenDocument."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from repartee.services.documents import markdown
from repartee.services.documents.archive import Element, attribute, child, children, descendants, local
from repartee.services.documents.odf.styles import OdfStyles

MAX_SPACES = 200
"""Spaces that one element may stand for."""

SKIPPED = {
    "tracked-changes",
    "annotation-end",
    "hidden-text",
    "desc",
    "title",
    "ruby-text",
    "forms",
    "soft-page-break",
    "event-listeners",
    "bibliography-mark-source",
    "meta-source",
}


class OdfInline:
    """Reads paragraphs, and keeps the notes and comments in them for the end."""

    def __init__(self, styles: OdfStyles) -> None:
        self._styles = styles
        self.notes: list[str] = []
        self.comments: list[str] = []
        self.boxes: list[Element] = []
        self._readers: Mapping[str, Callable[[Element], str]] = {
            "s": lambda one: " " * _count(attribute(one, "c", "1"), MAX_SPACES),
            "tab": lambda one: "\t",
            "line-break": lambda one: "\n",
            "a": lambda one: markdown.link(self.text(one), attribute(one, "href")),
            "span": self._span,
            "note": self._note,
            "annotation": self.comment,
            "frame": self._frame,
        }

    def text(self, element: Element) -> str:
        """Returns what the element shows of its own and its children's text."""
        pieces = [element.text or ""]
        for one in element:
            name = local(one)
            if name in self._readers:
                pieces.append(self._readers[name](one))
            elif name not in SKIPPED:
                pieces.append(self.text(one))
            pieces.append(one.tail or "")
        return "".join(pieces)

    def paragraphs(self, holder: Element) -> str:
        """Returns all paragraphs in it on one line."""
        found = (self.text(one) for one in descendants(holder, "p", "h"))
        return " ".join(" ".join(found).split())

    def _span(self, span: Element) -> str:
        style = attribute(span, "style-name")
        if self._styles.hidden(style):
            return ""
        text = self.text(span)
        if self._styles.raised(style):
            text = markdown.raised(text)
        shown = text.strip()
        return text.replace(shown, f"~~{shown}~~") if shown and self._styles.struck(style) else text

    def _note(self, note: Element) -> str:
        body = child(note, "note-body")
        place = len(self.notes)
        self.notes.append("")
        self.notes[place] = self.paragraphs(body) if body is not None else ""
        return f"[^{place + 1}]"

    def comment(self, annotation: Element) -> str:
        """Keeps a comment, and returns how the text refers to it."""
        creator = child(annotation, "creator")
        author = f"{creator.text}: " if creator is not None and creator.text else ""
        said = " ".join(self.text(one) for one in children(annotation, "p"))
        self.comments.append(f"{author}{' '.join(said.split())}")
        return f"[comment {len(self.comments)}]"

    def _frame(self, frame: Element) -> str:
        boxes = list(children(frame, "text-box"))
        self.boxes += boxes
        if boxes:
            return ""
        about = child(frame, "desc")
        about = about if about is not None else child(frame, "title")
        described = f": {' '.join((about.text or '').split())}" if about is not None else ""
        kind = "picture" if child(frame, "image") is not None and child(frame, "object") is None else "object"
        return (
            f"[{kind}{described}]"
            if kind == "picture"
            else f"[an embedded object{described}, which is not read]"
        )


def _count(stated: str, most: int) -> int:
    return min(int(stated), most) if stated.isdigit() else 1
