"""The reply as it becomes visible: what is kept of it, so that another worker can go on with it."""

from __future__ import annotations

import msgspec


class Shown(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How far a reply is visible. `since` is when the intent to send was written, 0 if it was not.

    `ids` are the platform's ids of what was sent (Slack: `ts`), empty as long as no answer came back.
    """

    since: float = 0.0
    ids: dict[str, str] = {}
    text: str = ""
