"""Who is in a room, and where its messages are seen, on every channel."""

from __future__ import annotations

from collections.abc import Mapping

from repartee.domain.brief import Address
from repartee.domain.message import StoredMessage, workspace_of
from repartee.ports.briefs import RoomAccess

HERE = frozenset(("here", "this room", "this channel", "this group", "this chat"))
"""Names of the room in which they are said."""


class ChannelRoomAccess:
    """`ports.RoomAccess` of the channels that can be asked. Elsewhere a room is one person's own: in
    WhatsApp it is called by the business's number and the person, on the web as the person."""

    def __init__(self, channels: Mapping[str, RoomAccess]) -> None:
        self._channels = channels

    def is_member(self, person: str, room: str) -> bool:
        channel = room.partition(":")[0]
        if channel != person.partition(":")[0]:
            return False
        if channel in self._channels:
            return self._channels[channel].is_member(person, room)
        if channel == "web":
            return room == person or room.startswith(f"{person}:")
        own_part = person.rpartition(":")[2]
        return channel == "whatsapp" and room.rpartition(":")[2] == own_part and bool(workspace_of(room))

    def find_room(self, person: str, here: str, name: str) -> str:
        known = self._channels.get(here.partition(":")[0])
        if name.strip().casefold() in HERE:
            return here
        return known.find_room(person, here, name) if known else ""

    def address_room(self, here: Address, room: str) -> Address:
        known = self._channels.get(here.channel)
        return known.address_room(here, room) if known and room != here.room else here

    def address_person(self, person: str, language: str) -> Address | None:
        known = self._channels.get(person.partition(":")[0])
        return known.address_person(person, language) if known else None

    def message_link(self, message: StoredMessage) -> str:
        known = self._channels.get(message.room.partition(":")[0])
        return known.message_link(message) if known else ""
