"""Reads OpenDocument texts, spreadsheets and presentations (ISO/IEC 26300) as Markdown.

odfpy, the library for it, was last published in 2020 and hands over an element tree; pandoc comes in no
wheel."""

from repartee.services.documents.odf.document import read_presentation, read_spreadsheet, read_text

__all__ = ["read_presentation", "read_spreadsheet", "read_text"]
