"""A message's seat in the crowd: what all workers show in one workspace shares the platform's limits."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from threading import Event, Thread
from typing import Protocol

from repartee.conversation.reply import Crowd, Showing
from repartee.errors import BackendError

HELD_FOR = 60.0
"""Seconds a seat is held by a message that does not say that it still grows: its worker may be gone."""

PATIENCE = 0.5
"""Seconds that a message waits to be told who else is there. Afterwards it takes itself for alone."""

Background = Callable[[Callable[[], None]], object]
"""Runs something beside the reply."""


def in_a_thread(work: Callable[[], None]) -> None:
    """Runs it beside the reply. A process that ends does not wait for it."""
    with suppress(RuntimeError):  # no thread can be started: the message goes by what the platform answers
        Thread(target=work, daemon=True).start()


class Crowds(Protocol):
    """The two of `ports.Records`' promises that a seat needs."""

    def show(self, workspace: str, showing: Showing) -> Crowd: ...

    def forbid_streams(self, workspace: str, until: float) -> None: ...


class Seat:
    """The seat of one message. Nothing of it is ever waited for but `crowd`, and nothing of it fails: without
    the records a message goes by what the platform answers.

    Where nobody asks what began of late (not `counted`), a seat that was left is forgotten at once: the crowd
    of a platform that is one workspace stays as small as what grows in it.
    """

    def __init__(
        self,
        crowds: Crowds,
        workspace: str,
        key: str,
        clock: Callable[[], float],
        background: Background,
        counted: bool = True,
    ) -> None:
        self._crowds, self._workspace, self._key = crowds, workspace, key
        self._clock, self._background, self._counted = clock, background, counted
        self._crowd = Crowd()
        self._known = Event()
        self._kind = ""
        self._since = self._noted = 0.0

    def take(self, kind: str) -> None:
        """Takes the seat, or another of that kind."""
        self._kind = kind
        self._since = self._since or (self._clock() if self._counted else 0.0)
        self._known.clear()
        self._note(HELD_FOR)

    @property
    def crowd(self) -> Crowd:
        """Who was there when the seat was taken, this message included."""
        self._known.wait(PATIENCE)
        return self._crowd

    def hold(self) -> None:
        """Says that the message still grows, now and then."""
        if self._kind and self._clock() - self._noted > HELD_FOR / 2:
            self._note(HELD_FOR)

    def leave(self) -> None:
        """Gives the seat back."""
        if self._kind:
            self._note(0.0)
            self._kind = ""

    def forbid_streams(self, seconds: float) -> None:
        """Tells all workers that nothing streams in this workspace, for so long."""
        until = self._clock() + seconds
        self._background(lambda: self._quietly(lambda: self._crowds.forbid_streams(self._workspace, until)))

    def _note(self, seconds: float) -> None:
        self._noted = self._clock()
        showing = Showing(key=self._key, kind=self._kind, since=self._since, until=self._noted + seconds)
        self._background(lambda: self._quietly(lambda: self._show(showing)))

    def _show(self, showing: Showing) -> None:
        try:
            self._crowd = self._crowds.show(self._workspace, showing)
        finally:
            self._known.set()

    def _quietly(self, write: Callable[[], None]) -> None:
        with suppress(BackendError):  # the platform's own answers are heeded in any case
            write()
