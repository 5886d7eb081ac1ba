"""Time zones by their names."""

from __future__ import annotations

from datetime import tzinfo
from zoneinfo import ZoneInfo


def find_timezone(name: str) -> tzinfo | None:
    """The time zone of that name (`Europe/Lisbon`), if there is one."""
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, OSError, ValueError):  # unknown here, or no name of a time zone at all
        return None
