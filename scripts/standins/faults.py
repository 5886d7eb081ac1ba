"""Faults that a test injects into a stand-in: which, at which calls, and how often."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass, field
from typing import Literal

FaultKind = Literal["error", "slow", "hangup", "lost", "cut", "failed"]


@dataclass
class StandInFault:
    """One thing that goes wrong.

    `at` matches what is called: `slack:chat.appendStream`, `model:responses`, `model:*`.
    `times` is how often, -1 for always. The kinds:
    `error` answers with `status` (429 with `seconds` as Retry-After) and does nothing;
    `slow` waits `seconds` first; `hangup` closes the connection and does nothing;
    `lost` does it and closes the connection instead of answering;
    `cut` ends a model's stream after `after` events, `failed` does so with `response.failed`.
    """

    at: str
    kind: FaultKind
    times: int = 1
    status: int = 503
    seconds: float = 1.0
    after: int = 10


@dataclass
class FaultQueue:
    """The faults that are still to come."""

    waiting: list[StandInFault] = field(default_factory=list)

    def take_next(self, call: str) -> StandInFault | None:
        """Returns the fault that this call meets, counted."""
        for fault in self.waiting:
            if fault.times and fnmatch.fnmatchcase(call, fault.at):
                fault.times -= 1
                return fault
        return None


def retry_after_header(fault: StandInFault) -> dict[str, str]:
    """Returns the header that tells a throttled caller when to retry; none for other faults."""
    return {"Retry-After": str(max(1, round(fault.seconds)))} if fault.status == 429 else {}
