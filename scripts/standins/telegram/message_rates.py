"""How often the bot may write: in a chat, in a group's minute, and to all chats together."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Callable

from standins.telegram.arguments import TelegramError
from standins.telegram.limits import (
    MAX_BOT_MESSAGES_PER_SECOND,
    MAX_CHAT_BURST,
    MAX_GROUP_MESSAGES_PER_MINUTE,
)

ALL_CHATS = 0
"""The key under which messages to any chat are counted."""


class MessageRates:
    """Counts the bot's messages, and refuses one too many."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._buckets: dict[int, tuple[float, float]] = {}
        self._recent: defaultdict[int, deque[float]] = defaultdict(deque)

    def count_message(self, chat_id: int) -> None:
        """Counts a message. Raises when it is one too many."""
        now = self._clock()
        tokens, since = self._buckets.get(chat_id, (float(MAX_CHAT_BURST), now))
        tokens = min(float(MAX_CHAT_BURST), tokens + now - since)
        group_limit = MAX_GROUP_MESSAGES_PER_MINUTE
        waits = [
            1.0 - tokens,
            self._retry_after_seconds(chat_id, group_limit, 60.0) if chat_id < 0 else 0.0,
            self._retry_after_seconds(ALL_CHATS, MAX_BOT_MESSAGES_PER_SECOND, 1.0),
        ]
        if max(waits) > 0:
            seconds = math.ceil(max(waits))
            raise TelegramError(429, f"retry after {seconds}", retry_after=seconds)
        self._buckets[chat_id] = tokens - 1.0, now
        self._recent[chat_id].append(now)
        self._recent[ALL_CHATS].append(now)

    def _retry_after_seconds(self, of: int, limit: int, within: float) -> float:
        """Returns the seconds until another one may be sent, 0 if now."""
        recent, now = self._recent[of], self._clock()
        while recent and recent[0] <= now - within:
            recent.popleft()
        return recent[-limit] + within - now if len(recent) >= limit else 0.0
