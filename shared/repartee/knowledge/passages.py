"""Cuts documents into passages along their structure: headings first, then paragraphs, then sentences.

A heading begins a passage and goes with it; a list, a table or a block of code is not torn apart unless it is
too long by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

MAX_PASSAGE_CHARS = 1600
"""Characters of a passage: about 400 tokens, which is one thought, and well within what models embed."""

FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
HEADING = re.compile(r"(#{1,6})\s+(.*?)\s*#*\s*$")
FENCE = re.compile(r"\s*(```|~~~)")
SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|\n+")


class DocumentSection(NamedTuple):
    """A part of a document under one heading. `heading` is the path to it: `Squats: Depth`."""

    heading: str
    text: str


def split_sections(sections: Iterable[DocumentSection]) -> Iterator[DocumentSection]:
    """Yields the sections in passages of at most `MAX_PASSAGE_CHARS`. Nothing is lost but blank space."""
    for section in sections:
        yield from (
            DocumentSection(section.heading, text) for text in _pack_pieces(_split_paragraphs(section.text))
        )


def parse_markdown_sections(text: str) -> Iterator[DocumentSection]:
    """Yields a Markdown document's sections by its headings, without its front matter."""
    path: list[str] = []
    lines: list[str] = []
    in_code = False
    for line in FRONT_MATTER.sub("", text).splitlines():
        in_code ^= bool(FENCE.match(line))
        heading = None if in_code else HEADING.match(line)
        if heading is None:
            lines.append(line)
            continue
        yield DocumentSection(_heading_path(path), "\n".join(lines))
        level = len(heading[1])
        path = [*path[: level - 1], *[""] * (level - 1 - len(path)), heading[2]]
        lines = []
    yield DocumentSection(_heading_path(path), "\n".join(lines))


def _heading_path(headings: Iterable[str]) -> str:
    return ": ".join(heading for heading in headings if heading)


def _split_paragraphs(text: str) -> Iterator[str]:
    """Yields the paragraphs, whole where they are short enough; otherwise their sentences, otherwise their
    words."""
    for paragraph in _find_paragraphs(text):
        if len(paragraph) <= MAX_PASSAGE_CHARS:
            yield paragraph
        else:
            for sentence in SENTENCE_END.split(paragraph):
                yield from _split_sentence(sentence)


def _find_paragraphs(text: str) -> Iterator[str]:
    """Yields the paragraphs between blank lines; a block of code counts as one, with the blank lines in
    it."""
    lines: list[str] = []
    in_code = False
    for line in text.splitlines():
        in_code ^= bool(FENCE.match(line))
        if line.strip() or in_code:
            lines.append(line.rstrip())
        elif lines:
            yield "\n".join(lines)
            lines = []
    if lines:
        yield "\n".join(lines)


def _split_sentence(sentence: str) -> Iterator[str]:
    """Yields the sentence, or as many words at a time as fit; a word that does not fit is cut where it must
    be."""
    while len(sentence) > MAX_PASSAGE_CHARS:
        end = sentence.rfind(" ", 1, MAX_PASSAGE_CHARS + 1)
        end = end if end > 0 else MAX_PASSAGE_CHARS
        yield sentence[:end]
        sentence = sentence[end:].lstrip()
    if sentence:
        yield sentence


def _pack_pieces(pieces: Iterable[str]) -> Iterator[str]:
    """As many pieces together as fit."""
    together = ""
    for piece in pieces:
        if together and len(together) + 2 + len(piece) > MAX_PASSAGE_CHARS:
            yield together
            together = ""
        together = f"{together}\n\n{piece}" if together else piece
    if together.strip():
        yield together
