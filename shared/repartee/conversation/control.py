"""What a person may order the assistant to do at once: be quiet, speak again, stop."""

from __future__ import annotations

import msgspec


class Control(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is ordered for a place, a room or a chat. Times are seconds since the epoch, 0 is never."""

    muted_until: float = 0.0
    stopped_at: float = 0.0

    def muted(self, now: float) -> bool:
        return now < self.muted_until

    def over(self, other: Control) -> Control:
        """Both orders together: the room's and the thread's."""
        return Control(
            muted_until=max(self.muted_until, other.muted_until),
            stopped_at=max(self.stopped_at, other.stopped_at),
        )
