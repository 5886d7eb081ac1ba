"""Reads documents that are brought into a library: text and Markdown here, all else by a parser that bounds
it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath

from repartee.errors import RequestRejected
from repartee.knowledge.passages import DocumentSection, parse_markdown_sections
from repartee.ports import DocumentParser

MARKDOWN_SUFFIXES, TEXT_SUFFIXES = (".md", ".markdown"), (".txt",)


class UnreadableDocument(Exception):
    """A document that cannot be taken, and why."""


def read_upload(name: str, content: bytes, parser: DocumentParser) -> Iterable[DocumentSection]:
    """Returns the sections of an uploaded document. Raises `UnreadableDocument`: also for one of which only
    the beginning could be read, because nobody would miss the rest in an answer."""
    suffix = PurePosixPath(name).suffix.lower()
    if suffix in TEXT_SUFFIXES:
        return [DocumentSection("", decode_text(name, content))]
    if suffix in MARKDOWN_SUFFIXES:
        return parse_markdown_sections(decode_text(name, content))
    try:
        read = parser.parse(content, name)
    except RequestRejected as refusal:
        raise UnreadableDocument(f"{name} is {refusal}") from None
    if read.truncated:
        raise UnreadableDocument(f"{name} is too long to be read at once: part it into several documents")
    if not read.text.strip():
        raise UnreadableDocument(f"{name} holds no text: if it is a scan, recognise its text first")
    return parse_markdown_sections(read.text)


def decode_text(name: str, content: bytes) -> str:
    """Returns the text of a file. Raises `UnreadableDocument`."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableDocument(f"{name} is not text in UTF-8: save it as such") from None
