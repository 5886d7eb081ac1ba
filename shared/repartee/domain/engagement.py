"""How often a person is briefed who does not read the briefs: a pure function of what they did with the last
ones.

`docs/briefs.md` has the table. A person who returns is back at the frequency that they asked for at once.
"""

from __future__ import annotations

from typing import Literal

import msgspec

EngagementKind = Literal["reaction", "answer", "click", "open"]
"""The signs that a brief was read. A channel that tells no opening has the other three."""

EVERY_SECOND_DAY_BRIEFS = 5
"""Unread briefs in a row from which on they come every second day at the most."""

WEEKLY_BRIEFS = 9
"""Unread briefs in a row from which on they come once a week at the most."""

ASKED_BRIEFS = 12
"""Unread briefs in a row with which the person is asked whether to stop. The next ones are not written until
they answer, or return."""

GAPS_DAYS = {"every due day": 1, "every second day": 2, "weekly": 7}
"""Days from one brief to the next."""

Frequency = Literal["every due day", "every second day", "weekly", "asked", "paused"]


class Engagement(msgspec.Struct, frozen=True, omit_defaults=True):
    """A person's dealings with their briefs: how many came since the last sign that one was read
    (`unread`), when that sign was (epoch seconds), and of which kind. `wrote_at` is when they last wrote: a
    platform that allows answers for a day alone counts from there, and not from a reading or a click."""

    unread: int = 0
    engaged_at: float = 0.0
    kind: str = ""
    wrote_at: float = 0.0


class EngagementSign(msgspec.Struct, frozen=True):
    """A sign, as a channel tells it, that a person reads what is said to them alone: of which kind, and when
    (epoch seconds)."""

    person: str
    kind: EngagementKind
    at: float


def choose_frequency(unread: int) -> Frequency:
    """Returns how often briefs come after so many that were not read."""
    if unread < EVERY_SECOND_DAY_BRIEFS:
        return "every due day"
    if unread < WEEKLY_BRIEFS:
        return "every second day"
    if unread < ASKED_BRIEFS:
        return "weekly"
    return "asked" if unread == ASKED_BRIEFS else "paused"


def gap_days(unread: int) -> int | None:
    """Returns the days that lie between two briefs at least. None where none is written any more."""
    frequency = choose_frequency(unread)
    return None if frequency == "paused" else GAPS_DAYS.get(frequency, GAPS_DAYS["weekly"])


def asks_whether_to_stop(unread: int) -> bool:
    """Returns whether the brief that comes after so many unread ones is the question whether to stop."""
    return choose_frequency(unread) == "asked"
