"""One run of a brief while it is written: what is kept of it, so that another worker can go on."""

from __future__ import annotations

from typing import Literal

import msgspec

from repartee.domain.reply import VisibleState

RunStatus = Literal["writing", "delivered", "empty", "failed", "cancelled"]
FINAL_STATUSES = frozenset(("delivered", "empty", "failed", "cancelled"))

SectionStatus = Literal["written", "empty", "failed"]

MAX_SECTION_BYTES = 6_000
"""Bytes of a section's text: fifteen fit into one item beside the whole text."""


class BriefSection(msgspec.Struct, frozen=True, omit_defaults=True):
    """The outcome of one project: its text in Markdown, and the keys of what it was written from, by which
    what two projects tell alike is told once. Of a project that failed, `missing` names the sources.
    `is_over_budget`: no model was asked, and the newest is listed as it was said."""

    name: str
    status: SectionStatus = "written"
    text: str = ""
    keys: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    is_over_budget: bool = False


class BriefRun(msgspec.Struct, frozen=True, kw_only=True):
    """A run that a worker has claimed. `fence` is greater than that of any worker before; `until` is when the
    claim ends (epoch seconds). `gathered_at` is when the first worker began: what came later is the next
    run's. `sections` are those that are finished, by the number of their project. `text` is the whole brief
    once it is put together, and `visible` how far it was sent."""

    person: str
    subscription_id: str
    day: str
    fence: int
    until: float
    gathered_at: float
    status: RunStatus = "writing"
    sections: dict[int, BriefSection] = {}
    text: str = ""
    visible: VisibleState = VisibleState()


class RunHeld(Exception):
    """Another worker writes the run until `until` (epoch seconds)."""

    def __init__(self, until: float) -> None:
        super().__init__(f"held until {until:.3f}")
        self.until = until
