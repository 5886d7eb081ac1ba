"""Redaction as the domain sees it: personal details replaced by placeholders, and put back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol

_current_room: ContextVar[str] = ContextVar("redaction_room", default="")


@contextmanager
def redacting_in(room: str) -> Iterator[None]:
    """Has all that is redacted within, in this thread and in the steps that it starts, use the placeholders
    of this room's workspace: a value has the same placeholder in a vector, a note and a prompt."""
    token = _current_room.set(room)
    try:
        yield
    finally:
        _current_room.reset(token)


def current_room() -> str:
    """Returns the room of the turn that is under way, empty where there is none."""
    return _current_room.get()


class Redactor(Protocol):
    """Hides what the model must not read behind placeholders, and puts it back in what the model writes."""

    def redact(self, text: str) -> str:
        """The text with placeholders. The same value has the same placeholder, whenever it comes. Raises
        `BackendError` when nobody can say what must be hidden: then nothing may leave."""

    def redact_all(self, texts: Sequence[str]) -> list[str]:
        """Like `hide`, of many texts at once."""

    def restore(self, text: str) -> str:
        """The text with the hidden values back in their places."""

    def restore_stream(self, pieces: Iterable[str]) -> Iterator[str]:
        """Like `show`, of a text that comes in pieces: a placeholder may begin in one and end in another."""


class _NoRedaction:
    """Hides nothing."""

    def redact(self, text: str) -> str:
        return text

    def redact_all(self, texts: Sequence[str]) -> list[str]:
        return list(texts)

    def restore(self, text: str) -> str:
        return text

    def restore_stream(self, pieces: Iterable[str]) -> Iterator[str]:
        return iter(pieces)


NO_REDACTION: Redactor = _NoRedaction()
"""The veil where nothing must be hidden."""


RedactorFactory = Callable[[str], Redactor]
"""Gives the veil for a turn in that room or chat."""


def no_redaction(scope: str) -> Redactor:
    """The veils where nothing is hidden."""
    return NO_REDACTION
