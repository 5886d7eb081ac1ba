"""Reads Excel workbooks (ECMA-376, part 1, 18) as Markdown tables, row by row from the stream of their XML.

The libraries were tried: openpyxl's streaming mode reads a workbook twice to tell values from formulas and
knows no merged cells; python-calamine lays a sheet out as a table, which two far cells make larger than
memory, and knows no number formats (docs/attachments.md). `binary` reads
through it what nothing else reads.
"""

from repartee.services.documents.excel.binary import is_workbook as is_binary
from repartee.services.documents.excel.binary import read as read_binary
from repartee.services.documents.excel.workbook import read

__all__ = ["BINARY_PART", "is_binary", "read", "read_binary"]

BINARY_PART = b"xl/workbook.bin"
"""A part that only a workbook of the format .xlsb has."""
