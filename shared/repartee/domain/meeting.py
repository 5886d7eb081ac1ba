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
        """The meeting that somebody starts in the room. Starting it again is the same."""
        return cls(id=f"{room}#{at:.6f}", started_at=at)

    @classmethod
    def from_mute(cls, room: str, started_at: float, ended_at: float) -> Meeting:
        """The time for which the assistant was told to be quiet."""
        return cls(id=f"{room}#{started_at:.6f}", started_at=started_at, ended_at=ended_at, by_mute=True)

    def end(self, at: float) -> Meeting:
        """The same, over."""
        return msgspec.structs.replace(self, ended_at=max(at, self.started_at))

    def is_active(self, now: float) -> bool:
        """Whether people are in it then. A time of quiet ends with the mute, whenever that is."""
        return not self.by_mute and self.started_at <= now and (not self.ended_at or now <= self.ended_at)


def start_time(meeting: Meeting | None) -> float:
    """When it began: what the newest of several is told by."""
    return meeting.started_at if meeting else float("-inf")
