"""A meeting: a time in a room under which the assistant files what people say."""

from __future__ import annotations

import msgspec


class Meeting(msgspec.Struct, frozen=True, kw_only=True, rename={"started_at": "began", "ended_at": "ended"}):
    """When it began and ended, in seconds since the epoch; `ended` is 0 as long as nobody ends it.

    A time in which the assistant is muted counts as one, with `by_mute`.
    """

    id: str
    started_at: float
    ended_at: float = 0.0
    by_mute: bool = False

    @classmethod
    def start(cls, room: str, at: float) -> Meeting:
        """Returns a meeting that starts in the room at that time. Starting it again gives the same one."""
        return cls(id=f"{room}#{at:.6f}", started_at=at)

    @classmethod
    def from_mute(cls, room: str, started_at: float, ended_at: float) -> Meeting:
        """Returns the meeting for the time in which the assistant is muted."""
        return cls(id=f"{room}#{started_at:.6f}", started_at=started_at, ended_at=ended_at, by_mute=True)

    def end(self, at: float) -> Meeting:
        """Returns the meeting, ended."""
        return msgspec.structs.replace(self, ended_at=max(at, self.started_at))

    def is_active(self, now: float) -> bool:
        """Returns whether the meeting is going on at that time. One of a mute ends with the mute."""
        return not self.by_mute and self.started_at <= now and (not self.ended_at or now <= self.ended_at)


def start_time(meeting: Meeting | None) -> float:
    """Returns when the meeting began, to find the newest of several."""
    return meeting.started_at if meeting else float("-inf")
