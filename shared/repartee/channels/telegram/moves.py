"""Groups that have become supergroups, and so have another id: https://core.telegram.org/bots/api#message.

Telegram tells it twice, by a service message in the old chat (`migrate_to_chat_id`) and by one in the new
chat (`migrate_from_chat_id`), and in the error of a call that names the old chat.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from repartee.channels.telegram.ids import chat_id
from repartee.channels.telegram.payloads import TelegramChat, TelegramMessage
from repartee.ports import ChatMoves

RECHECK_SECONDS = 60.0
"""Seconds for which a supergroup is taken to have had no other id. Its first message tells if it had one."""

MAX_REMEMBERED_ROOMS = 5000


class MovedChats:
    """Gives the rooms of chats: a group keeps its room when it becomes a supergroup. Owns what it read.

    `connect` gives the store of moves when the first group asks for it; without one, moves are known to this
    process alone.
    """

    def __init__(
        self, connect: Callable[[], ChatMoves] | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self._connect, self._clock = connect, clock
        self._rooms: dict[str, tuple[str, float]] = {}

    def record_migration(self, message: TelegramMessage) -> None:
        """Notes what a service message tells."""
        here, other = chat_id(message.chat), message.migrate_to_chat_id or message.migrate_from_chat_id
        there = f"telegram:{other}"
        self.save(*((here, there) if message.migrate_to_chat_id else (there, here)))

    def save(self, former: str, present: str) -> None:
        if self._connect:
            self._connect().save(former, present)
        self._remember(present, former)

    def room_of(self, chat: TelegramChat) -> str:
        """The room of a chat. Only a supergroup can have had another id."""
        present = chat_id(chat)
        if chat.type != "supergroup" or self._connect is None:
            return self._rooms.get(present, (present, 0.0))[0]
        room, checked_at = self._rooms.get(present, (present, float("-inf")))
        if room == present and self._clock() - checked_at > RECHECK_SECONDS:
            room = self._connect().first_id(present)
            self._remember(present, room)
        return room

    def _remember(self, present: str, room: str) -> None:
        if len(self._rooms) >= MAX_REMEMBERED_ROOMS:
            self._rooms.clear()
        self._rooms[present] = room, self._clock()
