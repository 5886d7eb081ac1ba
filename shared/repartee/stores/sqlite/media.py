"""Images and files in one SQLite file, by the hash of their content."""

from __future__ import annotations

import base64
import hashlib

from repartee.errors import NotFound, TooLarge
from repartee.plan import deadline
from repartee.ports import Medium
from repartee.services.sniffing import type_of
from repartee.stores.sqlite.database import BACKEND, Database

LARGEST = 20 * 1024 * 1024
"""Bytes of one medium, as on S3."""

LARGEST_LINK = 8 * 1024 * 1024
"""Bytes of what is written into a link: it travels with the request to the model."""

SCHEMA = (
    """
CREATE TABLE media (
    key TEXT PRIMARY KEY,
    workspace TEXT NOT NULL,
    content BLOB NOT NULL
)
""",
)


class SqliteMedia:
    """`ports.Media` in the file at `path`. Its links hold the content itself (RFC 2397): a model that is
    elsewhere cannot read from this machine."""

    def __init__(self, path: str) -> None:
        self._database = Database(path, SCHEMA, deadline.remaining)

    def put(self, workspace: str, content: bytes) -> Medium:
        if len(content) > LARGEST:
            raise TooLarge(f"{len(content)} bytes, where {LARGEST} are allowed")
        key = f"{workspace}/{hashlib.sha256(content).hexdigest()}"
        medium = Medium(key=key, type=type_of(content), size=len(content))
        with self._database.writing() as connection:
            connection.execute("INSERT OR IGNORE INTO media VALUES (?, ?, ?)", (key, workspace, content))
        return medium

    def link(self, medium: Medium) -> str:
        if medium.size > LARGEST_LINK:
            raise TooLarge(f"{medium.size} bytes, where {LARGEST_LINK} can be shown")
        return f"data:{medium.type};base64,{base64.b64encode(self.read(medium)).decode()}"

    def read(self, medium: Medium) -> bytes:
        with self._database.reading() as connection:
            found = connection.execute("SELECT content FROM media WHERE key = ?", (medium.key,)).fetchone()
        if found is None:
            raise NotFound(BACKEND, "it is not there any more")
        content: bytes = found[0]
        return content

    def forget(self, workspace: str) -> int:
        with self._database.writing() as connection:
            forgotten = connection.execute("DELETE FROM media WHERE workspace = ?", (workspace,)).rowcount
        self._database.settle()
        return forgotten

    def close(self) -> None:
        self._database.close()
