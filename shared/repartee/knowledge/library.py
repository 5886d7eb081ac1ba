"""Brings a library into the state of the documents that are wanted in it.

A passage's id is made of its document, its content and the model that embeds it. So the library need only
be compared by ids: what is missing is embedded and written, batch by batch, and only then is removed what is
there no more. After an interruption the next run goes on where the last one ended.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple
from urllib.parse import quote, unquote

from repartee.errors import DeadlineExceeded, Throttled, Unavailable
from repartee.knowledge.passages import DocumentSection, split_sections
from repartee.plan import Retry, retry
from repartee.ports import Embedder, Knowledge, Passage

MAX_BATCH_PASSAGES = 64
"""Passages in one call to the embedder: some 25,000 tokens. OpenAI takes 2,048 texts and 300,000 tokens."""

RETRY_POLICY = Retry(8, (Throttled, Unavailable, DeadlineExceeded), initial_interval=1.0, max_interval=60.0)
"""How often a call is tried: nobody waits for it, and limits are by the minute."""

MAX_NAME_CHARS = 400
"""Characters of a document's name within an id, of which Pinecone takes 512."""


class LibraryChange(NamedTuple):
    """The changes of a run: passages written, removed and left as they were. `missing` are those that are
    still to be written, because its time was over: the same run goes on with them."""

    written: int
    removed: int
    kept: int
    missing: int = 0


def make_passages(
    name: str, topic: str, sections: Iterable[DocumentSection], model: str
) -> Iterator[Passage]:
    """Yields the passages of a document, as the library keeps them. `topic` says what it is about, if
    known."""
    for section in split_sections(sections):
        content = f"{model}\n{topic}\n{section.heading}\n{section.text}"
        digest = hashlib.sha256(content.encode()).hexdigest()[:32]
        yield Passage(
            id=f"{_id_prefix(name)}{digest}",
            document=name,
            text=section.text,
            heading=section.heading,
            topic=topic,
        )


def update_library(
    knowledge: Knowledge,
    embedder: Embedder,
    wanted: Sequence[Passage],
    belongs: Callable[[str], bool],
    progress: Callable[[int, int], None] = lambda done, of: None,
    is_over: Callable[[], bool] = lambda: False,
) -> LibraryChange:
    """Makes the passages of the documents that belong to this run those that are wanted, and no others.
    Nothing is removed while `is_over` says that no more may be written."""
    there = {id for id in knowledge.list_ids() if belongs(document_name(id))}
    missing = {passage.id: passage for passage in wanted if passage.id not in there}
    written = 0
    for some in _batches(missing.values()):
        if is_over():
            return LibraryChange(written, 0, len(there), len(missing) - written)
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
    while some := list(islice(rest, MAX_BATCH_PASSAGES)):
        yield some


def list_documents(knowledge: Knowledge, max_passages: int) -> tuple[Sequence[tuple[str, int]], bool]:
    """Returns the documents among so many passages, with how many passages each has, and whether that is
    all."""
    ids = list(islice(knowledge.list_ids(), max_passages + 1))
    found = Counter(document_name(id) for id in ids[:max_passages])
    return sorted(found.items()), len(ids) <= max_passages


def remove_document(knowledge: Knowledge, name: str) -> int:
    """Takes a document out. Returns how many passages that were."""
    stale = [id for id in knowledge.list_ids() if document_name(id) == name]
    knowledge.remove(stale)
    return len(stale)
