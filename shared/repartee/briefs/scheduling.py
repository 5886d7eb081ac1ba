"""Queues the briefs that are due: by pages of people, in four phases, as often as it is called.

1. How the people of a page take their briefs (engagement), in one read.
2. Who is due, on their own clock: no call at all.
3. Which of those are queued already: one read for the whole page, beside phase 1.
4. The others are queued, ten in a call, all calls at once, and then noted as queued.

Two schedulers may run at once, and one may die at any point: what is queued twice is written once, because a
run is claimed by one worker (`BriefRuns.claim`). One that runs out of time leaves a cursor for the next.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from typing import Any, TypeVar

import msgspec

from repartee.briefs.schedule_report import ScheduleReport
from repartee.domain.brief import BRIEF_SHARDS, BriefJob, Subscription
from repartee.domain.engagement import Engagement, gap_days
from repartee.domain.schedule import find_due_day
from repartee.domain.timezones import find_timezone
from repartee.errors import BackendError
from repartee.plan import NamedCall, Outcome, Pool, settle
from repartee.ports.briefs import MAX_PAGE_BRIEFS, BriefQueue, BriefRuns, BriefStore, SubscriptionPage
from repartee.ports.logging import Logger

MAX_JOBS_PER_CALL = 10
"""Messages that SQS takes in one call."""

CALL_TIMEOUT_SECONDS = 5.0
"""Seconds for each call of a phase."""

RESERVE_SECONDS = 10.0
"""Seconds before the end of the invocation at which no further page is begun."""


T = TypeVar("T")


class DueBrief(msgspec.Struct, frozen=True):
    """A subscription and the day whose run is due, whatever its person does with the briefs."""

    subscription: Subscription
    day: str


class BriefScheduler:
    """Queues due briefs. `is_parallel` says whether the calls of a page run at the same time."""

    def __init__(
        self,
        store: BriefStore,
        runs: BriefRuns,
        queue: BriefQueue,
        pool: Pool,
        clock: Callable[[], float],
        logger: Logger,
        *,
        is_parallel: Callable[[], bool] = lambda: True,
    ) -> None:
        self._store, self._runs, self._queue = store, runs, queue
        self._pool, self._clock, self._logger = pool, clock, logger
        self._is_parallel = is_parallel

    def queue_due_briefs(self, until: float) -> ScheduleReport:
        """Queues all that is due, and reports. No page is begun that would go on after `until` (epoch
        seconds)."""
        report = ScheduleReport()
        resumed = dict(self._read_cursor(report))
        left = self._take_all(resumed, until, report)
        if not left:
            left = self._take_all(dict.fromkeys(range(BRIEF_SHARDS), ""), until, report)
        if left or resumed:
            self._store.save_cursor(left)
        report.is_complete = not left
        self._logger.info("briefs_scheduled", **msgspec.to_builtins(report))
        return report

    def _read_cursor(self, report: ScheduleReport) -> Mapping[int, str]:
        try:
            return self._store.read_cursor()
        except BackendError as failure:  # it begins at the beginning: what is queued already is found
            report.add_failure(type(failure).__name__)
            return {}

    def _take_all(self, cursor: dict[int, str], until: float, report: ScheduleReport) -> dict[int, str]:
        """Takes page after page, and returns where the next schedule goes on, empty at the end."""
        while cursor and self._clock() < until - RESERVE_SECONDS:
            cursor = self._take_pages(cursor, report)
        return cursor

    def _take_pages(self, cursor: Mapping[int, str], report: ScheduleReport) -> dict[int, str]:
        """Takes one page of each shard, and returns where to go on. A shard that cannot be read is left to
        the next schedule."""
        calls = [
            NamedCall(partial(self._store.list_page, shard, after), f"shard {shard}")
            for shard, after in cursor.items()
        ]
        ahead: dict[int, str] = {}
        due: list[DueBrief] = []
        now = self._clock()
        for shard, outcome in zip(cursor, self._settle(calls), strict=True):
            if outcome.error is not None:
                report.add_failure(_reason_of(outcome))
                continue
            page: SubscriptionPage = outcome.value
            due += self._find_due(page, now, report)
            if page.next:
                ahead[shard] = page.next
        for some in _batched(due, MAX_PAGE_BRIEFS):
            self._queue_page(some, report)
        return ahead

    def _find_due(self, page: SubscriptionPage, now: float, report: ScheduleReport) -> Iterator[DueBrief]:
        report.pages += 1
        report.subscriptions += len(page.subscriptions) + page.unreadable
        report.add_failure("unreadable", page.unreadable)
        moment = datetime.fromtimestamp(now, UTC)
        for one in page.subscriptions:
            zone = find_timezone(one.timezone)
            if zone is None:
                report.add_failure("unknown time zone")
            elif day := find_due_day(one.schedule, zone, moment, since=one.created_at, last_day=one.last_day):
                yield DueBrief(one, day.isoformat())

    def _queue_page(self, due: Sequence[DueBrief], report: ScheduleReport) -> None:
        """Queues those of a page that are not queued yet and whose people read their briefs."""
        jobs = [BriefJob(one.subscription.person, one.subscription.id, one.day) for one in due]
        people = [job.person for job in jobs]
        engaged, queued = self._settle(
            [
                NamedCall(partial(self._store.read_engagements, people), "engagement", default={}),
                NamedCall(partial(self._runs.find_queued, jobs), "duplicates"),
            ]
        )
        report.due += len(due)
        report.duplicate_reads += 1
        if engaged.error is not None:  # then all come as often as they were ordered
            report.add_failure(_reason_of(engaged))
        if queued.error is not None:
            report.add_failure(_reason_of(queued), len(due))
            return
        report.duplicates += len(queued.value)
        wanted = [
            wanted_job
            for one, job in zip(due, jobs, strict=True)
            if job.key not in queued.value
            and (wanted_job := _apply_backoff(one, job, engaged.value.get(job.person), report))
        ]
        self._send(wanted, report)

    def _send(self, jobs: Sequence[BriefJob], report: ScheduleReport) -> None:
        parts = list(_batched(jobs, MAX_JOBS_PER_CALL))
        calls = [NamedCall(partial(self._queue.send_jobs, part), "send") for part in parts]
        sent: list[BriefJob] = []
        reasons: Counter[str] = Counter()
        for part, outcome in zip(parts, self._settle(calls), strict=True):
            if outcome.error is not None:
                reasons[_reason_of(outcome)] += len(part)
                continue
            refused: Mapping[str, str] = outcome.value
            reasons.update(refused.values())
            sent += [job for job in part if job.key not in refused]
        for reason, count in reasons.items():
            report.add_failure(reason, count)
        report.queued += len(sent)
        self._note_queued(sent, report)

    def _note_queued(self, sent: Sequence[BriefJob], report: ScheduleReport) -> None:
        if not sent:
            return
        (noted,) = self._settle([NamedCall(partial(self._runs.note_queued, sent), "note")])
        if noted.error is not None:  # the next schedule queues them once more, and they are written once
            report.add_failure(_reason_of(noted))

    def _settle(self, calls: Sequence[NamedCall[Any]]) -> list[Outcome]:
        return settle(
            calls,
            pool=self._pool,
            timeout=CALL_TIMEOUT_SECONDS,
            max_concurrency=None if self._is_parallel() else 1,
        )


def _apply_backoff(
    due: DueBrief, job: BriefJob, engagement: Engagement | None, report: ScheduleReport
) -> BriefJob | None:
    """Returns the job, unless its person does not read their briefs and had one too recently."""
    unread = engagement.unread if engagement else 0
    gap = gap_days(unread)
    if gap is None:
        report.paused += 1
        return None
    last_day = due.subscription.last_day
    if last_day and (_ordinal(due.day) - _ordinal(last_day)) < gap:
        report.held_back += 1
        return None
    return msgspec.structs.replace(job, unread=unread)


def _ordinal(day: str) -> int:
    return datetime.fromisoformat(day).toordinal()


def _reason_of(outcome: Outcome) -> str:
    return outcome.reason if outcome.reason == "timeout" else type(outcome.error).__name__


def _batched(items: Sequence[T], size: int) -> Iterator[tuple[T, ...]]:
    rest = iter(items)
    while some := tuple(islice(rest, size)):
        yield some
