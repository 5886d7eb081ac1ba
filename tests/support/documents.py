"""Documents made for a test: small, broken, hostile."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from repartee.ports import Document
from repartee.services.documents.extract import Extract
from repartee.services.documents.reading import read_into

FIXTURES = Path(__file__).parents[1] / "data" / "documents"
SAMPLES_FOLDER = Path(__file__).parents[2] / "events" / "files"

WORD_NAMESPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def read_sample(name: str) -> bytes:
    """A file behind one of the sample events."""
    return (SAMPLES_FOLDER / name).read_bytes()


def make_zip(parts: Mapping[str, str | bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return made.getvalue()


def make_word_document(body: str, before: str = "", **more: str | bytes) -> bytes:
    """A Word document with that in its body. `before` stands ahead of the root element."""
    document = (
        f'<?xml version="1.0"?>{before}<w:document {WORD_NAMESPACE}><w:body>{body}</w:body></w:document>'
    )
    return make_zip({"[Content_Types].xml": "<Types/>", "word/document.xml": document, **more})


def word_paragraph(text: str, style: str = "") -> str:
    properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{properties}<w:r><w:t>{text}</w:t></w:r></w:p>"


def make_workbook(*sheets: tuple[str, Sequence[Sequence[object]]]) -> bytes:
    from openpyxl import Workbook

    book, made = Workbook(write_only=True), io.BytesIO()
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(made)
    return made.getvalue()


def make_sheet(placed: Mapping[str, str | float]) -> bytes:
    """A workbook with these cells alone."""
    from openpyxl import Workbook

    book, made = Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    for place, value in placed.items():
        sheet[place] = value
    book.save(made)
    return made.getvalue()


def make_pdf(*pages: str, password: str = "", drawing: bytes = b"") -> bytes:
    """A PDF with a line of text on each page, or with that drawing on it."""
    streams = [drawing or f"BT /F1 12 Tf 60 700 Td ({page}) Tj ET".encode() for page in pages]
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(streams)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(streams)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for number, stream in enumerate(streams):
        packed = zlib.compress(stream)
        head = f"<< /Filter /FlateDecode /Length {len(packed)} >>\nstream\n".encode()
        resources = f"/Resources << /Font << /F1 3 0 R >> >> /Contents {5 + 2 * number} 0 R"
        objects.append(f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] {resources} >>".encode())
        objects.append(head + packed + b"\nendstream")
    return _encrypt_pdf(_write_pdf(objects), password) if password else _write_pdf(objects)


def _write_pdf(objects: Sequence[bytes]) -> bytes:
    body, places = bytearray(b"%PDF-1.7\n"), []
    for number, one in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    start = len(body)
    body += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    body += b"".join(b"%010d 00000 n \n" % place for place in places)
    body += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(body)


def _encrypt_pdf(content: bytes, password: str) -> bytes:
    from pypdf import PdfReader, PdfWriter

    writer, made = PdfWriter(PdfReader(io.BytesIO(content))), io.BytesIO()
    writer.encrypt(password, algorithm="AES-256")
    writer.write(made)
    return made.getvalue()


def fixture(name: str) -> bytes:
    """A document that LibreOffice or another program wrote (tests/data/documents/README.md)."""
    return (FIXTURES / name).read_bytes()


def read_here(content: bytes, name: str = "", extract: Extract | None = None) -> Document:
    """Runs the reader of documents in this process."""
    extract = extract or Extract()
    kind = read_into(content, name, extract)
    found = extract.extracted()
    return Document(
        kind=kind, text=found.text, extent=found.parts, truncated=found.cut, pictures=found.pictures
    )


def sheet(rows: str, *, after: str = "", styles: str = "", state: str = "visible") -> bytes:
    """A workbook of one sheet with that XML in it."""
    namespace = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    return make_zip(
        {
            "xl/workbook.xml": f'<workbook xmlns:r="{namespace}"><sheets>'
            f'<sheet name="Costs" r:id="a" state="{state}"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": '<Relationships><Relationship Id="a" Type="x/worksheet" '
            'Target="worksheets/sheet1.xml"/></Relationships>',
            "xl/styles.xml": f"<styleSheet>{styles}</styleSheet>",
            "xl/worksheets/sheet1.xml": f"<worksheet><sheetData>{rows}</sheetData>{after}</worksheet>",
        }
    )


def scan(*colours: str | tuple[int, int, int]) -> bytes:
    """A PDF whose pages are nothing but pictures."""
    from PIL import Image

    pages, made = [Image.new("RGB", (595, 842), colour) for colour in colours], io.BytesIO()
    pages[0].save(made, "PDF", save_all=True, append_images=pages[1:])
    return made.getvalue()
