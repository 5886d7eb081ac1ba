"""Images and files in one SQLite file, by the hash of their content."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable

from repartee.errors import NotFound, PayloadTooLarge
from repartee.plan import deadline
from repartee.ports import StoredMedia
from repartee.services.content_type import detect_type
from repartee.stores.sqlite.database import BACKEND_NAME, SqliteDatabase

MAX_MEDIUM_BYTES = 20 * 1024 * 1024
"""Bytes of one medium, as on S3."""

MAX_LINKED_MEDIUM_BYTES = 8 * 1024 * 1024
"""Bytes of what is written into a link: it travels with the request to the model."""

MEDIA_SCHEMA = (
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
        self._database = SqliteDatabase(path, MEDIA_SCHEMA, deadline.remaining)

    def put(self, workspace: str, content: bytes) -> StoredMedia:
        if len(content) > MAX_MEDIUM_BYTES:
            raise PayloadTooLarge(f"{len(content)} bytes, where {MAX_MEDIUM_BYTES} are allowed")
        key = f"{workspace}/{hashlib.sha256(content).hexdigest()}"
        medium = StoredMedia(key=key, content_type=detect_type(content), size=len(content))
        with self._database.write_transaction() as connection:
            connection.execute("INSERT OR IGNORE INTO media VALUES (?, ?, ?)", (key, workspace, content))
        return medium

    def presign_url(self, media: StoredMedia) -> str:
        if media.size > MAX_LINKED_MEDIUM_BYTES:
            raise PayloadTooLarge(f"{media.size} bytes, where {MAX_LINKED_MEDIUM_BYTES} can be shown")
        return f"data:{media.content_type};base64,{base64.b64encode(self.read(media)).decode()}"

    def read(self, media: StoredMedia) -> bytes:
        with self._database.read_transaction() as connection:
            found = connection.execute("SELECT content FROM media WHERE key = ?", (media.key,)).fetchone()
        if found is None:
            raise NotFound(BACKEND_NAME, "it is not there any more")
        content: bytes = found[0]
        return content

    def delete(self, keys: Iterable[str]) -> int:
        with self._database.write_transaction() as connection:
            gone = [connection.execute("DELETE FROM media WHERE key = ?", (key,)).rowcount for key in keys]
        self._database.checkpoint()
        return sum(gone)

    def delete_all(self, workspace: str) -> int:
        with self._database.write_transaction() as connection:
            forgotten = connection.execute("DELETE FROM media WHERE workspace = ?", (workspace,)).rowcount
        self._database.checkpoint()
        return forgotten

    def close(self) -> None:
        self._database.close()
