"""Tells what was said in a room, to its members alone."""

from __future__ import annotations

from collections.abc import Sequence

from repartee.domain.message import Side, StoredMessage
from repartee.errors import PermissionDenied
from repartee.ports import MessageStore
from repartee.ports.briefs import RoomAccess, SourceItem, SourceQuery

MAX_ROOM_MESSAGES = 150
"""Messages of each side that are read: the newest."""

SIDES: tuple[Side, ...] = ("user", "assistant")


class RoomSource:
    """`ports.BriefSource` of rooms. Whether the person is in the room is asked of the platform each time."""

    def __init__(self, messages: MessageStore, access: RoomAccess) -> None:
        self._messages, self._access = messages, access

    def read_new(self, query: SourceQuery) -> Sequence[SourceItem]:
        room = query.ref.id
        if not self._access.is_member(query.person, room):
            raise PermissionDenied("briefs", "the person is not in the room")
        said = [
            message
            for side in SIDES
            for message in self._messages.list_newest(room, side, MAX_ROOM_MESSAGES)
            if query.since < message.sent <= query.until and message.text.strip()
        ]
        return [self._make_item(message) for message in sorted(said, key=lambda one: (one.sent, one.id))]

    def _make_item(self, message: StoredMessage) -> SourceItem:
        author = message.sender_name or ("the assistant" if message.side == "assistant" else message.sender)
        return SourceItem(
            key=message.id,
            text=message.text,
            author=author,
            at=message.sent,
            link=self._access.message_link(message),
        )
