"""Reads the documents that people post, none of which is trusted.

`DocumentReader` is imported on first use: the process that reads a document imports this package too, and
not what starts such processes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from repartee.services.documents.reader import DocumentReader

__all__ = ["DocumentReader"]


def __getattr__(name: str) -> Any:
    if name == "DocumentReader":
        from repartee.services.documents.reader import DocumentReader

        return DocumentReader
    raise AttributeError(name)
