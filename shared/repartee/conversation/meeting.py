"""A meeting: a time in a room under which the assistant files what people say."""

from __future__ import annotations

import msgspec


class Meeting(msgspec.Struct, frozen=True, kw_only=True):
    """When it began and ended, in seconds since the epoch; `ended` is 0 as long as nobody ends it.

    A time in which the assistant is muted counts as one, with `by_mute`.
    """

    id: str
    began: float
    ended: float = 0.0
    by_mute: bool = False

    @classmethod
    def begins(cls, room: str, at: float) -> Meeting:
        """The meeting that somebody starts in the room. Starting it again is the same."""
        return cls(id=f"{room}#{at:.6f}", began=at)

    @classmethod
    def quiet(cls, room: str, began: float, ended: float) -> Meeting:
        """The time for which the assistant was told to be quiet."""
        return cls(id=f"{room}#{began:.6f}", began=began, ended=ended, by_mute=True)

    def ends(self, at: float) -> Meeting:
        """The same, over."""
        return msgspec.structs.replace(self, ended=max(at, self.began))

    def goes_on(self, now: float) -> bool:
        """Whether people are in it then. A time of quiet ends with the mute, whenever that is."""
        return not self.by_mute and self.began <= now and (not self.ended or now <= self.ended)


def began_at(meeting: Meeting | None) -> float:
    """When it began: what the newest of several is told by."""
    return meeting.began if meeting else float("-inf")
