"""The links of one brief as it was sent: where each leads, and whose brief it was."""

from __future__ import annotations

import msgspec

from repartee.domain.schedule import find_day_start

MAX_BRIEF_LINKS = 150
"""Links of one brief that are counted; further ones lead straight to their messages."""

MAX_LINK_CHARS = 1_000
"""Characters of an address; a longer one is written into the brief as it is."""

LINK_DAYS = 30
"""Days after a brief's own day for which its links are good."""

DAY_SECONDS = 24 * 3600.0


class BriefLinks(msgspec.Struct, frozen=True, kw_only=True):
    """The addresses that one brief held, in their order. `sent_at` is when they were about to be sent,
    `clicked_at` when the person first followed one, 0 if they did not (epoch seconds)."""

    person: str
    addresses: tuple[str, ...]
    sent_at: float
    clicked_at: float = 0.0


def links_end_at(day: str) -> float:
    """Returns until when the links of the brief of this day (YYYY-MM-DD) are good (epoch seconds)."""
    return find_day_start(day) + LINK_DAYS * DAY_SECONDS
