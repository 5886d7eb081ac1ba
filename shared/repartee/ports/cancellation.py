"""Ending a call from another thread, while it waits for an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock


class CancelToken:
    """Ends whatever call is under way when `now` is called; later calls end as they begin."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._on_cancel: Callable[[], None] | None = None
        self.cancelled = False

    @contextmanager
    def bind(self, on_cancel: Callable[[], None]) -> Iterator[None]:
        """For as long as the block lasts, `end` is how the call is ended, from any thread."""
        with self._lock:
            self._on_cancel = on_cancel
            if self.cancelled:
                on_cancel()
        try:
            yield
        finally:
            with self._lock:
                self._on_cancel = None

    def cancel(self) -> None:
        """Ends the call. Its caller sees a connection that broke."""
        with self._lock:
            if not self.cancelled and self._on_cancel:
                self._on_cancel()
            self.cancelled = True
