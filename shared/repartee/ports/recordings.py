"""Protocol of the store of recordings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from repartee.domain.recording import KeptRecording, TurnRecording


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
        """Erases the recording of a turn, if there is one. Repeating it changes nothing."""
