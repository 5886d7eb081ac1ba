"""Topics of groups: https://core.telegram.org/bots/api#createforumtopic.

A group that is no forum refuses with the real server's words, as it does where the bot may not manage topics.
Topics of a group that is no forum exist as soon as they are named.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from standins.telegram.arguments import Arguments, TelegramError, parse_number

MAX_NAME_CHARS = 128


@dataclass
class ForumTopic:
    """A topic that the bot has made."""

    name: str
    is_closed: bool = False


class ForumTopics:
    """The topics of all groups. `managed_by_bot` says of each forum whether the bot may manage them."""

    def __init__(self) -> None:
        self.managed_by_bot: dict[int, bool] = {}
        self._topics: dict[tuple[int, int], ForumTopic] = {}

    def parse_name(self, chat_id: int, arguments: Arguments) -> str:
        """Returns the name of a topic that may be made."""
        name = str(arguments.get("name") or "").strip()
        self._require_right(chat_id, "create a topic")
        if not name:
            raise TelegramError(400, "TOPIC_TITLE_EMPTY")
        return name[:MAX_NAME_CHARS]

    def add(self, chat_id: int, topic: int, name: str) -> dict[str, Any]:
        """Keeps a new topic, and returns it as the Bot API shows it."""
        self._topics[chat_id, topic] = ForumTopic(name)
        return {"message_thread_id": topic, "name": name, "icon_color": 7322096}

    def set_closed(self, chat_id: int, arguments: Arguments, *, closed: bool) -> bool:
        """Closes or reopens a topic."""
        self._require_right(chat_id, "edit the topic")
        topic = self._topics.get((chat_id, parse_number(arguments, "message_thread_id")))
        if topic is None:
            raise TelegramError(400, "TOPIC_ID_INVALID")
        if topic.is_closed == closed:
            raise TelegramError(400, "TOPIC_NOT_MODIFIED")
        topic.is_closed = closed
        return True

    def delete(self, chat_id: int, arguments: Arguments) -> bool:
        """Deletes a topic."""
        self._require_right(chat_id, "delete the topic")
        if self._topics.pop((chat_id, parse_number(arguments, "message_thread_id")), None) is None:
            raise TelegramError(400, "TOPIC_ID_INVALID")
        return True

    def require_topic(self, chat_id: int, topic: int) -> None:
        """Raises where the bot may not write into a topic of a forum."""
        if not topic or chat_id not in self.managed_by_bot:
            return
        found = self._topics.get((chat_id, topic))
        if found is None:
            raise TelegramError(400, "message thread not found")
        if found.is_closed and not self.managed_by_bot[chat_id]:
            raise TelegramError(400, "TOPIC_CLOSED")

    def visible_topics(self, chat_id: int) -> list[dict[str, Any]]:
        """Returns the topics of a group."""
        return [
            {"id": id, "name": topic.name, "closed": topic.is_closed}
            for (chat, id), topic in self._topics.items()
            if chat == chat_id
        ]

    def _require_right(self, chat_id: int, act: str) -> None:
        if chat_id not in self.managed_by_bot:
            raise TelegramError(400, "the chat is not a forum")
        if not self.managed_by_bot[chat_id]:
            raise TelegramError(400, f"not enough rights to {act}")
