"""Small files that would take all memory or all time, and how much the processes take that read them."""

from __future__ import annotations

import os
import threading
import time
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.support.documents import fixture, make_pdf, make_word_document, make_zip, sheet, word_paragraph

CHILD = b"documents.child"
PROCESSES = Path("/proc")
LOOK_SECONDS = 0.01

BOMBS: Mapping[str, Callable[[], bytes]] = {
    "an old workbook whose two cells are far apart": lambda: fixture("small/far_cells.xls"),
    "a row of millions of cells": lambda: sheet('<row r="1">' + '<c r="A1"/>' * 6_000_000 + "</row>"),
    "a sheet of 600,000 rows": lambda: sheet(
        "".join(f'<row r="{row}"><c r="A{row}"><v>{row}</v></c></row>' for row in range(1, 600_000))
    ),
    "ranges merged over all cells": lambda: sheet(
        '<row r="1"><c r="A1"><v>1</v></c></row>',
        after='<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>' * 1_900,
    ),
    "a document 200,000 deep": lambda: make_word_document("<w:sdt>" * 200_000 + "</w:sdt>" * 200_000),
    "tables 20,000 deep": lambda: make_word_document(
        "<w:tbl><w:tr><w:tc>" * 20_000 + word_paragraph("x") + "</w:tc></w:tr></w:tbl>" * 20_000
    ),
    "a paragraph of a million runs": lambda: make_word_document(f"<w:p>{'<w:r><w:t>a</w:t></w:r>' * 1_000_000}</w:p>"),
    "an archive of 400 MB": lambda: make_zip({"word/document.xml": b"<w>" + b" " * (400 << 20)}),
    "a page of 3 million drawn texts": lambda: make_pdf("x", drawing=b"BT /F1 12 Tf (a) Tj ET " * 3_000_000),
    "a page of 5 million drawn lines": lambda: make_pdf("x", drawing=b"0 0 m 9 9 l S " * 5_000_000),
    "a picture of 900 megapixels": lambda: picture(30_000),
    "a web page 30,000 deep": lambda: b"<html>" + b"<div>" * 30_000 + b"x",
    "cells over all rows": lambda: b"<html><table>" + b"<tr><td rowspan=99>x</td></tr>" * 6_000,
    "braces 500,000 deep": lambda: b"{\\rtf1 " + b"{" * 500_000,
    "mail within mail": lambda: (
        b"From: a\nTo: b\nSubject: c\nContent-Type: multipart/mixed; boundary=x\n\n"
        + b"--x\nContent-Type: message/rfc822\n\nFrom: a\nContent-Type: multipart/mixed; boundary=x\n\n" * 5_000
    ),
    "a million rows that are one": lambda: make_zip(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": '<o:document-content xmlns:o="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:t="t" '
            'xmlns:x="x"><o:body><o:spreadsheet><t:table><t:table-row t:number-rows-repeated="1048576"><t:table-cell '
            't:number-columns-repeated="16384"><x:p>x</x:p></t:table-cell></t:table-row></t:table></o:spreadsheet>'
            "</o:body></o:document-content>",
        }
    ),
}  # fmt: skip
"""By what each is. None is larger than 5 MB."""


def picture(side: int) -> bytes:
    """A PDF whose page is one white picture of so many pixels a side."""
    packer, row = zlib.compressobj(9), b"\xff" * (3 * side)
    packed = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    head = (
        f"<< /Type /XObject /Subtype /Image /Width {side} /Height {side} /ColorSpace /DeviceRGB /BitsPerComponent 8 "
        f"/Filter /FlateDecode /Length {len(packed)} >>\nstream\n"
    ).encode()
    drawn = b"595 0 0 842 0 0 cm /I Do"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /XObject << /I 5 0 R >> >> /Contents 4 0 R >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn),
        head + packed + b"\nendstream",
    ]
    body = b"%PDF-1.7\n" + b"".join(b"%d 0 obj\n%s\nendobj\n" % one for one in enumerate(objects, 1))
    return body + b"trailer\n<< /Size 6 /Root 1 0 R >>\n%%EOF\n"


def _is_ours(process: Path) -> bool:
    """Whether this process started it: tests that run beside this one read documents too."""
    parent = (process / "stat").read_text().rpartition(")")[2].split()[1]
    return int(parent) == os.getpid()


class Watched:
    """Looks at the processes that read documents for as long as the `with` block takes (Linux). `peak_bytes` is the
    most that they took together, `most` how many there were at once, `environments` what they were started with."""

    def __init__(self) -> None:
        self.peak_bytes, self.most = 0, 0
        self.environments: set[bytes] = set()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Watched:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.is_set():
            found = [bytes_ for process in PROCESSES.glob("[0-9]*") if (bytes_ := self._memory_of(process))]
            self.peak_bytes, self.most = max(self.peak_bytes, sum(found)), max(self.most, len(found))
            time.sleep(LOOK_SECONDS)

    def _memory_of(self, process: Path) -> int:
        try:
            if CHILD not in (process / "cmdline").read_bytes() or not _is_ours(process):
                return 0
            self.environments.add((process / "environ").read_bytes())
            return int((process / "statm").read_bytes().split()[1]) * 4096
        except OSError:
            return 0
