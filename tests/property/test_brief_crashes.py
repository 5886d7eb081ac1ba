"""Schedulers and writers die at any call, twice over and beside each other: a due day has one brief."""

from __future__ import annotations

import io
import itertools
import time
from collections.abc import Callable
from typing import Any

from aws_lambda_powertools import Logger
from hypothesis import given, settings
from hypothesis import strategies as st

from repartee.briefs.saying import ChatSpeaker
from repartee.briefs.scheduling import BriefScheduler
from repartee.briefs.sections import SectionWriter
from repartee.briefs.spending import BriefSpending
from repartee.briefs.writing import BriefWriter
from repartee.domain.brief import BriefJob, Project, SourceRef
from repartee.domain.budget import Budget
from repartee.domain.message import Message
from repartee.domain.reply import VisibleState
from repartee.domain.usage import sum_tokens
from repartee.errors import BackendError, Unavailable
from repartee.plan import Pool
from repartee.ports.briefs import SourceItem, SourceQuery
from tests.support.brief_world import MORNING_SECONDS
from tests.support.memory_briefs import (
    ADA,
    BEN,
    MemoryBriefQueue,
    MemoryBriefRuns,
    MemoryBriefs,
    make_subscription,
)

POOL = Pool(threads=16)
DAY_SECONDS = 24 * 3600
CLAIM_SECONDS = 62
NUMBERS = itertools.count()


class Killed(BaseException):
    """The process dies."""


class MortalPort:
    """A port whose process dies at chosen calls: before they are carried out, or after."""

    def __init__(self, port: Any, deaths: Deaths) -> None:
        self._port, self._deaths = port, deaths

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._port, name)
        if not callable(call):
            return call

        def carry_out(*given: Any, **named: Any) -> Any:
            return self._deaths.carry_out(lambda: call(*given, **named))

        return carry_out


class Deaths:
    """The numbers of the calls, over all ports, at which the process dies. Once dead, it does nothing more
    until it is started again."""

    def __init__(self, before: set[int], after: set[int]) -> None:
        self._before, self._after = before, after
        self._number = itertools.count()
        self.is_dead = False

    def carry_out(self, call: Callable[[], Any]) -> Any:
        number = next(self._number)
        self.is_dead = self.is_dead or number in self._before
        if self.is_dead:
            raise Killed
        done = call()
        self.is_dead = number in self._after
        if self.is_dead:
            raise Killed
        return done


class LookedUpChat:
    """A platform where a message that was sent is found by its run, as Slack's."""

    def __init__(self, deaths: Deaths) -> None:
        self._deaths = deaths
        self.posted: dict[str, str] = {}

    def open_reply(
        self, message: Message, turn: str, visible: VisibleState, record: Any, ensure: Any = None
    ) -> LookedUpReply:
        return LookedUpReply(self, turn, record)

    def post(self, turn: str, text: str) -> None:
        if turn not in self.posted:
            self.posted[turn] = text

    def send(self, turn: str, text: str) -> None:
        self._deaths.carry_out(lambda: self.post(turn, text))


class LookedUpReply:
    """`ports.Reply` of one message."""

    def __init__(self, chat: LookedUpChat, turn: str, record: Any) -> None:
        self._chat, self._turn, self._record, self.text = chat, turn, record, ""

    def append(self, text: str, *, send: bool = True) -> None:
        self.text += text

    def finish(self) -> None:
        self._chat.send(self._turn, self.text)
        self._record({"0": self._turn}, self.text)


class CrashingBriefs:
    """The whole way of a brief, from the schedule to the chat."""

    def __init__(self, deaths: Deaths, zone: str) -> None:
        self.now, self.deaths = MORNING_SECONDS, deaths
        self.store, self.runs, self.queue = MemoryBriefs(), MemoryBriefRuns(), MemoryBriefQueue()
        self.chat, self.paid = LookedUpChat(deaths), 0
        projects = tuple(Project(f"p{n}", (SourceRef("room", f"r{n}"),)) for n in range(3))
        for person in (ADA, BEN):
            self.store.put_subscription(make_subscription(person, projects=projects, timezone=zone))
        self._logger = Logger(service=f"crashes-{next(NUMBERS)}", stream=io.StringIO())

    def read_new(self, query: SourceQuery) -> list[SourceItem]:
        return [SourceItem(key=f"{query.ref.id}-{query.until}", text="news", author="Ben", at=query.until)]

    def write_text(self, instructions: str, text: str, max_tokens: int = 120) -> str:
        if self.deaths.is_dead:
            raise Killed
        self.paid += 1
        return "- News. [1]"

    def schedule(self) -> None:
        ports: Any = [MortalPort(port, self.deaths) for port in (self.store, self.runs, self.queue)]
        store, runs, queue = ports
        scheduler = BriefScheduler(
            store, runs, queue, POOL, lambda: self.now, self._logger, is_parallel=lambda: False
        )
        self.live(lambda: scheduler.queue_due_briefs(self.now + 60))

    def write(self, job: BriefJob) -> bool:
        """Gives the job to a worker, and returns whether it is done: otherwise it comes again."""
        store: Any = MortalPort(self.store, self.deaths)
        runs: Any = MortalPort(self.runs, self.deaths)
        own: Any = self
        chat: Any = self.chat
        parts = SectionWriter({"room": own}, own, POOL)
        writer = BriefWriter(
            store,
            runs,
            parts,
            ChatSpeaker(runs, {"slack": chat}, lambda: self.now),
            BriefSpending(Budget(), lambda: own, sum_tokens, self._logger),
            POOL,
            lambda: self.now,
            self._logger,
            is_parallel=lambda person: False,
            monotonic=time.monotonic,
        )
        written = self.live(lambda: writer.write(job, self.now + 60))
        return written is not None and written.result != "held"

    def live(self, work: Callable[[], Any]) -> Any:
        """Does the work in a process of its own, which may die. None where it died or failed."""
        self.deaths.is_dead = False
        try:
            done = work()
        except (Killed, BackendError):
            return None
        finally:
            was_dead, self.deaths.is_dead = self.deaths.is_dead, False
        return None if was_dead else done

    def live_through_day(self, redelivered: int) -> None:
        """Two schedulers every five minutes, and workers that get each job until one has done it."""
        for _ in range(6):
            self.schedule()
            self.schedule()
            jobs, self.queue.jobs = self.queue.jobs, []
            left = [*jobs, *jobs[:redelivered]]
            while left:
                left = [job for job in left if not self.write(job)]
                self.now += CLAIM_SECONDS if left else 0
            self.now += 300


@given(
    before=st.sets(st.integers(0, 160), max_size=6),
    after=st.sets(st.integers(0, 160), max_size=6),
    redelivered=st.integers(0, 2),
    zone=st.sampled_from(["Europe/Lisbon", "Africa/Casablanca", "UTC"]),
)
@settings(max_examples=60, deadline=None)
def test_each_due_day_has_one_brief(before: set[int], after: set[int], redelivered: int, zone: str) -> None:
    """Whole, for each person, on two days; a section is paid for again at most once for each death."""
    world = CrashingBriefs(Deaths(before, after), zone)
    for day in (0, 1):
        world.now = MORNING_SECONDS + day * DAY_SECONDS + 3600
        world.live_through_day(redelivered)

    days = ("2026-09-10", "2026-09-11")
    expected = {BriefJob(person, "s1", day).turn_id for person in (ADA, BEN) for day in days}
    assert set(world.chat.posted) == expected
    assert all(text.count("- News.") == 3 for text in world.chat.posted.values())
    assert world.paid <= 12 + len(before) + len(after)
    assert {one.last_day for one in world.store.kept.values()} == {days[-1]}
    assert {one.unread for one in world.store.engagements.values()} == {2}


def test_a_store_that_fails_is_no_death() -> None:
    """The job comes again, and the day has its brief."""
    world = CrashingBriefs(Deaths(set(), set()), "UTC")
    job, failing = BriefJob(ADA, "s1", "2026-09-10"), world.runs.claim

    def fail(*given: Any) -> Any:
        raise Unavailable("dynamodb", "down")

    world.runs.claim = fail  # type: ignore[method-assign, assignment]
    assert not world.write(job)
    world.runs.claim = failing  # type: ignore[method-assign]
    assert world.write(job)
    assert len(world.chat.posted) == 1
