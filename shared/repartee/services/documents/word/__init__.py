"""Reads Word documents (ECMA-376, part 1, 17) as Markdown.

Word's libraries were tried on documents of several writers: none tells the numbers of automatic numbering as
they are shown, and python-docx and docx2python open no document whose relationships are missing
(docs/attachments.md)."""

from repartee.services.documents.word.document import read

__all__ = ["read"]
