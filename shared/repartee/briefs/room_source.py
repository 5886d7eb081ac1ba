"""Tells what was said in a room, to its members alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from repartee.domain.message import Side, StoredMessage
from repartee.errors import PermissionDenied
from repartee.ports import MessageStore
from repartee.ports.briefs import BriefSource, RoomAccess, SourceItem, SourceQuery

MAX_ROOM_MESSAGES = 150
"""Messages of each side that are read: the newest."""

SIDES: tuple[Side, ...] = ("user", "assistant")


class RoomSource(BriefSource):
    """`ports.BriefSource` of rooms. Whether the person is in the room is asked of the platform each time."""

    topics: Mapping[str, str] = {"room": "what is said in a channel or group"}
    is_of_room = True

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
        return make_message_items(said, self._access)


def make_message_items(messages: Sequence[StoredMessage], access: RoomAccess) -> Sequence[SourceItem]:
    """Returns what was said, oldest first, each with where its members see it."""
    return [
        SourceItem(
            key=message.id,
            text=message.text,
            author=message.sender_name
            or ("the assistant" if message.side == "assistant" else message.sender),
            at=message.sent,
            link=access.message_link(message),
        )
        for message in sorted(messages, key=lambda one: (one.sent, one.id))
    ]
