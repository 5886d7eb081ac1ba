"""The long memory of what was said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from repartee.domain.message import Side, StoredMessage
from repartee.ports.models import Vector


class MessageStore(Protocol):
    """The long memory of what was said, of both sides. A tenant per workspace."""

    def list_newest(self, scope: str, side: Side, limit: int) -> Sequence[StoredMessage]:
        """Returns the side's newest in the chat, or in all chats of the room, at most `limit`, oldest first.
        Empty for an unknown place."""

    def search(
        self,
        room: str,
        side: Side,
        text: str,
        vector: Vector | None,
        limit: int,
        asked_at: float = 0.0,
    ) -> Sequence[StoredMessage]:
        """Returns the side's messages in the room that are about the text, best first: found by words or by
        the vector, by words alone without one; with them what was said just before and after. `asked_at` is
        when it is asked, for the times that it speaks of, in seconds since the epoch. Empty for an unknown
        room, and when none is about it."""

    def put(self, messages: Sequence[tuple[StoredMessage, Vector | None]]) -> None:
        """Keeps what was said. Visible to every read that begins afterwards. Repeating it changes nothing;
        what is written again under its id with other words replaces the earlier."""

    def delete(self, messages: Sequence[StoredMessage]) -> None:
        """Deletes these messages of people, in meetings too. Repeating it is no error."""

    def delete_all(self, scope: str, sender: str = "") -> int:
        """Deletes what was said in a workspace, room or chat, by everybody or by one sender alone, and says
        how many messages that were. What others answered to the sender stays. Repeating it is no error."""


class MeetingStore(Protocol):
    """Stores the messages of meetings. `MessageStore.forget` deletes them too."""

    def put(self, meeting: str, messages: Sequence[StoredMessage]) -> None:
        """Keeps what was said under the meeting. Visible to every read that begins afterwards. Repeating it
        changes nothing."""

    def read_transcript(self, meeting: str, room: str, limit: int) -> Sequence[StoredMessage]:
        """Returns the newest `limit` messages of the meeting, oldest first. Empty for an unknown meeting."""
