"""Reading the documents that people post, none of which is to be trusted."""

from repartee.services.documents.reader import DocumentReader

__all__ = ["DocumentReader"]
