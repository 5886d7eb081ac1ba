"""Documents on the disk: which there are, and what is in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from repartee.knowledge.passages import DocumentSection, parse_markdown_sections
from repartee.knowledge.uploads import UnreadableDocument, decode_text


class DocumentFile(NamedTuple):
    """A file, by the name under which the library knows it. `topic` is the folder that it is in, if any."""

    name: str
    path: Path

    @property
    def topic(self) -> str:
        parts = self.name.split("/")
        return parts[1] if len(parts) > 2 else ""


def find_documents(path: Path) -> Iterator[DocumentFile]:
    """Yields the file, or the files below the folder that can be read, in order. Hidden ones are left out."""
    if not path.exists():
        raise UnreadableDocument(f"{path} is not there")
    if path.is_file():
        yield DocumentFile(path.name, path)
        return
    for file in sorted(path.rglob("*")):
        inside = file.relative_to(path)
        if file.is_file() and file.suffix.lower() in READERS_BY_SUFFIX and not _is_hidden(inside.parts):
            yield DocumentFile(f"{path.resolve().name}/{inside.as_posix()}", file)


def read_sections(document: DocumentFile) -> Iterable[DocumentSection]:
    """Returns the document's sections. Raises `Unreadable`."""
    read = READERS_BY_SUFFIX.get(document.path.suffix.lower())
    if read is None:
        raise UnreadableDocument(f"{document.path} is none of {', '.join(READERS_BY_SUFFIX)}")
    return read(document.path)


def _is_hidden(parts: Iterable[str]) -> bool:
    return any(part.startswith(".") for part in parts)


def _read_text(path: Path) -> str:
    return decode_text(str(path), path.read_bytes())


def _read_markdown(path: Path) -> Iterable[DocumentSection]:
    return parse_markdown_sections(_read_text(path))


def _read_plain(path: Path) -> Iterable[DocumentSection]:
    return [DocumentSection("", _read_text(path))]


def _read_pdf(path: Path) -> Iterable[DocumentSection]:
    """Returns a section a page. Words that are torn at a line's end are put together."""
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        pages = [page.extract_text() for page in PdfReader(path).pages]
    except (PyPdfError, ValueError, KeyError) as error:
        raise UnreadableDocument(f"{path} cannot be read as PDF: {error}") from error
    if not any(page.strip() for page in pages):
        raise UnreadableDocument(f"{path} holds no text: if it is a scan, recognise its text first")
    return [DocumentSection(f"page {n}", page.replace("-\n", "")) for n, page in enumerate(pages, 1)]


READERS_BY_SUFFIX: Mapping[str, Callable[[Path], Iterable[DocumentSection]]] = {
    ".md": _read_markdown,
    ".markdown": _read_markdown,
    ".txt": _read_plain,
    ".pdf": _read_pdf,
}
