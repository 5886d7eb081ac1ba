"""Protocol of the store of recordings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from repartee.domain.recording import KeptRecording, Repetition, TurnRecording


class RecordingStore(Protocol):
    """Keeps recordings encrypted, each for a limited time, and a limited number of bytes per room and day."""

    def put(self, kept: KeptRecording) -> bool:
        """Keeps a recording, cut to its bound. False if the room has had its share of the day. Repeating it
        changes nothing else than that it counts again."""

    def list_room(self, room: str) -> Iterator[TurnRecording]:
        """Yields the room's recordings that can be decrypted, the oldest first. Expired ones are not seen."""

    def find_turn(self, room: str, turn: str) -> TurnRecording | None:
        """Returns the recording of a turn. None for one that was not recorded, has expired or cannot be
        decrypted."""

    def erase_turn(self, room: str, turn: str) -> None:
        """Erases the recording of a turn and its repetition, if there are any. It may be repeated."""

    def save_repetition(self, repetition: Repetition) -> bool:
        """Keeps the newest repetition of a recorded turn for a day, encrypted. False, and nothing is kept, if
        the recording is not there any more."""

    def find_repetition(self, room: str, turn: str) -> Repetition | None:
        """Returns the newest repetition of a turn. None if there was none for a day."""
