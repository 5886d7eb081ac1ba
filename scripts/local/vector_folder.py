"""Vectors of texts that do not change, kept in a folder of this machine."""

from __future__ import annotations

import os
from array import array
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from repartee.ports import Vector

SHIPPED_ROUTES_FOLDER = Path(__file__).with_name("route_classifiers")
"""The classifier of routes for the packaged embedding model, as `scripts/routes ship` writes it."""


class FolderVectors:
    """`ports.Vectors`, a file a name. May be used by many processes. `shipped` is read besides, and never
    written."""

    def __init__(self, folder: Path, shipped: Path | None = None) -> None:
        self._folder = folder
        self._read_folders = (folder, shipped) if shipped else (folder,)

    def read(self, names: Sequence[str]) -> Mapping[str, Sequence[Vector]]:
        files = {folder / name: name for folder in self._read_folders for name in names}
        return {name: _load_vectors(file) for file, name in files.items() if file.exists()}

    def write(self, name: str, vectors: Sequence[Vector]) -> None:
        """Keeps the vectors. Where the folder cannot be written, they are made anew the next time."""
        with suppress(OSError):
            self._write(name, vectors)

    def _write(self, name: str, vectors: Sequence[Vector]) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        numbers = array("f", [float(len(vectors)), *(number for vector in vectors for number in vector)])
        unfinished = self._vectors_file(f"{name}.{os.getpid()}")
        unfinished.write_bytes(numbers.tobytes())
        unfinished.replace(self._vectors_file(name))

    def _vectors_file(self, name: str) -> Path:
        return self._folder / name


def _load_vectors(file: Path) -> Sequence[Vector]:
    count, *numbers = array("f", file.read_bytes())
    length = len(numbers) // max(int(count), 1)
    return [numbers[at * length : (at + 1) * length] for at in range(int(count))]
