"""Who is due is queued once: by pages, at any number of people, with failures told by reason."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest

from repartee.domain.engagement import Engagement
from repartee.domain.schedule import Schedule
from repartee.errors import Unavailable
from tests.support.brief_world import MORNING_SECONDS, ScheduleWorld
from tests.support.memory_briefs import ADA, BEN, MemoryBriefRuns, MemoryBriefs, make_subscription

HOUR_SECONDS = 3600.0
DAY_SECONDS = 24 * HOUR_SECONDS


@pytest.fixture
def world() -> ScheduleWorld:
    return ScheduleWorld()


def test_nobody_is_no_error(world: ScheduleWorld) -> None:
    """The empty list is a report of nothing, and no call is made for it."""
    report = world.schedule()

    assert (report.subscriptions, report.due, report.queued, report.failures) == (0, 0, 0, {})
    assert report.is_complete
    assert world.queue.calls == []
    assert world.runs.calls == []


def test_one_person_is_queued_once(world: ScheduleWorld) -> None:
    """However often the schedule comes, before and after the brief is written; and again the next day."""
    world.briefs.put_subscription(make_subscription())
    for minutes in (0, 5, 10):
        world.now = MORNING_SECONDS + minutes * 60
        world.schedule()
    world.briefs.note_run(ADA, "s1", "2026-09-10", world.now)
    world.schedule()
    world.now = MORNING_SECONDS + DAY_SECONDS
    world.schedule()

    assert [(job.person, job.day) for job in world.queue.jobs] == [(ADA, "2026-09-10"), (ADA, "2026-09-11")]


def test_people_are_due_on_their_own_clocks(world: ScheduleWorld) -> None:
    """At eight in Lisbon it is sixteen in Tokyo and three in New York."""
    for person, zone in ((ADA, "Europe/Lisbon"), (BEN, "America/New_York"), ("slack:T1:U3", "Asia/Tokyo")):
        made = make_subscription(person, timezone=zone, created_at=MORNING_SECONDS - 10 * HOUR_SECONDS)
        world.briefs.put_subscription(made)

    report = world.schedule()

    assert report.subscriptions == 3
    assert {job.person for job in world.queue.jobs} == {ADA, "slack:T1:U3"}


def test_weekends_may_be_left_out(world: ScheduleWorld) -> None:
    """Who wants working days gets nothing on Saturday, and Friday's is not caught up twice."""
    world.briefs.put_subscription(make_subscription(schedule=Schedule(weekdays=frozenset(range(5)))))
    for day in range(5):
        world.now = MORNING_SECONDS + day * DAY_SECONDS
        world.schedule()

    assert [job.day for job in world.queue.jobs] == ["2026-09-10", "2026-09-11", "2026-09-14"]


@pytest.mark.parametrize("parallel", [True, False])
@pytest.mark.parametrize("people", [100, 101, 1_000, 2_500])
def test_many_people_take_one_read_of_duplicates_a_hundred(
    world: ScheduleWorld, people: int, parallel: bool
) -> None:
    """Everybody is queued once, ten in a call, in parallel as one by one."""
    for number in range(people):
        world.briefs.put_subscription(make_subscription(f"slack:T1:U{number}"))

    report = world.schedule(parallel=parallel)

    assert report.queued == people == len({job.person for job in world.queue.jobs})
    assert len(world.queue.jobs) == people
    assert world.runs.calls.count("find_queued") <= -(-people // 100) + report.pages // 16
    assert world.briefs.calls.count("read_engagements") == world.runs.calls.count("find_queued")
    assert max(world.queue.calls) == 10
    if people == 100:
        assert report.duplicate_reads == 1


def test_two_schedulers_at_once_do_no_harm(world: ScheduleWorld) -> None:
    """Whatever both queue is one run, which one worker claims."""
    for number in range(150):
        world.briefs.put_subscription(make_subscription(f"slack:T1:U{number}"))
    with ThreadPoolExecutor(2) as both:
        list(both.map(lambda _: ScheduleWorld.schedule(world), range(2)))

    claimed, busy = [], 0
    for job in world.queue.jobs:
        try:
            claimed.append(world.runs.claim(job, world.now, world.now + 60))
        except Exception:  # noqa: BLE001 - held by the worker of the first one
            busy += 1

    assert len(claimed) == 150 == len({run.person for run in claimed if run})
    assert busy == len(world.queue.jobs) - 150


def test_a_scheduler_that_dies_after_it_sent_queues_again_what_is_written_once(world: ScheduleWorld) -> None:
    """Nothing is lost: the note that it was queued comes after the sending."""

    class Mortal(MemoryBriefRuns):
        def note_queued(self, jobs: object) -> None:
            raise Unavailable("dynamodb", "down")

    mortal = Mortal()
    world.briefs.put_subscription(make_subscription())
    report = world.schedule(runs=mortal)
    world.schedule(runs=world.runs)

    assert report.failures == {"Unavailable": 1}
    assert [job.key for job in world.queue.jobs] == [f"{ADA}#s1#2026-09-10"] * 2


def test_failures_are_told_by_reason(world: ScheduleWorld) -> None:
    """What one person's subscription lacks costs nobody else the brief; a refused job is tried again."""
    world.briefs.put_subscription(make_subscription())
    world.briefs.put_subscription(make_subscription(BEN, timezone="Mars/Olympus"))
    world.briefs.put_subscription(make_subscription("slack:T1:U3"))
    world.queue.refused["slack:T1:U3"] = "InternalError"

    first = world.schedule()
    world.queue.refused.clear()
    second = world.schedule()

    assert first.failures == {"unknown time zone": 1, "InternalError": 1}
    assert (first.queued, second.queued) == (1, 1)
    assert {job.person for job in world.queue.jobs} == {ADA, "slack:T1:U3"}
    assert json.loads(world.log.getvalue().splitlines()[0])["failures"] == first.failures


def test_a_shard_that_cannot_be_read_costs_its_own_people_five_minutes(world: ScheduleWorld) -> None:
    """The others are queued now, and those with the next schedule."""

    class Faulty(MemoryBriefs):
        is_down = True

        def list_page(self, shard: int, after: str = "", limit: int = 100):
            if shard == 3 and self.is_down:
                raise Unavailable("dynamodb", "down")
            return super().list_page(shard, after, limit)

    faulty = Faulty()
    for number in range(60):
        faulty.put_subscription(make_subscription(f"slack:T1:U{number}"))
    first = world.schedule(briefs=faulty)
    faulty.is_down = False
    second = world.schedule(briefs=faulty)

    assert first.failures == {"Unavailable": 1}
    assert 0 < second.queued < 60
    assert first.queued + second.queued == 60


def test_engagement_that_cannot_be_read_holds_nobody_back(world: ScheduleWorld) -> None:
    """Everybody gets the brief that they ordered."""

    class Faulty(MemoryBriefs):
        def read_engagements(self, people: object):
            raise Unavailable("dynamodb", "down")

    faulty = Faulty()
    faulty.put_subscription(make_subscription(last_day="2026-09-09"))
    report = world.schedule(briefs=faulty)

    assert report.queued == 1
    assert report.failures == {"Unavailable": 1}


def test_a_schedule_without_time_is_resumed(world: ScheduleWorld) -> None:
    """It stops between two pages, says so, and the next goes on there before it begins anew."""
    for number in range(60):
        world.briefs.put_subscription(make_subscription(f"slack:T1:U{number}"))

    stopped = world.schedule(seconds=5.0)
    resumed = world.schedule()

    assert (stopped.is_complete, stopped.queued) == (False, 0)
    assert (resumed.is_complete, resumed.queued) == (True, 60)
    assert world.briefs.cursor == {}


@pytest.mark.parametrize(
    "unread,days",
    [
        (0, ["10", "11", "12", "13", "14", "15", "16", "17", "18"]),
        (5, ["11", "13", "15", "17"]),
        (9, ["16"]),
        (12, ["16"]),
        (13, []),
    ],
)
def test_who_does_not_read_gets_fewer(world: ScheduleWorld, unread: int, days: list[str]) -> None:
    """As the table in the documents says."""
    world.briefs.put_subscription(make_subscription(last_day="2026-09-09"))
    world.briefs.engagements[ADA] = Engagement(unread=unread)
    for day in range(9):
        world.now = MORNING_SECONDS + day * DAY_SECONDS
        before = len(world.queue.jobs)
        world.schedule()
        for job in world.queue.jobs[before:]:
            world.briefs.note_run(ADA, "s1", job.day, world.now)

    assert [job.day[-2:] for job in world.queue.jobs] == days
    assert {job.unread for job in world.queue.jobs} <= {unread}


def test_who_returns_is_back_at_once(world: ScheduleWorld) -> None:
    """A brief that was held back comes with the next schedule."""
    world.briefs.put_subscription(make_subscription(last_day="2026-09-09"))
    world.briefs.engagements[ADA] = Engagement(unread=9)
    held = world.schedule()
    world.briefs.note_engaged(ADA, "answer", world.now)
    world.now += 300

    back = world.schedule()

    assert (held.queued, held.held_back, back.queued) == (0, 1, 1)


def test_nothing_is_due_before_it_was_ordered(world: ScheduleWorld) -> None:
    """Who subscribes at ten past eight has the first brief tomorrow at eight."""
    world.briefs.put_subscription(make_subscription(created_at=world.now - 60))
    world.briefs.put_subscription(
        msgspec.structs.replace(make_subscription(BEN), created_at=world.now - HOUR_SECONDS)
    )

    world.schedule()

    assert [job.person for job in world.queue.jobs] == [BEN]
