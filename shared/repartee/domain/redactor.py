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
    """Replaces personal data by placeholders before a model reads a text, and restores it in the answer."""

    def redact(self, text: str) -> str:
        """Returns the text with placeholders. Equal values have equal placeholders in every turn. Raises
        `BackendError` when detection fails: then the text must not be sent."""

    def redact_all(self, texts: Sequence[str]) -> list[str]:
        """Redacts many texts in one call of the detector."""

    def restore(self, text: str) -> str:
        """Returns the text with the values in place of their placeholders."""

    def restore_stream(self, pieces: Iterable[str]) -> Iterator[str]:
        """Restores a text that comes in pieces: a placeholder may begin in one and end in another."""


class _NoRedaction:
    """Redacts nothing."""

    def redact(self, text: str) -> str:
        return text

    def redact_all(self, texts: Sequence[str]) -> list[str]:
        return list(texts)

    def restore(self, text: str) -> str:
        return text

    def restore_stream(self, pieces: Iterable[str]) -> Iterator[str]:
        return iter(pieces)


NO_REDACTION: Redactor = _NoRedaction()
"""The redactor for when redaction is off."""


RedactorFactory = Callable[[str], Redactor]
"""Makes the redactor of one turn in a room or chat."""


def no_redaction(scope: str) -> Redactor:
    """Returns the redactor for when redaction is off."""
    return NO_REDACTION
