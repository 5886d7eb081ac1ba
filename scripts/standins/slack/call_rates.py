"""How often each method was called within the last minute, and when it may be called again."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable

from standins.slack.methods import METHODS, UNLISTED_CALLS_PER_MINUTE, Arguments

WINDOW_SECONDS = 60.0


class CallRates:
    """Counts calls by method, and those that post by channel too."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._recent: defaultdict[str, deque[float]] = defaultdict(deque)

    def retry_after_seconds(self, method: str, arguments: Arguments, is_listed: bool) -> int:
        """Returns the whole seconds until the method may be called again; 0 counts the call."""
        place = f" {arguments.get('channel')}" if method == "chat.postMessage" else ""
        now, recent = self._clock(), self._recent[method + place]
        while recent and recent[0] <= now - WINDOW_SECONDS:
            recent.popleft()
        limit = METHODS[method].max_calls_per_minute
        if not is_listed:
            limit = UNLISTED_CALLS_PER_MINUTE.get(method, limit)
        if len(recent) >= limit:
            return max(1, round(recent[0] + WINDOW_SECONDS - now))
        recent.append(now)
        return 0

    def clear(self) -> None:
        """Forgets all calls."""
        self._recent.clear()
