"""Text of whatever kind: CSV, Markdown, web pages, in whatever encoding."""

from __future__ import annotations

import codecs
from html.parser import HTMLParser

from repartee.errors import InvalidPayload
from repartee.services.documents.extract import MAX_DOCUMENT_CHARS, Extract

READ = 5 * MAX_DOCUMENT_CHARS
"""Bytes that are decoded. There is markup in a page, and some characters take four."""

SAMPLE = 32 * 1024
"""Bytes by which an old encoding is guessed."""

MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""Byte order marks; of two that begin alike the longer comes first."""

OLD = [
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "iso8859_2", "iso8859_5",
    "koi8_r", "cp932", "euc_jp", "gb18030", "big5", "cp949", "mac_roman", "cp850",
]  # fmt: skip
"""Encodings that text is still found in, among which is guessed."""

BLOCKS = {"p", "div", "br", "li", "tr", "table", "section", "article", "pre", "blockquote", "dt", "dd"}
HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
UNSEEN = {"script", "style", "template", "noscript", "svg"}


def read(content: bytes, into: Extract) -> None:
    """The text as it is."""
    into.add(_decoded(content))
    if len(content) > READ:
        into.cut_off()


def read_page(content: bytes, into: Extract) -> None:
    """What a browser would show of the page, more or less."""
    page = _Page(into)
    page.feed(_decoded(content))
    if len(content) > READ:
        into.cut_off()


def _decoded(content: bytes) -> str:
    """Raises `Malformed` for what is no text."""
    if encoding := next((MARKS[mark] for mark in MARKS if content.startswith(mark)), ""):
        return _as(encoding, content)
    if b"\0" in content[:READ]:
        raise InvalidPayload("a file of a kind that is not read: send it as PDF, Word, Excel or text")
    try:
        return _as("utf-8", content)
    except InvalidPayload:
        return _as(_guessed(content), content)


def _as(encoding: str, content: bytes) -> str:
    """The beginning, up to a character that is cut in two."""
    try:
        return codecs.getincrementaldecoder(encoding)().decode(content[:READ], len(content) <= READ)
    except UnicodeDecodeError:
        raise InvalidPayload("text in an unknown encoding: save it as UTF-8") from None


def _guessed(content: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(content[:SAMPLE], cp_isolation=OLD).best()
    if best is None:
        raise InvalidPayload("neither text nor a document that is read: send it as PDF, Word, Excel or text")
    return best.encoding


class _Page(HTMLParser):
    """Adds a page's text as it comes."""

    def __init__(self, into: Extract) -> None:
        super().__init__(convert_charrefs=True)
        self._into, self._unseen = into, 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag in UNSEEN:
            self._unseen += 1
        elif tag in HEADINGS:
            self._into.add("\n" + "#" * int(tag[1]) + " ")
        elif tag in BLOCKS:
            self._into.add("\n")
        elif tag in ("td", "th"):
            self._into.add(" | ")

    def handle_endtag(self, tag: str) -> None:
        if tag in UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        elif tag in BLOCKS or tag in HEADINGS:
            self._into.add("\n")

    def handle_data(self, data: str) -> None:
        if not self._unseen and not self._into.enough():
            self._into.add(" ".join(data.split()) + " " if data.strip() else "")
