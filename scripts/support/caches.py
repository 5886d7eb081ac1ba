"""A cache of things that are slow to make and the same for every checkout."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

CHECKOUT_CACHE = Path(__file__).parents[2] / ".cache" / "repartee"
COMPLETE_MARKER = ".whole"  # the file that says that a cached folder was made to its end


def cache_folder() -> Path:
    """Returns the project's folder in the user's cache: in XDG_CACHE_HOME where that is set, else in
    ~/.cache, else, where the home folder cannot be written, in this checkout."""
    if base := os.environ.get("XDG_CACHE_HOME"):
        return Path(base) / "repartee"
    with contextlib.suppress(OSError, RuntimeError):  # there may be no home at all
        folder = Path.home() / ".cache" / "repartee"
        folder.mkdir(parents=True, exist_ok=True)
        if os.access(folder, os.W_OK):
            return folder
    return CHECKOUT_CACHE


def find_cached(name: str) -> Path | None:
    """Returns the cached folder of that name, if it is there and whole."""
    folder = cache_folder() / name
    return folder if (folder / COMPLETE_MARKER).exists() else None


def make_once(name: str, make: Callable[[Path], None]) -> Path:
    """Returns the cached folder of that name, made by `make` if need be.

    Two processes that want the same folder make it once; one that was interrupted is made again.
    """
    with hold_lock(name):
        folder = cache_folder() / name
        if find_cached(name) is None:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            make(folder)
            (folder / COMPLETE_MARKER).touch()
        return folder


@contextlib.contextmanager
def hold_lock(name: str) -> Iterator[None]:
    """Hold the lock of that name: one process at a time."""
    cache_folder().mkdir(parents=True, exist_ok=True)
    with (cache_folder() / f".{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
