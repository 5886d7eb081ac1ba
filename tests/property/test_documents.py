"""Whatever bytes come under whatever name: text within bounds, or a refusal that says what to do."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from repartee.errors import RequestRejected
from repartee.ports import Document
from repartee.services.documents import DocumentReader
from repartee.services.documents.extract import INVISIBLE_CHARS_PATTERN, MAX_DOCUMENT_CHARS
from tests.support.documents import read_sample

SAMPLES = ("contract.pdf", "expenses.xlsx", "minutes.docx", "notes.md", "people.csv", "roadmap.pptx")
BEGINNINGS = (
    b"",
    b"%PDF-1.7\n",
    b"PK\x03\x04",
    b"<!doctype html>",
    b"{\\rtf",
    b"\xff\xfe",
    b"\xd0\xcf\x11\xe0",
)
ENDINGS = ("", "pdf", "docx", "xlsx", "pptx", "csv", "md", "html", "json", "txt", "exe")


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A sample in which up to four stretches are something else, or which ends too early."""
    content = bytearray(read_sample(draw(st.sampled_from(SAMPLES))))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(content)))
        content[at : at + draw(st.integers(0, 40))] = draw(st.binary(max_size=40))
    return bytes(content[: draw(st.integers(len(content) // 2, len(content)))])


noise = st.builds(bytes.__add__, st.sampled_from(BEGINNINGS), st.binary(max_size=400))
names = st.builds("file.{}".format, st.sampled_from(ENDINGS))


@settings(max_examples=120, deadline=None)
@given(content=st.one_of(damaged(), noise), name=names)
def test_nothing_but_our_own_refusals_comes_of_any_bytes(content: bytes, name: str) -> None:
    """A document, of no more text than allowed and without controls; or a reason with what to do about it."""
    try:
        read = DocumentReader().parse(content, name)
    except RequestRejected as refusal:
        read = Document(kind="none", text=str(refusal))

    assert 0 < len(read.text) <= MAX_DOCUMENT_CHARS
    assert not INVISIBLE_CHARS_PATTERN.search(read.text)
    assert read.text.encode("utf-8")
