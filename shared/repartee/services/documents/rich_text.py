"""Reads Rich Text Format through striprtf.

striprtf shows deleted and hidden text and leaves notes, headers and comments out: those are put right in its
input."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from repartee.errors import InvalidPayload, PayloadTooLarge
from repartee.services.documents import markdown
from repartee.services.documents.extract import Extract

MAX_BYTES = 8 * 2**20
"""Bytes of a file that are read. Pictures in it are taken out before."""

PICTURE = re.compile(r"\{\\(?:\*\\shppict|pict|\*\\blipuid|object|\*\\objdata)[^{}]{2000,}\}")
TOKEN = re.compile(r"\\'[0-9a-fA-F]{2}|\\([a-z]+)(-?\d+)? ?|\\[^a-z]|[{}]|[^\\{}]+", re.IGNORECASE)

ASIDE = {
    "footnote": "note",
    "atnauthor": "author",
    "annotation": "comment",
    "header": "header",
    "headerl": "header",
    "headerr": "header",
    "headerf": "header",
    "footer": "footer",
    "footerl": "footer",
    "footerr": "footer",
    "footerf": "footer",
}
"""Groups that stand apart from the text, and what they are."""

ADDRESS = r'[^{}"]{0,80}HYPERLINK\s+"([^"{}]{1,2000})"[^{}]{0,200}'
LINK = re.compile(
    r"\{\\field\s*(?:\\\w+\s*)*\{\\\*\\fldinst\s*(?:\{" + ADDRESS + r"\}\s*|" + ADDRESS + r")\}\s*\{\\fldrslt"
)
"""The beginning of a link, up to the text that it shows."""

ROW = re.compile(r"(?:^[^\n]*\|\n)+", re.MULTILINE)

MAX_HEAD = 200_000
"""Characters of a table of fonts that are looked through."""

LABEL = re.compile(r"^ ?(\S{1,12})\t", re.MULTILINE)
"""The number of a paragraph, as striprtf writes it."""

MAX_DEPTH = 200
"""Groups within one another that are read."""


@dataclass
class _Group:
    """A group that is open: whether its text is shown, and where it goes."""

    shown: bool
    target: list[str]
    aside: str = ""


@dataclass
class _Split:
    """The document without its groups apart, which are kept by what they are."""

    main: list[str] = field(default_factory=list)
    apart: list[tuple[str, list[str]]] = field(default_factory=list)


def read(content: bytes, into: Extract) -> None:
    """Adds headers, text with tables, notes, comments and footers."""
    if len(content) > MAX_BYTES * 4:
        raise PayloadTooLarge("a document that is too large: save it as PDF or Word")
    text = PICTURE.sub("[picture]", content.decode("latin-1"))[:MAX_BYTES]
    text = LINK.sub(_link, text)
    split = _split(text)
    head = _head(text)
    for kind in ("header", "main", "note", "comment", "footer"):
        if into.enough():
            return
        if kind == "main":
            into.add(_tables(LABEL.sub(r"\1 ", _plain("".join(split.main)))))
        else:
            _add_apart(kind, split, head, into)


def _add_apart(kind: str, split: _Split, head: str, into: Extract) -> None:
    said = [
        " ".join(_plain(f"{head}{''.join(pieces)}}}").split())
        for found, pieces in split.apart
        if found == kind
    ]
    authors = ["".join(pieces).strip("{}").strip() for found, pieces in split.apart if found == "author"]
    if kind in ("header", "footer"):
        said = list(dict.fromkeys(said))
    for number, text in enumerate(said, 1):
        author = f" {authors[number - 1]}:" if kind == "comment" and number <= len(authors) else ""
        mark = {"note": f"[^{number}]:", "comment": f"[comment {number}]{author}"}.get(kind, f"[{kind}]")
        if text:
            into.add(f"\n\n{mark} {text}\n\n")


def _head(text: str) -> str:
    """Returns the beginning of the document with its fonts, which tell the encodings."""
    begin, fonts = text.find("{", 1), text.find("{\\fonttbl")
    depth = 0
    for end in range(fonts, min(fonts + MAX_HEAD, len(text))) if fonts > 0 else ():
        depth += {"{": 1, "}": -1}.get(text[end], 0)
        if not depth:
            return f"{text[:begin]}{text[fonts : end + 1]}\\pard "
    return "{\\rtf1\\ansi\\pard "


def _split(text: str) -> _Split:
    split = _Split()
    groups = [_Group(True, split.main)]
    for token in TOKEN.finditer(text):
        piece, word, number = token[0], token[1], token[2]
        if piece == "{":
            if len(groups) > MAX_DEPTH:
                raise InvalidPayload("a document that is nested too deeply: save it as PDF or Word")
            groups.append(_Group(groups[-1].shown, groups[-1].target))
            groups[-1].target.append(piece)
        elif piece == "}":
            _close(groups, split)
        else:
            _take(groups[-1], piece, word or "", number or "", split)
    return split


def _close(groups: list[_Group], split: _Split) -> None:
    if len(groups) > 1:
        group = groups.pop()
        group.target.append("}")
        if group.aside:
            count = sum(kind == group.aside for kind, _ in split.apart)
            outer = groups[-1].target
            if group.aside in ("note", "comment"):
                outer.append(f"[^{count}]" if group.aside == "note" else f"[comment {count}]")


def _take(group: _Group, piece: str, word: str, number: str, split: _Split) -> None:
    if word in ASIDE and not group.aside:
        _begin_apart(group, ASIDE[word], split)
    elif word in ("v", "deleted"):
        group.shown = number == "0"
    elif word == "plain":
        group.shown = True
        group.target.append(piece)
    elif group.shown or (word and word not in ("u", "tab", "line")):
        group.target.append(piece)


def _begin_apart(group: _Group, kind: str, split: _Split) -> None:
    """Lets what comes of this group go elsewhere. Its brace stands in the text already, and is closed
    there."""
    while group.target and group.target[-1] != "{":
        group.target.pop()
    if group.target:
        group.target.pop()
    group.target, group.aside = [], kind
    split.apart.append((kind, group.target))
    group.target.append("{")


def _link(found: re.Match[str]) -> str:
    """Writes the address before what the link shows, in place of the instruction. Two groups stay open."""
    return f"{{<{found[1] or found[2]}> {{"


def _plain(text: str) -> str:
    from striprtf.striprtf import rtf_to_text

    return str(rtf_to_text(text, errors="replace"))  # type: ignore[no-untyped-call]


def _tables(text: str) -> str:
    """Writes striprtf's rows, `a|b|`, as Markdown."""

    def table(rows: re.Match[str]) -> str:
        return f"\n{markdown.table([line.removesuffix('|').split('|') for line in rows[0].splitlines()])}\n"

    return ROW.sub(table, text)
