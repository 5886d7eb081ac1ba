"""Hands out and erases what the coach remembers of people, and the files that came with messages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

import msgspec

from repartee.errors import NotFound
from repartee.ports import Memory, StoredMedia
from repartee.ports.personal_data import Footprint, PersonalRecord


class ListableMemories(Protocol):
    """A memories store whose memories can be listed."""

    def list_all(self, person: str) -> Iterator[Memory]:
        """Yields all memories of a person, in no order."""

    def delete_all(self, person: str) -> None:
        """Deletes all memories of a person."""


class PersonalMemories:
    """`ports.PersonalDataStore` on a memories store."""

    def __init__(self, memories: ListableMemories) -> None:
        self._memories = memories

    def export(self, footprint: Footprint) -> Iterator[PersonalRecord]:
        for person in sorted(footprint.people):
            for one in self._memories.list_all(person):
                yield PersonalRecord("memory", one.id, msgspec.to_builtins(one) | {"person": person})

    def forget(self, footprint: Footprint) -> int:
        found = sum(1 for _ in self.export(footprint))
        for person in sorted(footprint.people):
            self._memories.delete_all(person)
        return found


class DeletableMedia(Protocol):
    """A media store whose files can be read and deleted by their keys."""

    def read(self, media: StoredMedia) -> bytes:
        """Returns a file's content. Raises `NotFound`."""

    def delete(self, keys: Iterable[str]) -> int:
        """Deletes these files, and returns how many were there."""

    def delete_all(self, workspace: str) -> int:
        """Deletes a workspace's files, and returns how many."""


class PersonalMedia:
    """`ports.PersonalDataStore` on a media store. A file that others sent too stays."""

    def __init__(self, media: DeletableMedia) -> None:
        self._media = media

    def export(self, footprint: Footprint) -> Iterator[PersonalRecord]:
        for key in sorted(footprint.media_keys):
            try:
                content = self._media.read(StoredMedia(key=key, content_type="", size=0))
            except NotFound:
                continue  # it was let go after its thirty days
            yield PersonalRecord("file", key, {"key": key, "bytes": len(content)}, content)

    def forget(self, footprint: Footprint) -> int:
        deleted = self._media.delete(sorted(footprint.media_keys))
        if footprint.subject.kind == "workspace":
            deleted += sum(self._media.delete_all(workspace) for workspace in sorted(footprint.subject.ids))
        return deleted
