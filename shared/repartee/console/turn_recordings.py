"""Recordings of turns: what was gathered and what the model was given, in rooms that are recorded."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from repartee.domain.recording import Repetition, TurnRecording
from repartee.errors import BackendError
from repartee.ports.recordings import RecordingStore


class ShownRecording(msgspec.Struct, frozen=True):
    """The recording of a turn, if there is one. `problem` says why it cannot be shown now."""

    recording: TurnRecording | None = None
    problem: str = ""


class TurnRecordings:
    """Finds recordings. `find_store` returns the store, and None where nothing is recorded."""

    def __init__(self, find_store: Callable[[], RecordingStore | None]) -> None:
        self._find_store = find_store

    def find(self, room: str, turn: str) -> ShownRecording:
        """Returns the recording of a turn. A store that is away costs the recording, not the page."""
        try:
            store = self._find_store()
            return ShownRecording(store.find_turn(room, turn) if store else None)
        except BackendError:
            return ShownRecording(problem="Whether this turn was recorded cannot be read now.")

    def find_repetition(self, room: str, turn: str) -> Repetition | None:
        """Returns the newest repetition of a turn. None if there is none, or it cannot be read now."""
        try:
            store = self._find_store()
            return store.find_repetition(room, turn) if store else None
        except BackendError:
            return None
