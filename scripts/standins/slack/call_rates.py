"""How often each method was called within the last minute, and when it may be called again."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable

from standins.slack.methods import METHODS, UNLISTED_CALLS_PER_MINUTE, Arguments

WINDOW_SECONDS = 60.0

WORKSPACE_POSTS_PER_MINUTE = 300
"""Messages that an app may post in a workspace beside one a second in each channel: "several hundred", as
Slack says. https://docs.slack.dev/apis/web-api/rate-limits"""


class CallRates:
    """Counts calls by method, and those that post by channel too."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._recent: defaultdict[str, deque[float]] = defaultdict(deque)

    def retry_after_seconds(self, method: str, arguments: Arguments, is_listed: bool) -> int:
        """Returns the whole seconds until the method may be called again; 0 counts the call."""
        limit = METHODS[method].max_calls_per_minute
        if not is_listed:
            limit = UNLISTED_CALLS_PER_MINUTE.get(method, limit)
        limits = {method: limit}
        if method == "chat.postMessage":
            limits = {f"{method} {arguments.get('channel')}": limit, method: WORKSPACE_POSTS_PER_MINUTE}
        if wait := max(self._wait_seconds(name, limit) for name, limit in limits.items()):
            return wait
        for name in limits:
            self._recent[name].append(self._clock())
        return 0

    def _wait_seconds(self, name: str, limit: int) -> int:
        now, recent = self._clock(), self._recent[name]
        while recent and recent[0] <= now - WINDOW_SECONDS:
            recent.popleft()
        return max(1, round(recent[0] + WINDOW_SECONDS - now)) if len(recent) >= limit else 0

    def clear(self) -> None:
        """Forgets all calls."""
        self._recent.clear()
