"""The command scripts/knowledge: brings documents into the coach's library, or a desk's.

    scripts/knowledge add PATH…      Markdown, text and PDF; changed ones are replaced, vanished ones removed
    scripts/knowledge list           the documents that are in it, with their passages
    scripts/knowledge remove NAME…   takes documents out
    scripts/knowledge ask TEXT       the passages that the coach would be given

A document is known by its path below the folder that is added, and by that folder's name.

--namespace names the documents of a desk (its `knowledge`); without it they are the coach's.

The library is on Pinecone (PINECONE_KNOWLEDGE_HOST, PINECONE_API_KEY), or in the file that --file names.
Passages are embedded by EMBEDDING_MODEL where OPENAI_API_KEY is set, otherwise by the small model that runs
here: the model must be the coach's.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from ingestion.documents import find_documents, read_sections
from repartee.errors import ReparteeError, SettingError
from repartee.knowledge.library import (
    LibraryChange,
    document_name,
    library_name,
    make_passages,
    update_library,
)
from repartee.knowledge.uploads import UnreadableDocument
from repartee.ports import Embedder, Knowledge, Passage, Vector
from repartee.settings import Settings
from standins.openai.local_embeddings import LOCAL_EMBEDDING_MODEL, load_local_model
from support.suggestions import CommandParser


class LocalEmbedder:
    """`ports.Embedder` with the model that runs on this machine."""

    name = LOCAL_EMBEDDING_MODEL

    def embed(self, texts: Sequence[str]) -> Sequence[Vector]:
        model = load_local_model()
        return [model.embed(text).tolist() for text in texts]


def main() -> int:
    """Carries out one command; 1 if a document could not be taken."""
    options = _parser().parse_args()
    settings = Settings(os.environ)
    try:
        library = _open_library(settings, options.file, options.namespace)
        status: int = options.act(library, settings, options)
    except (ReparteeError, UnreadableDocument) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted: the same command goes on from here", file=sys.stderr)
        return 130
    return status


def add_documents(knowledge: Knowledge, settings: Settings, asked: argparse.Namespace) -> int:
    """Each path is a run of its own: within it the library becomes what is on the disk."""
    embedder, model = _choose_embedder(settings)
    failed = 0
    for path in asked.paths:
        wanted, unreadable = _read_documents(path, model)
        failed += len(unreadable)
        change = update_library(knowledge, embedder, wanted, _library_scope(path, unreadable), _show_progress)
        print(f"{path}: {_format_change(change)}")
    return 1 if failed else 0


def show_documents(knowledge: Knowledge, settings: Settings, asked: argparse.Namespace) -> int:
    found = Counter(document_name(id) for id in knowledge.list_ids())
    for name, count in sorted(found.items()):
        print(f"{count:6} {name}")
    return 0


def remove_documents(knowledge: Knowledge, settings: Settings, asked: argparse.Namespace) -> int:
    names = {library_name(name) for name in asked.names}
    stale = [id for id in knowledge.list_ids() if document_name(id) in names]
    knowledge.remove(stale)
    print(f"{len(stale)} passages removed")
    return 0 if stale else 1


def ask_library(knowledge: Knowledge, settings: Settings, asked: argparse.Namespace) -> int:
    embedder, _ = _choose_embedder(settings)
    (vector,) = embedder.embed([asked.text])
    for passage in knowledge.search(vector, 5):
        print(f"{passage.document}: {passage.heading}\n\n{passage.text}\n\n")
    return 0


def _read_documents(path: Path, model: str) -> tuple[list[Passage], set[str]]:
    """Returns the passages of all that is there, and the names of what could not be read, which stays as it
    was."""
    wanted: list[Passage] = []
    unreadable: set[str] = set()
    for document in find_documents(path):
        try:
            wanted += make_passages(document.name, document.topic, read_sections(document), model)
        except UnreadableDocument as error:
            print(error, file=sys.stderr)
            unreadable.add(library_name(document.name))
    return wanted, unreadable


def _library_scope(path: Path, unreadable: set[str]) -> Callable[[str], bool]:
    """Which documents of the library a run is about: those of its path, but for what could not be read."""
    name = path.resolve().name
    inside = f"{name}/"

    def belongs(document: str) -> bool:
        of_path = document.startswith(inside) if path.is_dir() else document == library_name(name)
        return of_path and document not in unreadable

    return belongs


def _show_progress(done: int, of: int) -> None:
    print(f"\r{done} of {of} passages", end="\n" if done == of else "", file=sys.stderr, flush=True)


def _format_change(change: LibraryChange) -> str:
    return f"{change.written} passages written, {change.removed} removed, {change.kept} as they were"


def _open_library(settings: Settings, file: str, namespace: str) -> Knowledge:
    if file:
        from repartee.stores.sqlite import SqliteKnowledge

        return SqliteKnowledge("-".join(filter(None, (file, namespace))))
    host = settings.pinecone_knowledge_host
    if not host:
        raise SettingError(
            "PINECONE_KNOWLEDGE_HOST", "is the index of the coach's library; --file is another way"
        )
    from repartee.stores.pinecone import PineconeIndex, PineconeKnowledge

    return PineconeKnowledge(PineconeIndex(host, settings.pinecone_api_key), namespace=namespace)


def _choose_embedder(settings: Settings) -> tuple[Embedder, str]:
    """Returns the embedder, and the name of its model."""
    try:
        settings.require(Settings.openai_api_key)
    except SettingError:
        return LocalEmbedder(), LocalEmbedder.name
    from repartee.services.openai.client import make_openai_client
    from repartee.services.openai.embedder import OpenAIEmbedder

    client = make_openai_client(lambda: settings.openai_api_key, settings.openai_base_url)
    return OpenAIEmbedder(client, settings.embedding_model), settings.embedding_model


def _parser() -> argparse.ArgumentParser:
    parser = CommandParser(
        "scripts/knowledge", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--file", default="", metavar="FILE", help="the library is in this SQLite file")
    parser.add_argument("--namespace", default="", metavar="NAME", help="the documents are those of a desk")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, act, argument, many, kind in (
        ("add", add_documents, "paths", "+", Path),
        ("list", show_documents, "", None, str),
        ("remove", remove_documents, "names", "+", str),
        ("ask", ask_library, "text", None, str),
    ):
        command = commands.add_parser(name)
        command.set_defaults(act=act)
        if argument:
            command.add_argument(argument, nargs=many, type=kind)
    return parser


if __name__ == "__main__":
    sys.exit(main())
