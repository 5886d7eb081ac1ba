"""The sweep's Lambda: once a minute, the forgotten is woken, and closed turns are counted."""

from __future__ import annotations

from typing import Any

import repartee.gc_startup  # noqa: F401 - before what is large
from repartee.wiring import current_wiring, start_process
from repartee.wiring.functions import sweep, turn_rollup

start_process(sweep, turn_rollup, has_threads=False)


def handler(event: dict[str, Any], context: Any) -> dict[str, int]:
    """Entry of the function behind the schedule."""
    get = current_wiring().get
    known = get(sweep)
    return {
        "woken": known.wake_stale_chats(),
        "reminded": known.remind_teams(),
        "event_lanes": known.wake_event_lanes(),
        "counted": get(turn_rollup).count_new_turns(),
    }
