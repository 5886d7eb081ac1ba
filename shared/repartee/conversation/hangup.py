"""Ending a call from another thread, while it waits for an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock


class Hangup:
    """Ends whatever call is under way when `now` is called; later calls end as they begin."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._end: Callable[[], None] | None = None
        self.hung = False

    @contextmanager
    def reaches(self, end: Callable[[], None]) -> Iterator[None]:
        """For as long as the block lasts, `end` is how the call is ended, from any thread."""
        with self._lock:
            self._end = end
            if self.hung:
                end()
        try:
            yield
        finally:
            with self._lock:
                self._end = None

    def now(self) -> None:
        """Ends the call. Its caller sees a connection that broke."""
        with self._lock:
            if not self.hung and self._end:
                self._end()
            self.hung = True
