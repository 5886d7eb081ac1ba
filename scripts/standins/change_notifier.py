"""Waits for changes of a place: one event for all waiting requests, on one event loop."""

from __future__ import annotations

import asyncio
import contextlib

from starlette.requests import Request

from standins.faults import FaultQueue, StandInFault

MAX_POLL_SECONDS = 10.0
"""Seconds that somebody may wait."""


class ChangeNotifier:
    """Tells that something has changed. Owns the event for which everybody waits."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def notify(self) -> None:
        """Wakes those who wait."""
        event, self._event = self._event, asyncio.Event()
        event.set()

    async def wait_for_version(self, request: Request, version: int) -> None:
        """Waits until there is a version after the one that was seen (`?after=N`), or for long enough."""
        if version <= int(request.query_params.get("after", -1)):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._event.wait(), MAX_POLL_SECONDS)


async def apply_fault(faults: FaultQueue, call: str) -> StandInFault | None:
    """Returns the fault that a call meets. One that is slow has waited by then."""
    fault = faults.take_next(call)
    if fault and fault.kind == "slow":
        await asyncio.sleep(fault.seconds)
    return fault
