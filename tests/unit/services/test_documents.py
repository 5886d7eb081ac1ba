"""What is read of documents, and what is said of those that cannot be read."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator

import pytest

from repartee.errors import InvalidPayload, PayloadTooLarge, RequestRejected
from repartee.plan import deadline
from repartee.services.documents import DocumentReader
from repartee.services.documents.extract import MAX_CHARACTERS, Extract
from tests.support.documents import (
    fixture,
    make_pdf,
    make_sheet,
    make_word_document,
    make_workbook,
    make_zip,
    read_here,
    read_sample,
    word_paragraph,
)

BIG = 40 * 1024 * 1024


# What can be read


def test_a_pdf_is_read_page_by_page() -> None:
    """The text of each page, with its number."""
    read = read_here(read_sample("contract.pdf"))

    assert (read.kind, read.extent, read.truncated) == ("a PDF", "2 pages", False)
    assert read.text.startswith("[page 1]\nAgreement on the office in Lisbon")
    assert "[page 2]\nParking\n4. Six parking spaces in the garage are included." in read.text


def test_a_pdf_that_only_its_owner_may_change_is_read() -> None:
    """A PDF that opens without a password is read, though it is encrypted."""
    from io import BytesIO

    from pypdf import PdfReader, PdfWriter

    writer, made = PdfWriter(PdfReader(BytesIO(make_pdf("for all to read")))), BytesIO()
    writer.encrypt("", owner_password="mine", algorithm="AES-256")
    writer.write(made)

    assert "for all to read" in read_here(made.getvalue()).text


def test_word_is_read_with_headings_and_tables() -> None:
    """Headings by their depth, tables row by row."""
    read = read_here(read_sample("minutes.docx"))

    assert read.kind == "a Word document"
    assert read.text.splitlines()[0] == "# Minutes of the move"
    assert "| Order desks | Ben | Friday |" in read.text
    assert read.text.endswith("Parking was not discussed.")


def test_word_that_was_written_elsewhere_is_read() -> None:
    """Other prefixes, tabs and breaks, deleted words, the same said twice for old readers, and notes."""
    tab_stops = '<w:pPr><w:tabs><w:tab w:val="left"/></w:tabs></w:pPr>'
    body = (
        word_paragraph("Überschrift", "berschrift2")
        + f"<w:p>{tab_stops}<w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t></w:r>"
        + "<w:r><w:delText>gone</w:delText></w:r></w:p>"
        + "<mc:AlternateContent xmlns:mc='urn:mc'>"
        + "<mc:Choice><w:p><w:r><w:t>once</w:t></w:r></w:p></mc:Choice>"
        + "<mc:Fallback><w:p><w:r><w:t>once</w:t></w:r></w:p></mc:Fallback></mc:AlternateContent>"
    )
    notes = "<n:footnotes xmlns:n='urn:x'><n:p><n:r><n:t>a note</n:t></n:r></n:p></n:footnotes>"

    read = read_here(make_word_document(body, **{"word/footnotes.xml": notes}))

    assert read.text == "## Überschrift\na\tb\nc\nonce\n\n[^1]: a note"


def test_slides_are_read_in_their_order() -> None:
    """Slide 10 comes after slide 2."""
    slide = "<s xmlns:a='urn:a'><a:p><a:r><a:t>{}</a:t></a:r></a:p></s>"
    shown = {f"ppt/slides/slide{n}.xml": slide.format(f"number {n}") for n in (10, 1, 2)}

    read = read_here(make_zip({"ppt/presentation.xml": "<p/>", **shown}))

    assert read.extent == "3 slides"
    assert [line for line in read.text.splitlines() if line.startswith("number")] == [
        "number 1",
        "number 2",
        "number 10",
    ]
    assert "Six parking spaces" in read_here(read_sample("roadmap.pptx")).text


def test_excel_is_read_as_its_cells_show() -> None:
    """Sheet by sheet, row by row: dates as dates, whole numbers without a fraction, nothing of empty rows."""
    read = read_here(read_sample("expenses.xlsx"))

    assert (read.kind, read.extent) == ("an Excel workbook", "2 sheets")
    assert "[sheet Expenses]\n| Date | Who | What | Euro |\n| --- | --- | --- | --- |\n" in read.text
    assert "| 2026-09-01 | Ada | Desks | 5200 |\n| 2026-09-03 | Ben | Chairs | 3150.5 |" in read.text
    apart = "[sheet Sheet]\n| top |\n| --- |\n\n| 4 |\n| --- |"
    assert read_here(make_sheet({"A1": "top", "A9": 4.0})).text == apart


@pytest.mark.parametrize(
    "content, name, kind",
    [
        (read_sample("notes.md"), "Notes.MD", "a Markdown text"),
        (b'{"a": 1}', "a.json", "a JSON file"),
        (b"plain", "", "a text"),
        (b"print('x')", "script.py", "a text"),
    ],
)
def test_text_is_read_as_it_is(content: bytes, name: str, kind: str) -> None:
    """Whatever is text, called by what its name says."""
    read = read_here(content, name)

    assert (read.kind, read.text) == (kind, content.decode().strip())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252", "iso-8859-2"])
def test_text_is_read_in_old_encodings(encoding: str) -> None:
    """What says its encoding, and what has to be guessed."""
    said = {
        "cp1252": "Größe: 40 Tische für 5.200 €, „bitte prüfen“. Die Straße ist gesperrt.\n" * 4,
        "iso-8859-2": "Zażółć gęślą jaźń. Pójdźmy więc na spacer, bo jest ładnie i świeci słońce nad łąką.\n"
        * 4,
    }.get(encoding, "Größe: 5.200 €\n日本語\n")

    assert read_here(said.encode(encoding)).text == said.strip()


def test_superscript_of_a_web_page_is_no_other_number() -> None:
    """Ten to the sixth is not a hundred and six."""
    page = b"<!DOCTYPE html><html><body><p>10<sup>-6</sup> x<sup>n</sup> 2<sup>nd</sup></p></body></html>"

    assert "10^-6 x^n 2nd" in read_here(page, "units.html").text


def test_a_web_page_is_read_as_a_browser_shows_it() -> None:
    """Without scripts and styles, with headings, lines and cells."""
    page = (
        b"<!DOCTYPE html><html><head><style>p{}</style><script>alert(1)</script></head><body>"
        b"<h1>Lease &amp; rent</h1><p>From <b>1 March</b>.</p>"
        b"<table><tr><td>Rent</td><td>14,800</td></tr></table></body></html>"
    )

    read = read_here(page, "lease.html")

    assert read.kind == "a web page"
    assert "# Lease & rent" in read.text
    assert "From **1 March**." in read.text
    assert "| Rent | 14,800 |" in read.text
    assert "alert" not in read.text


def test_marks_that_show_nothing_are_taken_out() -> None:
    """Controls, and marks that turn text around so that it reads otherwise than it looks."""
    assert read_here("pay \u202e001\u202c \x1b[31meuros\u200f".encode()).text == "pay 001 [31meuros"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_they_ended_on_any_machine(end: str) -> None:
    """Lines of Windows and of old Macs are lines."""
    assert read_here(f"one{end}two".encode()).text == "one\ntwo"


# What is too much


def test_what_is_long_is_cut() -> None:
    """No more than so many characters of text, and it says so; all that fits is not called cut."""
    whole = read_here(b"a" * MAX_CHARACTERS)
    texts = [
        b"a" * (MAX_CHARACTERS + 1),
        make_word_document(word_paragraph("word " * 30) * 2_000),
        make_workbook(("s", [["cell " * 20] * 5] * 900)),
        make_pdf(*["line " * 200] * 60),
    ]

    assert (len(whole.text), whole.truncated) == (MAX_CHARACTERS, False)
    for content in texts:
        read = read_here(content)
        assert read.truncated
        assert len(read.text) <= MAX_CHARACTERS


def test_many_pages_rows_and_sheets_are_cut() -> None:
    """What has little text in very many places is read up to a number of them."""
    for content in (
        make_pdf(*["x"] * 130),
        make_workbook(("s", [[number] for number in range(2_100)])),
        make_workbook(*((f"s{number}", [[1]]) for number in range(30))),
        make_workbook(("wide", [list(range(100))])),
    ):
        assert read_here(content).truncated


def test_reading_ends_when_its_time_is_over() -> None:
    """No further page is begun when the time is over, and what was read by then is handed over."""
    ticks = itertools.count(0.0, 2.5)

    read = read_here(make_pdf("one", "two", "three", "four"), extract=Extract(clock=lambda: next(ticks)))

    assert "two" in read.text
    assert "four" not in read.text
    assert read.truncated


def test_the_callers_deadline_is_kept() -> None:
    """Reading ends a moment before the caller's deadline, and says so if nothing was read by then."""
    with deadline.limited_to(0.1), pytest.raises(InvalidPayload, match="too long to read"):
        DocumentReader().parse(make_pdf("one", "two"))


@pytest.mark.parametrize(
    "content",
    [
        make_zip({"word/document.xml": b"<w>" + b" " * BIG}),
        make_zip({"ppt/presentation.xml": "<p/>", "ppt/slides/slide1.xml": b" " * BIG}),
        make_zip({"xl/workbook.xml": "<w/>", "xl/sharedStrings.xml": b"<s/>" + b" " * BIG}),
        make_zip({"word/document.xml": "<w/>", **{f"word/x{n}.xml": "" for n in range(2_100)}}),
    ],
    ids=["document", "slide", "strings", "parts"],
)
def test_what_unpacks_to_too_much_is_not_unpacked(content: bytes) -> None:
    """A small file that unpacks to tens of megabytes is refused by what its archive states."""
    assert len(content) < 250_000
    with pytest.raises(PayloadTooLarge):
        read_here(content)


def test_far_apart_cells_take_no_memory() -> None:
    """A workbook of 5 KB whose two cells are in opposite corners of a sheet is read, not laid out."""
    read = read_here(make_sheet({"A1": "here", "XFD1048576": "there"}))

    assert read.text == "[sheet Sheet]\n| here |\n| --- |\n\n[columns from BI on are not read]"


# What cannot be read


ENTITIES = (
    '<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY x SYSTEM "file:///etc/passwd">]>'
)
OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.mark.parametrize(
    "content, said",
    [
        (make_pdf("secret", password="hidden"), "a PDF with a password: send it without one"),
        (make_pdf("x")[:200], "a PDF that is damaged"),
        (b"%PDF-1.7\n", "a PDF that is damaged"),
        (OLD + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "a document with a password"),
        (OLD + bytes(600), "before 2007: save it as .docx"),
        (fixture("small/contract.doc"), r"Word document .*before 2007 .* save it as \.docx or PDF"),
        (OLD + bytes(600) + "PowerPoint Document".encode("utf-16-le"), r"PowerPoint .* save it as \.pptx"),
        (OLD + bytes(600) + "Workbook\0".encode("utf-16-le"), "an Excel workbook that is damaged"),
        (make_word_document(word_paragraph("x"), before=ENTITIES), "declares entities"),
        (make_word_document("<w:p>"), "a Word document that is damaged"),
        (make_word_document(""), "a Word document without any text in it"),
        (make_word_document(word_paragraph("x"))[:-30], "an archive, or a document that is damaged"),
        (make_zip({"xl/workbook.xml": ENTITIES + "<w/>"}), "declares entities"),
        (make_zip({"xl/workbook.xml": "<w/>"}), "an Excel workbook that is damaged"),
        (make_zip({"report.pdf": "x"}), "an archive"),
        (read_sample("voice.ogg"), "no document but audio/ogg"),
        (read_sample("photo.jpg"), "no document but image/jpeg"),
        (b"MZ\x90\x00\x03\x00\x00\x00", "a file of a kind that is not read"),
        (b"  \n\t ", "a text without any text in it"),
        (b"", "a text without any text in it"),
    ],
)
def test_what_cannot_be_read_says_why_and_what_to_do(content: bytes, said: str) -> None:
    """What it is, why it is not read, and what the sender can do."""
    with pytest.raises(InvalidPayload, match=said):
        read_here(content, "file.pdf")


def said_of(content: bytes) -> str:
    """The text, or the reason why there is none. Nothing else may come of it."""
    try:
        return read_here(content).text
    except RequestRejected as refusal:
        return str(refusal)


def broken(content: bytes) -> Iterator[bytes]:
    """The document with parts cut away, turned around, or filled with zeros."""
    for number in range(12):
        at = len(content) * number // 12
        yield content[:at]
        yield content[:at] + bytes(40) + content[at + 40 :]
        yield content[:at] + content[at : at + 90][::-1] + content[at + 90 :]


@pytest.mark.parametrize(
    "name", ["contract.pdf", "minutes.docx", "expenses.xlsx", "roadmap.pptx", "people.csv"]
)
def test_broken_documents_fail_cleanly(name: str) -> None:
    """Whatever is broken in a document, the reader refuses it with a reason, or reads what is left."""
    for content in broken(read_sample(name)):
        assert said_of(content)


@pytest.mark.parametrize("beginning", [b"%PDF-1.7\n", b"PK\x03\x04", b"<html>", b"", OLD, b"\xff\xfe"])
def test_noise_fails_cleanly(beginning: bytes) -> None:
    """Random bytes behind the beginning of any kind of document are refused, or read as text."""
    for seed, size in enumerate((1, 50, 3_000)):
        assert said_of(beginning + random.Random(seed).randbytes(size))
