"""Presentations, PDF, e-mail, Rich Text, web pages and OpenDocument are read whole, and say what is not read."""

from __future__ import annotations

from io import BytesIO

import pytest

from repartee.errors import InvalidPayload
from tests.support.documents import fixture, make_pdf, make_zip, read_here, scan

P = 'xmlns:a="urn:a" xmlns:p="urn:p" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'


def slide(*shapes: str, more: str = "") -> str:
    return f"<p:sld {P} {more}><p:cSld><p:spTree>{''.join(shapes)}</p:spTree></p:cSld></p:sld>"


def shape(text: str, kind: str = "") -> str:
    placeholder = f'<p:nvSpPr><p:nvPr><p:ph type="{kind}"/></p:nvPr></p:nvSpPr>' if kind else ""
    return f"<p:sp>{placeholder}<p:txBody><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:txBody></p:sp>"


def presentation(slides: list[str], order: list[int], **more: str) -> bytes:
    ids = "".join(f'<p:sldId id="{256 + number}" r:id="r{number}"/>' for number in order)
    relations = "".join(
        f'<Relationship Id="r{number}" Type="x/slide" Target="slides/slide{number}.xml"/>'
        for number in range(1, len(slides) + 1)
    )
    return make_zip(
        {
            "ppt/presentation.xml": f"<p:presentation {P}><p:sldIdLst>{ids}</p:sldIdLst></p:presentation>",
            "ppt/_rels/presentation.xml.rels": f"<Relationships>{relations}</Relationships>",
            **{f"ppt/slides/slide{number}.xml": one for number, one in enumerate(slides, 1)},
            **more,
        }
    )


def test_slides_come_as_they_are_presented() -> None:
    """In the presentation's order; the title first; hidden ones said; without the number and the date."""
    slides = [
        slide(shape("12", "sldNum"), shape("body"), shape("Agenda", "title")),
        slide(shape("Budget"), more='show="0"'),
        slide(shape("Team")),
    ]

    read = read_here(presentation(slides, [1, 3, 2]))

    assert read.extent == "3 slides"
    assert read.text == "[slide 1]\n\n## Agenda\nbody\n\n[slide 2]\nTeam\n\n[slide 3 (hidden)]\nBudget"


def test_slides_come_with_their_notes_tables_and_charts() -> None:
    """Notes by relationship; a table; the values that a chart shows."""
    cells = "".join(
        f"<a:tc><a:txBody><a:p><a:r><a:t>{text}</a:t></a:r></a:p></a:txBody></a:tc>" for text in ("Q1", "40")
    )
    table = f"<p:graphicFrame><a:tbl><a:tr>{cells}</a:tr></a:tbl></p:graphicFrame>"
    chart = '<p:graphicFrame><c:chart xmlns:c="urn:c" r:id="c1"/></p:graphicFrame>'
    series = (
        '<c:chartSpace xmlns:c="urn:c" xmlns:a="urn:a"><c:chart><c:title><a:t>Rent</a:t></c:title><c:ser>'
        '<c:tx><c:v>EUR</c:v></c:tx><c:cat><c:pt idx="0"><c:v>2026</c:v></c:pt></c:cat>'
        '<c:val><c:pt idx="0"><c:v>14800</c:v></c:pt></c:val></c:ser></c:chart></c:chartSpace>'
    )
    relations = (
        '<Relationships><Relationship Id="n1" Type="x/notesSlide" Target="../notesSlides/notesSlide9.xml"/>'
        '<Relationship Id="c1" Type="x/chart" Target="../charts/chart1.xml"/></Relationships>'
    )
    notes = f"<p:notes {P}><p:cSld><p:spTree>{shape('1', 'sldNum')}{shape('Say it slowly.', 'body')}</p:spTree></p:cSld></p:notes>"

    text = read_here(
        presentation(
            [slide(table, chart)],
            [1],
            **{
                "ppt/slides/_rels/slide1.xml.rels": relations,
                "ppt/notesSlides/notesSlide9.xml": notes,
                "ppt/charts/chart1.xml": series,
            },
        )
    ).text

    assert "| Q1 | 40 |\n" in text
    assert "[chart: Rent]\n\n|  | EUR |\n| --- | --- |\n| 2026 | 14800 |\n" in text
    assert text.endswith("[notes] Say it slowly.")


@pytest.mark.parametrize("name", ["plan.pptx", "plan.odp"])
def test_presentations_of_libreoffice_are_read_whole(name: str) -> None:
    """Slides in order, each with its table and its notes."""
    read = read_here(fixture(name))

    places = [read.text.index(said) for said in (
        "Agenda", "Ben buys 37 desks", "[notes] Say that Ben is on leave until 3 May.", "| Q2 | 52,500 |",
        "[notes] 40,000 is without furniture.")]  # fmt: skip
    assert places == sorted(places)
    assert read.extent == "3 slides"


@pytest.mark.parametrize("name", ["contract.odt", "contract.rtf"])
def test_texts_of_libreoffice_are_read_whole(name: str) -> None:
    """Numbers, lists, a table, a note, a comment, margins; nothing that is hidden or deleted."""
    text = read_here(fixture(name)).text

    assert "[header] Lease no. 2026-114, second draft" in text
    for said in ("1. Term", "1.1 Beginning", "2.1 Form", "a) Parking is included.", "ii. Two spaces in the yard.",
                 "| 2029–2031 | 15,250 EUR | 104.25 |", "4402.[^1] It ends as clause 2.1 says.",
                 "[^1]: Extended once in 2019.", "Ben: Ask the landlord about this.",
                 "Größe: 412,5 m², Straße, 日本語, हिन्दी."):  # fmt: skip
        assert said in text
    assert "Confidential, Lisbon office" in text
    assert "withdrawn" not in text
    assert "invisible" not in text


@pytest.mark.parametrize("kind", ["text", "text-template", "text-web", "text-master"])
def test_an_open_document_of_any_kind_keeps_its_exponents(kind: str) -> None:
    """A template, a web page and a document of several files are texts. Ten to the sixth is no 106."""
    content = (
        '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
        ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
        ' xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"><office:automatic-styles>'
        '<style:style style:name="T1"><style:text-properties style:text-position="super 58%"/></style:style>'
        '<style:style style:name="T2"><style:text-properties style:text-position="-33% 58%"/></style:style>'
        '<style:style style:name="T3"><style:text-properties style:text-position="0% 100%"/></style:style>'
        '</office:automatic-styles><office:body><office:text><text:p>10<text:span text:style-name="T1">6</text:span>'
        ' H<text:span text:style-name="T2">2</text:span>O 4<text:span text:style-name="T3">2</text:span>'
        "</text:p></office:text></office:body></office:document-content>"
    )
    made = make_zip({"mimetype": f"application/vnd.oasis.opendocument.{kind}", "content.xml": content})

    assert "10^6 H2O 42" in read_here(made).text


def test_a_pdf_of_libreoffice_keeps_its_table() -> None:
    """Words in their order, and what stands in columns as a table."""
    text = read_here(fixture("contract.pdf")).text

    assert (
        "| Period | Monthly rent | Index |\n| --- | --- | --- |\n| 2026–2028 | 14,800 EUR | 101.5 |" in text
    )
    assert "Größe: 412,5 m², Straße, 日本語, हिन्दी." in text


def test_what_was_filled_into_a_pdf_is_read() -> None:
    """The values of a form, boxes that are ticked, and fields that are empty."""
    from pypdf import PdfReader, PdfWriter
    from pypdf.generic import ArrayObject, DictionaryObject, FloatObject, NameObject, TextStringObject

    def field(name: str, kind: str, **more: str) -> DictionaryObject:
        return DictionaryObject({
            NameObject("/Type"): NameObject("/Annot"), NameObject("/Subtype"): NameObject("/Widget"),
            NameObject("/FT"): NameObject(kind), NameObject("/T"): TextStringObject(name),
            NameObject("/Rect"): ArrayObject([FloatObject(side) for side in (10, 10, 90, 30)]),
            **{NameObject(f"/{key}"): NameObject(value) if value.startswith("/") else TextStringObject(value) for key, value in more.items()},
        })  # fmt: skip

    writer, made = PdfWriter(PdfReader(BytesIO(make_pdf("Rent:")))), BytesIO()
    fields = [writer._add_object(one) for one in (field("rent", "/Tx", V="1,250 EUR"), field("pets", "/Tx"))]
    writer.pages[0][NameObject("/Annots")] = ArrayObject(fields)
    writer.root_object[NameObject("/AcroForm")] = DictionaryObject(
        {NameObject("/Fields"): ArrayObject(fields)}
    )
    writer.write(made)

    assert (
        read_here(made.getvalue()).text == "[page 1]\nRent:\n[field] rent: 1,250 EUR\n[field] pets: (empty)"
    )
    assert (
        "[field] tenant: Zoe Example\n[field] rent: 1,250 EUR"
        in read_here(fixture("small/pdf_filled_form.pdf")).text
    )


def test_pages_that_are_scans_are_given_as_pictures() -> None:
    """Bounded in number and in size; the text says which page is which, and which are left out."""
    from PIL import Image

    read = read_here(scan(*["white", "grey", "black"] * 4))

    assert len(read.pictures) == 8
    assert all(max(Image.open(BytesIO(one)).size) <= 1_600 for one in read.pictures)
    assert sum(map(len, read.pictures)) < 6 * 2**20
    assert "[page 8]\n[page 8 is a scan or drawing: it is given as a picture]" in read.text
    assert "[page 9 is a scan or drawing, and not shown: there are too many]" in read.text


MAIL = (
    "From: =?utf-8?q?Zo=C3=A9?= <zoe@example.com>\r\nTo: ben@example.com\r\nSubject: =?utf-8?b?R3LDtsOfZQ==?=\r\n"
    "Date: Tue, 1 Sep 2026 10:30:00 +0200\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
    "--x\r\nContent-Type: text/html; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    "<p>The rent is <b>14,800&nbsp;EUR</b> f=FCr alles.</p>\r\n"
    '--x\r\nContent-Type: text/csv; name="p.csv"\r\nContent-Disposition: attachment; filename="p.csv"\r\n\r\n'
    "Name,Desk\r\nAda,4\r\n"
    '--x\r\nContent-Type: application/zip\r\nContent-Disposition: attachment; filename="a.zip"\r\n'
    "Content-Transfer-Encoding: base64\r\n\r\nUEsDBAAA\r\n--x--\r\n"
)


@pytest.mark.parametrize("name", ["mail.eml", ""])
def test_mail_is_read_with_its_attachments(name: str) -> None:
    """Who, when, what about; the text; attached files as they would be read alone, or why they are not."""
    read = read_here(MAIL.encode(), name)

    assert (read.kind, read.extent) == ("an e-mail", "2 attachments")
    assert (
        "From: Zoé <zoe@example.com>\nTo: ben@example.com\nDate: Tue, 01 Sep 2026 10:30:00 +0200\nSubject: Größe"
        in read.text
    )
    assert "The rent is **14,800 EUR** für alles." in read.text.replace("\xa0", " ")
    assert "[attachment p.csv]\n[a CSV table]\n| Name | Desk |\n| --- | --- |\n| Ada | 4 |" in read.text
    assert "[attachment a.zip]\n[not read: an archive, or a document that is damaged" in read.text


def test_outlooks_messages_are_read() -> None:
    """The same of Outlook's own files, by whichever program they were written."""
    read = read_here(fixture("lease.msg"))

    assert (read.kind, read.extent) == ("an Outlook message", "2 attachments")
    assert (
        "Subject: Lease of the office\n\nThe rent is 14,800 EUR from 1 March 2026.\nParking: six spaces."
        in read.text
    )
    assert "To: Ben Example <ben@example.com>" in read.text
    assert "| Zoé | 1,72 |" in read.text


def test_rich_text_shows_what_its_author_shows() -> None:
    """Letters beyond ASCII, tables, notes; not what is hidden or deleted; links with their address."""
    rtf = (
        rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}\pard Gr\'f6\'dfe \u8364?5{\v hidden}{\deleted gone} end"
        rb"{\*\footnote{\pard See annex.}}\par{\field{\*\fldinst{HYPERLINK \"https://a.example/x\"}}{\fldrslt there}}\par"
        rb"\trowd\intbl a\cell b\cell\row\trowd\intbl 1\cell 2\cell\row\pard}"
    ).replace(b'\\"', b'"')

    text = read_here(rtf).text

    assert "Größe €5 end[^1]" in text
    assert "https://a.example/x" in text
    assert "there" in text
    assert "| a | b |\n| --- | --- |\n| 1 | 2 |" in text
    assert "[^1]: See annex." in text


def test_web_pages_keep_tables_links_and_what_was_filled_in() -> None:
    """Cells over rows in each of them; no scripts, no hidden parts, no addresses that run something."""
    page = (
        "<html><head><title>Lease</title></head><body><p hidden>no</p><p style='display:none'>no</p>"
        "<p>See <a href='https://a.example/x_y'>this</a> and <a href='javascript:no()'>that</a>.</p>"
        "<table><tr><td rowspan=2>Berlin</td><td>Q1</td></tr><tr><td>Q2</td></tr></table>"
        "<ol><li>one<ul><li>deep</li></ul></li></ol><input value='Ada'><input type=checkbox checked>"
        "<img alt='a plan' src='x.png'></body></html>"
    )

    text = read_here(page.encode()).text

    assert text.startswith("Lease\n\nSee [this](https://a.example/x_y) and that.")
    assert "| Berlin | Q1 |\n| --- | --- |\n| Berlin | Q2 |" in text
    assert "1. one\n" in text
    assert "☒" in text
    assert "Ada" in text
    assert "[picture: a plan]" in text
    assert "no" not in text.split()


def test_locked_opendocuments_are_said() -> None:
    """A password is named as the reason."""
    locked: dict[str, str | bytes] = {
        "mimetype": "application/vnd.oasis.opendocument.text",
        "content.xml": b"\x00\x01",
        "META-INF/manifest.xml": "<manifest><file-entry><encryption-data/></file-entry></manifest>",
    }

    with pytest.raises(InvalidPayload, match="with a password"):
        read_here(make_zip(locked))
