"""A desk with a few documents: what customers are answered from on one machine."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import msgspec

from ingestion.documents import find_documents, read_sections
from repartee.domain.desk import DeskConfig, DeskWebhook, parse_desk_config
from repartee.knowledge.library import make_passages, update_library
from repartee.language.catalogue import LANGUAGES
from repartee.ports import Embedder
from repartee.stores.sqlite.knowledge import SqliteKnowledge
from support.caches import make_once

LIBRARY_FOLDER = Path(__file__).with_name("desk_library")
LIBRARY_FILE_NAME = "desk.db"
CONFIG_FILE = Path(__file__).with_name("desk.toml")
OTHER_NUMBERS = ("slack:T0BUTLER", "telegram", "web")
"""Where the same desk answers, beside the number of its file."""


def sample_configs(receiver_url: str = "", secret: str = "") -> Iterator[DeskConfig]:
    """Yields the desk's configuration for the stand-in of each platform, with the receiver of its events, if
    there is one: it listens on this machine, which a configuration in a file may not name."""
    config = parse_desk_config(CONFIG_FILE.read_bytes(), LANGUAGES)
    if receiver_url:
        webhook = DeskWebhook(url=receiver_url, secret=secret, name="stand-in")
        config = msgspec.structs.replace(config, webhooks=(webhook,))
    yield config
    yield from (msgspec.structs.replace(config, number=number) for number in OTHER_NUMBERS)


def build_desk_library(sqlite_path: str, embedder: Embedder, model: str) -> None:
    """Puts the desk's documents beside the coach's library: made once for each embedding model, and kept."""
    documents = find_documents(LIBRARY_FOLDER)
    digest = hashlib.sha256(b"".join(one.path.read_bytes() for one in documents)).hexdigest()[:12]
    name = f"desk-library-{digest}-{quote(model, safe='')}"
    made = make_once(name, lambda folder: _ingest_documents(folder, embedder))
    namespace = parse_desk_config(CONFIG_FILE.read_bytes(), LANGUAGES).knowledge
    shutil.copy(made / LIBRARY_FILE_NAME, f"{sqlite_path}-knowledge-{namespace}")


def _ingest_documents(folder: Path, embedder: Embedder) -> None:
    knowledge = SqliteKnowledge(str(folder / LIBRARY_FILE_NAME))
    wanted = [
        one
        for document in find_documents(LIBRARY_FOLDER)
        for one in make_passages(document.name, document.topic, read_sections(document), "local")
    ]
    update_library(knowledge, embedder, wanted, lambda name: True, lambda done, of: None)
    knowledge.close()
