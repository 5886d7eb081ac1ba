"""Brings the coach's library into the state of the documents on the disk.

A passage's id is made of its document, its content and the model that embeds it. So the library need only
be compared by ids: what is missing is embedded and written, batch by batch, and only then is removed what is
there no more. After an interruption the next run goes on where the last one ended.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple
from urllib.parse import quote, unquote

from ingestion.documents import DocumentFile
from ingestion.passages import DocumentSection, split_sections
from repartee.errors import DeadlineExceeded, Throttled, Unavailable
from repartee.plan import Retry, retry
from repartee.ports import Embedder, Knowledge, Passage

BATCH_SIZE = 64
"""Passages in one call to the embedder: some 25,000 tokens. OpenAI takes 2,048 texts and 300,000 tokens."""

RETRY_POLICY = Retry(8, (Throttled, Unavailable, DeadlineExceeded), initial_interval=1.0, max_interval=60.0)
"""How often a call is tried: nobody waits for it, and limits are by the minute."""

MAX_NAME_CHARS = 400
"""Characters of a document's name within an id, of which Pinecone takes 512."""


class LibraryChange(NamedTuple):
    """The changes of a run: passages written, removed and left as they were."""

    written: int
    removed: int
    kept: int


def make_passages(
    document: DocumentFile, sections: Iterable[DocumentSection], model: str
) -> Iterator[Passage]:
    """Yields the document's passages, as the library keeps them."""
    for section in split_sections(sections):
        content = f"{model}\n{document.topic}\n{section.heading}\n{section.text}"
        digest = hashlib.sha256(content.encode()).hexdigest()[:32]
        yield Passage(
            id=f"{_id_prefix(document.name)}{digest}",
            document=document.name,
            text=section.text,
            heading=section.heading,
            topic=document.topic,
        )


def update_library(
    knowledge: Knowledge,
    embedder: Embedder,
    wanted: Sequence[Passage],
    belongs: Callable[[str], bool],
    progress: Callable[[int, int], None],
) -> LibraryChange:
    """Makes the passages of the documents that belong to this run those that are wanted, and no others."""
    there = {id for id in knowledge.list_ids() if belongs(document_name(id))}
    missing = {passage.id: passage for passage in wanted if passage.id not in there}
    written = 0
    for some in _batches(missing.values()):
        _write_passages(knowledge, embedder, some)
        written += len(some)
        progress(written, len(missing))
    stale = there - {passage.id for passage in wanted}
    retry(lambda: knowledge.remove(sorted(stale)), RETRY_POLICY)
    return LibraryChange(written, len(stale), len(there) - len(stale))


def _write_passages(knowledge: Knowledge, embedder: Embedder, some: Sequence[Passage]) -> None:
    texts = [embedded_text(passage) for passage in some]
    vectors = retry(lambda: embedder.embed(texts), RETRY_POLICY)
    retry(lambda: knowledge.put(list(zip(some, vectors, strict=True))), RETRY_POLICY)


def embedded_text(passage: Passage) -> str:
    """Returns a passage with what it is about: a paragraph alone often does not say it."""
    about = ": ".join(part for part in (passage.topic, passage.heading) if part)
    return f"{about}\n\n{passage.text}" if about else passage.text


def document_name(id: str) -> str:
    """Returns the name of the document that a passage is of; of a very long name, its beginning."""
    return unquote(id.rpartition("#")[0])


def library_name(name: str) -> str:
    """Returns a document's name as `document_of` gives it."""
    return unquote(_id_prefix(name)[:-1])


def _id_prefix(name: str) -> str:
    quoted = quote(name)
    if len(quoted) > MAX_NAME_CHARS:
        quoted = f"{quoted[: MAX_NAME_CHARS - 17]}~{hashlib.sha256(name.encode()).hexdigest()[:16]}"
    return f"{quoted}#"


def _batches(values: Iterable[Passage]) -> Iterator[list[Passage]]:
    rest = iter(values)
    while some := list(islice(rest, BATCH_SIZE)):
        yield some
