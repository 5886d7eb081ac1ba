"""No document takes more memory or time than it may, and what was read of it before is kept."""

from __future__ import annotations

import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from repartee.errors import PayloadTooLarge, RequestRejected
from repartee.plan import deadline
from repartee.services.documents import DocumentReader
from repartee.services.documents.reader import GRACE_SECONDS, MAX_AT_ONCE, MAX_PROCESS_BYTES
from tests.support.documents import fixture, make_pdf, make_workbook, sheet
from tests.support.hostile import BOMBS, Watched

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="looks at processes as Linux shows them"
)

SLACK_BYTES = 48 * 2**20
"""What is not counted as data: the code of Python and its libraries."""


REASONS = ("takes too much", "takes more memory", "no time beside the others")


def said_of(content: bytes, name: str = "") -> str:
    try:
        return DocumentReader().parse(content, name).text
    except RequestRejected as refusal:
        return str(refusal)


@pytest.mark.parametrize("name", BOMBS)
def test_no_file_takes_more_memory_or_time_than_it_may(name: str) -> None:
    """The person learns what became of the file, within seconds and within the stated memory."""
    content = BOMBS[name]()
    assert len(content) < 6_000_000

    began = time.monotonic()
    with Watched() as watched, deadline.limited_to(3.0):
        said = said_of(content)

    assert said
    assert watched.peak_bytes < MAX_PROCESS_BYTES + SLACK_BYTES
    assert time.monotonic() - began < 3.0 + GRACE_SECONDS + 5.0


def test_documents_of_a_turn_share_the_bound() -> None:
    """Five workbooks of a few kilobytes that want all memory are read two at a time."""
    greedy = BOMBS["a row of millions of cells"]()

    with Watched() as watched, ThreadPoolExecutor(5) as pool:
        said = list(pool.map(said_of, [greedy] * 5))

    assert all(any(reason in one for reason in REASONS) for one in said)
    assert 0 < watched.most <= MAX_AT_ONCE
    assert watched.peak_bytes < MAX_AT_ONCE * (MAX_PROCESS_BYTES + SLACK_BYTES)


def test_what_was_read_before_is_kept() -> None:
    """The first pages of a PDF, whose last takes all memory, are read, and the rest is said to be missing."""
    pages = [("rent " * 900) for _ in range(4)]
    content = make_pdf(*pages)
    heavy = make_workbook(("small", [["rent", 14_800]] * 900))

    read = DocumentReader().parse(heavy)
    cut = DocumentReader(max_process_bytes=64 * 2**20).parse(_with_heavy_page(content))

    assert "| rent | 14800 |" in read.text
    assert "rent rent" in cut.text
    assert cut.text.endswith("[the rest could not be read: it takes too much memory or time]")
    assert cut.truncated


def _with_heavy_page(content: bytes) -> bytes:
    from io import BytesIO

    from pypdf import PdfReader, PdfWriter

    writer, made = PdfWriter(), BytesIO()
    for source in (content, make_pdf("x", drawing=b"BT /F1 12 Tf (a) Tj ET " * 900_000)):
        for page in PdfReader(BytesIO(source)).pages:
            writer.add_page(page)
    writer.write(made)
    return made.getvalue()


def test_the_reading_process_knows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """A library that a document takes over finds no credentials in its environment."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "very-secret")

    with Watched() as watched:
        said_of(BOMBS["a page of 3 million drawn texts"]())

    assert watched.environments
    assert not any(b"very-secret" in one or b"AWS_" in one for one in watched.environments)


def test_a_large_caller_takes_nothing_from_the_document() -> None:
    """The limit is the reading process's own: what the function holds already is not counted."""
    held = bytearray(400 * 2**20)

    assert "14,800 EUR" in DocumentReader().parse(fixture("contract.docx")).text
    assert held


def test_many_documents_are_read_one_after_the_other() -> None:
    """Ten at once, as Slack and Telegram send them, are all read."""
    contents = [sheet(f'<row r="1"><c r="A1"><v>{number}</v></c></row>') for number in range(10)]
    reader = DocumentReader()

    with ThreadPoolExecutor(10) as pool, deadline.limited_to(20.0):
        texts = [read.text for read in pool.map(reader.parse, contents)]

    assert [f"| {number} |" in text for number, text in enumerate(texts)] == [True] * 10


def test_a_caller_without_time_is_told_at_once() -> None:
    """No process is begun for a caller whose time is over."""
    from repartee.errors import InvalidPayload

    with deadline.limited_to(0.2), pytest.raises((InvalidPayload, PayloadTooLarge), match="too long to read"):
        DocumentReader().parse(fixture("contract.docx"))
