"""Tells what was said in a room, to its members alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from repartee.domain.message import Side, StoredMessage
from repartee.domain.names import platform_id
from repartee.errors import PermissionDenied
from repartee.plan import NamedCall, Pool, settle
from repartee.ports import MessageStore
from repartee.ports.briefs import BriefSource, RoomAccess, SourceItem, SourceQuery

MAX_ROOM_MESSAGES = 150
"""Messages of each side that are read: the newest."""

READ_TIMEOUT_SECONDS = 6.0
"""Seconds for each read, and for the platform's answer: less than a source may take."""

SIDES: tuple[Side, ...] = ("user", "assistant")

LookUpNames = Callable[[str, Iterable[str]], Mapping[str, str]]
"""Returns the names of people of a channel, by the platform's own ids, of those that can be looked up."""


class RoomReader:
    """The messages of rooms as sources of briefs: with people's names, and where their members see them."""

    def __init__(self, access: RoomAccess, look_up_names: LookUpNames, pool: Pool) -> None:
        self._access, self._look_up_names, self._pool = access, look_up_names, pool

    def read_all(
        self, query: SourceQuery, reads: Sequence[Callable[[], Sequence[StoredMessage]]]
    ) -> Sequence[StoredMessage]:
        """Returns what the reads find, while the platform is asked whether the person is in the room now.
        Raises `PermissionDenied` where they are not, whatever was found."""
        calls: list[Callable[[], Any]] = [partial(self._access.is_member, query.person, query.ref.id), *reads]
        named = [NamedCall(call, f"read {number}") for number, call in enumerate(calls)]
        membership, *found = settle(named, pool=self._pool, timeout=READ_TIMEOUT_SECONDS)
        for outcome in (membership, *found):
            if outcome.error is not None:
                raise outcome.error
            if outcome is membership and not outcome.value:
                raise PermissionDenied("briefs", "the person is not in the room")
        return [message for outcome in found for message in outcome.value if message.text.strip()]

    def make_items(self, messages: Sequence[StoredMessage]) -> Sequence[SourceItem]:
        """Returns what was said, oldest first."""
        said = sorted(messages, key=lambda one: (one.sent, one.id))
        nameless = {platform_id(one.sender) for one in said if one.side == "user" and not one.sender_name}
        channel = said[0].room.partition(":")[0] if said else ""
        names = self._look_up_names(channel, nameless) if nameless else {}
        return [self._make_item(one, names) for one in said]

    def _make_item(self, message: StoredMessage, names: Mapping[str, str]) -> SourceItem:
        id = platform_id(message.sender)
        author = message.sender_name or (
            "the assistant" if message.side == "assistant" else names.get(id, id)
        )
        link = self._access.message_link(message)
        return SourceItem(key=message.id, text=message.text, author=author, at=message.sent, link=link)


class RoomSource(BriefSource):
    """`ports.BriefSource` of rooms. Whether the person is in the room is asked of the platform each time."""

    topics: Mapping[str, str] = {"room": "what is said in a channel or group"}
    is_of_room = True

    def __init__(self, messages: MessageStore, reader: RoomReader) -> None:
        self._messages, self._reader = messages, reader

    def read_new(self, query: SourceQuery) -> Sequence[SourceItem]:
        reads = [partial(self._messages.list_newest, query.ref.id, side, MAX_ROOM_MESSAGES) for side in SIDES]
        said = self._reader.read_all(query, reads)
        return self._reader.make_items([one for one in said if query.since < one.sent <= query.until])
