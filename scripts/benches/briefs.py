"""Measures briefs: how long one takes beside its plan's critical path, and how many are scheduled how fast.

Every wait is injected; what is measured is the code around it. The serial figures are of the same code in
serial mode, and of one person after another.
"""

from __future__ import annotations

import logging
import random
import time
import tracemalloc
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from benches.support.bars import bar_rows, check_bar
from benches.support.brief_mails import SlowMail
from benches.support.brief_projects import SilentChat, SlowProjects, make_subscription
from benches.support.tables import render_table
from repartee.briefs.saying import ChatSpeaker
from repartee.briefs.scheduling import BriefScheduler
from repartee.briefs.sections import SectionWriter
from repartee.briefs.spending import BriefSpending
from repartee.briefs.writing import BriefWriter
from repartee.domain.brief import BRIEF_SHARDS, BriefJob
from repartee.domain.budget import Budget
from repartee.domain.engagement import Engagement
from repartee.domain.usage import sum_tokens
from repartee.plan import Pool
from repartee.ports.briefs import SubscriptionPage

MORNING_SECONDS = 1_789_023_720.0
"""Thursday, 10 September 2026, 08:02 in Lisbon."""

MAILED_PROJECT_SECONDS = 0.1
"""Seconds of the only project of a brief that is mailed."""

PAGE_SECONDS, ENGAGEMENT_SECONDS, DUPLICATES_SECONDS, SEND_SECONDS, NOTE_SECONDS = (
    0.05,
    0.05,
    0.05,
    0.02,
    0.02,
)
CRITICAL_SCHEDULE_SECONDS = (
    PAGE_SECONDS + max(ENGAGEMENT_SECONDS, DUPLICATES_SECONDS) + SEND_SECONDS + NOTE_SECONDS
)
"""Seconds that a schedule of one page waits at least."""

PROJECT_COUNTS = (1, 2, 5, 10, 15)


class ScheduledPeople:
    """Subscriptions of so many people, made as they are read; `reads` counts the calls."""

    def __init__(self, people: int, wait: float = 1.0) -> None:
        self._people, self._wait = people, wait
        self.reads: dict[str, int] = {"pages": 0, "engagement": 0, "duplicates": 0, "sends": 0}
        self.queued = 0

    def list_page(self, shard: int, after: str = "", limit: int = 100) -> SubscriptionPage:
        time.sleep(PAGE_SECONDS * self._wait)
        self.reads["pages"] += 1
        begin = int(after or 0)
        numbers = range(shard, self._people, BRIEF_SHARDS)[begin : begin + limit]
        is_last = begin + limit >= len(range(shard, self._people, BRIEF_SHARDS))
        return SubscriptionPage(tuple(map(make_subscription, numbers)), "" if is_last else str(begin + limit))

    def read_engagements(self, people: Sequence[str]) -> Mapping[str, Engagement]:
        time.sleep(ENGAGEMENT_SECONDS * self._wait)
        self.reads["engagement"] += 1
        return {person: Engagement(unread=1) for person in people}

    def find_queued(self, jobs: Sequence[BriefJob]) -> frozenset[str]:
        time.sleep(DUPLICATES_SECONDS * self._wait)
        self.reads["duplicates"] += 1
        return frozenset()

    def note_queued(self, jobs: Sequence[BriefJob]) -> None:
        time.sleep(NOTE_SECONDS * self._wait)

    def send_jobs(self, jobs: Sequence[BriefJob]) -> Mapping[str, str]:
        time.sleep(SEND_SECONDS * self._wait)
        self.reads["sends"] += 1
        self.queued += len(jobs)
        return {}

    def read_cursor(self) -> Mapping[int, str]:
        return {}

    def save_cursor(self, cursor: Mapping[int, str]) -> None:
        """Nothing: every schedule here comes to its end."""


def time_brief(
    seconds: Sequence[float],
    pool: Pool,
    *,
    parallel: bool,
    queue_email: Callable[[str, str, str], None] | None = None,
) -> float:
    """Returns the seconds that a brief of projects of these seconds takes, with what is done of its mail."""
    world: Any = SlowProjects(seconds)
    chat: Any = SilentChat()
    writer = BriefWriter(
        world,
        world,
        SectionWriter({"room": world}, world, pool),
        ChatSpeaker(world, {"slack": chat}, time.time),
        BriefSpending(Budget(), lambda: world, sum_tokens, _quiet_logger()),
        pool,
        time.time,
        _quiet_logger(),
        is_parallel=lambda person: parallel,
        monotonic=time.monotonic,
        queue_email=queue_email,
    )
    began = time.perf_counter()
    written = writer.write(BriefJob("slack:T1:U1", "s1", "2026-09-10"), time.time() + 120)
    took = time.perf_counter() - began
    if written.result != "delivered" or chat.said.count("Something is new") != len(seconds):
        raise AssertionError(f"the brief is not whole: {written.result}")
    return took


def time_schedule(people: int, pool: Pool, wait: float = 1.0) -> dict[str, Any]:
    """Returns what a schedule of so many people takes, in milliseconds, and the reads that it makes."""
    world: Any = ScheduledPeople(people, wait)
    scheduler = BriefScheduler(world, world, world, pool, lambda: MORNING_SECONDS, _quiet_logger())
    began, cpu = time.perf_counter(), time.process_time()
    report = scheduler.queue_due_briefs(MORNING_SECONDS + 3600)
    took, used = time.perf_counter() - began, time.process_time() - cpu
    if world.queued != people or report.failures:
        raise AssertionError(f"{world.queued} of {people} were queued: {report.failures}")
    return {"people": people, "ms": round(took * 1000, 1), "cpu_ms": round(used * 1000, 1), **world.reads}


def time_mails(pool: Pool) -> dict[str, float]:
    """Returns the milliseconds of a brief without a mail, with one in a job of its own, and of one that
    waits until it is sent."""

    def time_best(queue_email: Callable[[str, str, str], None] | None) -> float:
        seconds = (
            time_brief([MAILED_PROJECT_SECONDS], pool, parallel=True, queue_email=queue_email)
            for _ in range(3)
        )
        return round(min(seconds) * 1000, 1)

    mail = SlowMail()
    result = {
        "alone_ms": time_best(None),
        "queued_ms": time_best(mail.queue_brief),
        "waiting_ms": time_best(mail.send_brief),
    }
    if (len(mail.queued), len(mail.sent)) != (3, 3):
        raise AssertionError("a mail was not queued, or not sent")
    return result


def time_one_by_one(people: int) -> float:
    """Returns the seconds in which one person after another is checked, compared and queued."""
    world, began = ScheduledPeople(people), time.perf_counter()
    for number in range(people):
        subscription = make_subscription(number)
        job = BriefJob(subscription.person, subscription.id, "2026-09-10")
        world.read_engagements([job.person])
        world.find_queued([job])
        world.send_jobs([job])
    return time.perf_counter() - began


def peak_kilobytes(people: int, pool: Pool) -> float:
    """Returns the memory that a schedule of so many people takes at the most, without any waiting."""
    tracemalloc.start()
    try:
        time_schedule(people, pool, wait=0.0)
        return tracemalloc.get_traced_memory()[1] / 1024
    finally:
        tracemalloc.stop()


def measure() -> dict[str, Any]:
    """Returns all figures; about a minute."""
    pool = Pool(threads=32)
    time_brief([0.001], pool, parallel=True)
    briefs = list(_time_briefs(pool))
    hundred = min((time_schedule(100, pool) for _ in range(5)), key=lambda one: one["ms"])
    one_by_one = time_one_by_one(100)
    own = hundred["ms"] - CRITICAL_SCHEDULE_SECONDS * 1000
    mails = time_mails(pool)
    saved = (mails["waiting_ms"] - mails["queued_ms"]) / (mails["waiting_ms"] - mails["alone_ms"])
    thousand, ten_thousand = (time_schedule(people, pool, wait=0.0) for people in (1_000, 10_000))
    memory = {people: round(peak_kilobytes(people, pool)) for people in (1_000, 10_000)}
    return {
        "briefs": briefs,
        "schedules": [hundred, thousand, ten_thousand],
        "one_by_one_ms": round(one_by_one * 1000),
        "own_ms": round(own, 1),
        "mails": mails,
        "peak_kilobytes": memory,
        "bars": [
            *(
                check_bar(f"{one['projects']} projects, times the path", one["ratio"], one["bar"])
                for one in briefs
            ),
            check_bar("share of its mail that a brief waits for", round(1 - saved, 3), 0.2),
            check_bar("100 users, own ms", round(own, 1), 100.0),
            check_bar("reads of duplicates for 100 users", hundred["duplicates"], 1),
            check_bar("100 users, share of one by one", round(hundred["ms"] / one_by_one / 1000, 4), 1 / 30),
            check_bar("10,000 users, times the CPU of 1,000", _ratio(ten_thousand, thousand, "cpu_ms"), 12.0),
            check_bar(
                "10,000 users, times the memory of 1,000", round(memory[10_000] / memory[1_000], 2), 2.0
            ),
        ],
    }


def _time_briefs(pool: Pool) -> Iterator[dict[str, Any]]:
    chosen = random.Random(22)
    mixes = [([chosen.uniform(0.5, 1.0) for _ in range(count)], 1.1) for count in PROJECT_COUNTS]
    for seconds, bar in [*mixes, ([0.05] * 15, 1.5)]:
        took = min(time_brief(seconds, pool, parallel=True) for _ in range(3))
        serial = time_brief(seconds, pool, parallel=False)
        path = max(seconds)
        yield {
            "projects": f"{len(seconds)} of {1000 * min(seconds):.0f}-{1000 * path:.0f} ms",
            "path_ms": round(path * 1000, 1),
            "parallel_ms": round(took * 1000, 1),
            "serial_ms": round(serial * 1000, 1),
            "ratio": round(took / path, 3),
            "serial_ratio": round(serial / path, 2),
            "bar": bar,
        }


def table(result: dict[str, Any]) -> str:
    """Returns the figures as text."""
    names = ("projects", "path_ms", "parallel_ms", "serial_ms", "ratio", "serial_ratio")
    schedule = ("people", "ms", "cpu_ms", "pages", "engagement", "duplicates", "sends")
    memory = ", ".join(f"{people:,} people {size:,} kB" for people, size in result["peak_kilobytes"].items())
    parts = [
        "A brief, its projects in parallel and one by one:",
        render_table(names, [[one[name] for name in names] for one in result["briefs"]]),
        "A schedule (100 people with injected waits, more without):",
        render_table(schedule, [[one[name] for name in schedule] for one in result["schedules"]]),
        "A brief with its mail: {queued_ms} ms with a job of its own ({alone_ms} without any), "
        "{waiting_ms} if it waited until the mail is sent".format(**result["mails"]),
        f"100 people: {result['own_ms']} ms of our own; one by one they take {result['one_by_one_ms']:,} ms",
        f"memory at the most: {memory}",
        render_table(("bar", "measured", "allowed", ""), bar_rows(result)),
    ]
    return "\n\n".join(parts)


def _ratio(one: Mapping[str, float], other: Mapping[str, float], name: str) -> float:
    return round(one[name] / other[name], 2)


def _quiet_logger() -> Any:
    from aws_lambda_powertools import Logger

    return Logger(service="bench-briefs", level=logging.CRITICAL)
