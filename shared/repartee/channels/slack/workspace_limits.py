"""The limits of a Slack workspace that all its replies share, and what they leave to one message.

https://docs.slack.dev/apis/web-api/rate-limits: `chat.startStream` begins 20 streams a minute,
`chat.appendStream` takes 100 calls, `chat.update` 50; `chat.postMessage` takes one a second in each channel,
and several hundred a minute.
"""

from __future__ import annotations

from collections.abc import Callable

from repartee.channels.pacer import Pacer
from repartee.domain.reply import ActiveMessages

STREAM_KIND, POST_KIND, WHOLE_KIND = "stream", "post", "whole"

STREAM_INTERVAL_SECONDS = 0.65
"""Seconds between two appends: 100 a minute and workspace, less what the clocks differ."""

UPDATE_INTERVAL_SECONDS = 1.3
"""Seconds between two updates of a posted message: 50 a minute and workspace."""

INTERVAL_SECONDS_BY_KIND = {STREAM_KIND: STREAM_INTERVAL_SECONDS, POST_KIND: UPDATE_INTERVAL_SECONDS}

UPDATES_PER_MINUTE = 60 / UPDATE_INTERVAL_SECONDS

MAX_STREAM_STARTS_PER_MINUTE = 16
"""Streams that may begin in a workspace: 20, less what ends may be closer together than beginnings. Who comes
after them posts."""

MAX_GROWING_POSTS_PER_MINUTE = 15
"""Posted messages that may begin before they are whole, in a workspace: each needs an update at its end, of
those that all have between them. Who comes after them posts once, when the text is whole."""

STREAMING_DISABLED_ERRORS = {
    "access_denied",
    "enterprise_is_restricted",
    "method_deprecated",
    "missing_scope",
    "no_permission",
    "not_allowed_token_type",
    "streaming_not_allowed",
    "team_access_not_granted",
    "unknown_method",
}
"""Errors that the next stream in the workspace would meet too."""

STREAMING_DISABLED_SECONDS = 6 * 3600.0
"""Seconds until a workspace that forbids streams is asked again."""


class SlackWorkspaceLimits:
    """The limits as one message meets them, beside the others that its workspace shows (`crowd`). Streams are
    for threads alone."""

    def __init__(self, clock: Callable[[], float], is_in_thread: bool) -> None:
        self._clock, self._is_in_thread = clock, is_in_thread

    @property
    def first_kind(self) -> str:
        """Returns what a message is tried as first."""
        return STREAM_KIND if self._is_in_thread else POST_KIND

    def may_stream(self, crowd: ActiveMessages) -> bool:
        """Whether another stream may begin."""
        now = self._clock()
        return (
            self._is_in_thread
            and now >= crowd.streaming_disabled_until
            and crowd.started_since(STREAM_KIND, now - 60) <= MAX_STREAM_STARTS_PER_MINUTE
        )

    def may_grow(self, crowd: ActiveMessages) -> bool:
        """Whether a message may be shown before it is whole."""
        growing = crowd.started_since(POST_KIND, self._clock() - 60)
        return self.may_stream(crowd) or growing <= MAX_GROWING_POSTS_PER_MINUTE

    def make_pacer(self, kind: str) -> Pacer:
        """Returns the pace of a message of this kind: all of a workspace have the calls of one between them,
        less the update at the end of each posted one."""
        every = INTERVAL_SECONDS_BY_KIND[kind]

        def share_calls(crowd: ActiveMessages) -> float:
            now = self._clock()
            ends = crowd.started_since(POST_KIND, now - 60) if kind == POST_KIND else 0
            left = max(1.0, UPDATES_PER_MINUTE - max(0, ends - 1))
            return every * UPDATES_PER_MINUTE / left * crowd.active_count(kind, now)

        return Pacer(every, self._clock, share_calls)
