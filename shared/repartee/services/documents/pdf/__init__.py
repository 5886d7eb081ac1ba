"""Reads PDF documents through PDFium: text, tables, filled forms, notes, and pages that are scans as
pictures."""

from repartee.services.documents.pdf.document import read

__all__ = ["read"]
