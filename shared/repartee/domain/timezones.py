"""Time zones by their names."""

from __future__ import annotations

from datetime import tzinfo


def find_timezone(name: str) -> tzinfo | None:
    """The time zone of that name (`Europe/Lisbon`), if there is one."""
    if not name:
        return None
    from zoneinfo import ZoneInfo  # it looks for its files when it is imported

    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):  # unknown here, or no name of a time zone at all
        return None
