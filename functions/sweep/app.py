"""The sweep's Lambda: once a minute, what is open and forgotten is woken again."""

from __future__ import annotations

from typing import Any

import repartee.gc_startup  # noqa: F401 - before what is large
from repartee.wiring import current_wiring, start_process
from repartee.wiring.functions import sweep

start_process(sweep, has_threads=False)


def handler(event: dict[str, Any], context: Any) -> dict[str, int]:
    """Entry of the function behind the schedule."""
    known = current_wiring().get(sweep)
    return {"woken": known.wake_stale_chats(), "reminded": known.remind_teams()}
