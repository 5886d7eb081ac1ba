"""A scheduler of briefs over stores in memory, whose time stands still."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable
from typing import Any

from aws_lambda_powertools import Logger

from repartee.briefs.schedule_report import ScheduleReport
from repartee.briefs.scheduling import BriefScheduler
from repartee.plan import Pool
from tests.support.memory_briefs import MemoryBriefQueue, MemoryBriefRuns, MemoryBriefs

MORNING_SECONDS = 1_789_023_720.0
"""Thursday, 10 September 2026, 08:02 in Lisbon, in epoch seconds."""


WORLD_NUMBERS = itertools.count()
"""Names of loggers, of which logging has one each for good."""


class ScheduleWorld:
    """Everything that a schedule works with."""

    def __init__(self) -> None:
        self.now = MORNING_SECONDS
        self.briefs, self.runs, self.queue = MemoryBriefs(), MemoryBriefRuns(), MemoryBriefQueue()
        self.log = io.StringIO()
        self.pool = Pool(threads=8)

    def schedule(self, seconds: float = 60.0, *, parallel: bool = True, **parts: Any) -> ScheduleReport:
        return self.make_scheduler(lambda: parallel, **parts).queue_due_briefs(self.now + seconds)

    def make_scheduler(self, is_parallel: Callable[[], bool], **parts: Any) -> BriefScheduler:
        return BriefScheduler(
            parts.get("briefs", self.briefs),
            parts.get("runs", self.runs),
            parts.get("queue", self.queue),
            self.pool,
            lambda: self.now,
            Logger(service=f"briefs-{next(WORLD_NUMBERS)}", stream=self.log),
            is_parallel=is_parallel,
        )
