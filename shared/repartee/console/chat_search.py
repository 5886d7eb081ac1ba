"""Search for what was said: by its words, in the messages store, room by room."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import msgspec

from repartee.console.pages import shorten_around
from repartee.domain.message import StoredMessage, is_shared_room
from repartee.ports import MessageStore

MAX_SEARCHED_ROOMS = 20
"""Rooms in which one page looks for a text: in each the store is asked for both sides."""

MAX_HITS_A_ROOM = 40
"""Messages of a side that the store is asked for: of those that have the words, the best."""

EXCERPT_CHARS = 160
"""Characters around the words that are shown."""

ROOM_ID_PARTS = {"slack": 3, "telegram": 2, "web": 2}
"""Parts of a chat's id that name its room, where that is not the whole id."""


class FoundText(msgspec.Struct, frozen=True):
    """The words in a conversation: an excerpt, who said it, and when (epoch seconds)."""

    excerpt: str
    author: str
    sent: float


class SearchedRooms:
    """One search. Each room is asked once, also where several of its threads are in the list."""

    def __init__(self, open_messages: Callable[[], MessageStore], text: str, may_read_private: bool) -> None:
        self._open_messages, self._may_read_private = open_messages, may_read_private
        self._text = text
        self._words = [fold(word) for word in text.split()]
        self._known: dict[str, list[StoredMessage]] = {}

    @property
    def rooms(self) -> int:
        """How many rooms were asked."""
        return len(self._known)

    @property
    def is_exhausted(self) -> bool:
        """Whether as many rooms were asked as one page may."""
        return len(self._known) >= MAX_SEARCHED_ROOMS

    def find(self, chat: str) -> FoundText | None:
        """Returns what was said in the chat with all of the words, the latest of it. None if nothing was, or
        where the text may not be read."""
        if not self._words or not (self._may_read_private or is_shared_room(chat)):
            return None
        hits = [one for one in self._search_room(room_of_chat(chat)) if one.chat == chat]
        if not hits:
            return None
        latest = max(hits, key=lambda one: one.sent)
        excerpt = shorten_around(latest.text, self._words[0], EXCERPT_CHARS)
        return FoundText(excerpt, latest.sender_name or latest.sender.rpartition(":")[2], latest.sent)

    def _search_room(self, room: str) -> list[StoredMessage]:
        if room not in self._known:
            store, text = self._open_messages(), self._text
            found = [
                *store.search(room, "user", text, None, MAX_HITS_A_ROOM),
                *store.search(room, "assistant", text, None, MAX_HITS_A_ROOM),
            ]
            self._known[room] = [one for one in found if self._has_words(one)]
        return self._known[room]

    def _has_words(self, one: StoredMessage) -> bool:
        """The store also gives what stands beside a hit, and what has some of the words."""
        text = fold(one.text)
        return all(word in text for word in self._words)


class ChatSearch:
    """Searches by the words of messages, where the store keeps them: the office's and the coach's."""

    def __init__(self, open_messages: Callable[[], MessageStore]) -> None:
        self._open_messages = open_messages

    def begin(self, text: str, may_read_private: bool) -> SearchedRooms:
        """Returns a search for the text."""
        return SearchedRooms(self._open_messages, text, may_read_private)


def room_of_chat(chat: str) -> str:
    """Returns the room of a chat, by its id."""
    parts = chat.split(":")
    is_ephemeral = parts[0] == "telegram" and parts[-1].startswith("e")
    return chat if is_ephemeral else ":".join(parts[: ROOM_ID_PARTS.get(parts[0], len(parts))])


def fold(text: str) -> str:
    """Returns the text without what a search does not heed: case and accents."""
    apart = unicodedata.normalize("NFD", text.casefold())
    return "".join(one for one in apart if not unicodedata.combining(one))
