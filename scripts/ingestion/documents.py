"""Documents on the disk: which there are, and what is in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from ingestion.passages import Section, of_markdown


class Unreadable(Exception):
    """A document that cannot be taken, and why."""


class Document(NamedTuple):
    """A file, by the name under which the library knows it. `topic` is the folder that it is in, if any."""

    name: str
    path: Path

    @property
    def topic(self) -> str:
        parts = self.name.split("/")
        return parts[1] if len(parts) > 2 else ""


def documents(path: Path) -> Iterator[Document]:
    """The file, or the files below the folder that can be read, in order. Hidden ones are left out."""
    if not path.exists():
        raise Unreadable(f"{path} is not there")
    if path.is_file():
        yield Document(path.name, path)
        return
    for file in sorted(path.rglob("*")):
        inside = file.relative_to(path)
        if file.is_file() and file.suffix.lower() in READERS and not _hidden(inside.parts):
            yield Document(f"{path.resolve().name}/{inside.as_posix()}", file)


def sections(document: Document) -> Iterable[Section]:
    """What is in it. Raises `Unreadable`."""
    read = READERS.get(document.path.suffix.lower())
    if read is None:
        raise Unreadable(f"{document.path} is none of {', '.join(READERS)}")
    return read(document.path)


def _hidden(parts: Iterable[str]) -> bool:
    return any(part.startswith(".") for part in parts)


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable(f"{path} is not text in UTF-8: save it as such") from None


def _markdown(path: Path) -> Iterable[Section]:
    return of_markdown(_text(path))


def _plain(path: Path) -> Iterable[Section]:
    return [Section("", _text(path))]


def _pdf(path: Path) -> Iterable[Section]:
    """A section a page. Words that are torn at a line's end are put together."""
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        pages = [page.extract_text() for page in PdfReader(path).pages]
    except (PyPdfError, ValueError, KeyError) as error:
        raise Unreadable(f"{path} cannot be read as PDF: {error}") from error
    if not any(page.strip() for page in pages):
        raise Unreadable(f"{path} holds no text: if it is a scan, recognise its text first")
    return [Section(f"page {n}", page.replace("-\n", "")) for n, page in enumerate(pages, 1)]


READERS: Mapping[str, Callable[[Path], Iterable[Section]]] = {
    ".md": _markdown,
    ".markdown": _markdown,
    ".txt": _plain,
    ".pdf": _pdf,
}
