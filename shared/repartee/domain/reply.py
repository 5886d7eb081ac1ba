"""The reply as it becomes visible: what a channel must be able to do, and what is kept of it meanwhile."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from repartee.domain.backend_failures import BackendFailures

TEMPLATE = "template"
"""In `VisibleState.message_ids`: the approved template that went out in place of the reply."""

KEPT_BACK = "kept_back"
"""In `VisibleState.message_ids`: the turn from which the person gets nothing, as their platform asks."""


class VisibleState(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    rename={"intent_at": "since", "message_ids": "ids"},
):
    """How far a reply is visible. `intent_at` is when the intent to send was noted, 0 if it was not.

    `message_ids` are the platform's ids of what was sent (Slack: `ts`), empty as long as no answer came back.
    `is_private`: it uses what the person who asked alone may read, so that it is in no later prompt where
    others read. `may_have_more`: an earlier attempt may have sent more since then, and died before it wrote
    that.
    """

    intent_at: float = 0.0
    message_ids: dict[str, str] = {}
    text: str = ""
    is_private: bool = False
    may_have_more: bool = False


class ActiveMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message of a reply while it grows: of which `kind` (a stream, a post), since when, and until when at
    the latest. Times are seconds since the epoch."""

    key: str
    kind: str
    started_at: float
    ends_at: float


class ActiveMessages(msgspec.Struct, frozen=True):
    """The messages that all workers of a workspace are writing, since they share its rate limits: those that
    grow now, and those begun within the last minute. Until `no_streams_until` nothing may be streamed.
    What is known may be one of several `shards`, of about equal size. With them comes which backends keep
    failing these workers, by name."""

    messages: tuple[ActiveMessage, ...] = ()
    streaming_disabled_until: float = 0.0
    shards: int = 1
    failing_backends: Mapping[str, BackendFailures] = {}

    def active_count(self, kind: str, now: float) -> int:
        """How many messages of the kind grow now; of all kinds, if it is empty: then other shards are
        estimated."""
        known = sum(kind in ("", one.kind) and one.ends_at > now for one in self.messages)
        return known if kind or not known else 1 + (known - 1) * self.shards

    def started_since(self, kind: str, after: float) -> int:
        """Returns how many messages of the kind began after then."""
        return sum(one.kind == kind and one.started_at > after for one in self.messages)


class Image(msgspec.Struct, frozen=True):
    """An image that goes with a reply. `type` is a MIME type, `alt` says what is to be seen."""

    name: str
    content_type: str
    content: bytes
    alt_text: str
