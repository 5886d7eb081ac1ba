"""Exports about people, as a store of what belongs to them."""

from __future__ import annotations

from collections.abc import Iterator

from repartee.ports.operator_jobs import ExportFiles
from repartee.ports.personal_data import Footprint, PersonalRecord


class PersonalExports:
    """`ports.PersonalDataStore` on the files of exports. They are copies: an export names them alone."""

    def __init__(self, files: ExportFiles) -> None:
        self._files = files

    def export(self, footprint: Footprint) -> Iterator[PersonalRecord]:
        for key in self._list_keys(footprint):
            yield PersonalRecord("export", key, {"key": key})

    def forget(self, footprint: Footprint) -> int:
        return self._files.delete(self._list_keys(footprint))

    def _list_keys(self, footprint: Footprint) -> list[str]:
        """Returns the keys of files about the person, or about all people of the workspace."""
        subject = footprint.subject
        if subject.kind == "workspace":
            found = [key for one in sorted(subject.ids) for key in self._files.list_workspace_keys(one)]
            return list(dict.fromkeys(found))
        return [key for person in sorted(footprint.people) for key in self._files.list_keys(person)]
