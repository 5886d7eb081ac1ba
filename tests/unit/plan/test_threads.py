"""The pool, and runs on it, with real threads: exhaustion, stuck steps, exceptions, re-entry."""

from __future__ import annotations

import random
import subprocess
import sys
import textwrap
from collections import Counter
from collections.abc import Callable, Iterator
from contextvars import ContextVar, copy_context
from itertools import count
from threading import Barrier, Event, Thread, current_thread, get_ident

import pytest

from repartee.plan import Outcome, Plan, Pool, StepFailed, deadline, gather
from repartee.plan.work import Work, mailbox
from tests.support.plan_world import outcome_kinds, outcome_of, rename_function


class Threads:
    """Starts a pool's threads, as many as may be had, and can wait for their end."""

    def __init__(self, most: int = 1000) -> None:
        self.most = most
        self.started: list[Thread] = []

    def start(self, serve: Callable[[], None]) -> None:
        if len(self.started) >= self.most:
            raise RuntimeError("can't start new thread")
        self.started.append(Thread(target=serve, daemon=True))
        self.started[-1].start()

    def join(self) -> None:
        for thread in self.started:
            thread.join()


@pytest.fixture
def threads() -> Threads:
    return Threads()


@pytest.fixture
def pool(threads: Threads) -> Iterator[Pool]:
    pool = Pool(threads=4, spare=2, start_thread=threads.start)
    yield pool
    pool.close()
    threads.join()


def work_of(call: Callable[[], object]) -> Work:
    return Work(call, owner=None, mailbox=mailbox(), context=copy_context(), clock=float)


def test_work_is_done_once(pool: Pool) -> None:
    """Work that many threads try to run is run by one of them."""
    numbers = count()
    work = work_of(lambda: next(numbers))
    together = Barrier(8)

    def race() -> None:
        together.wait()
        work.run()

    racers = [Thread(target=race) for _ in range(8)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()

    assert next(numbers) == 1
    assert not work.withdraw()


def test_withdrawn_work_is_never_done() -> None:
    """Work that was withdrawn in time is not run by whoever finds it later."""
    numbers = count()
    work = work_of(lambda: next(numbers))

    assert work.withdraw()
    assert work.withdraw()
    work.run()

    assert next(numbers) == 0


def test_thousands_of_runs(pool: Pool) -> None:
    """Run after run on the same threads: each step once, each value right."""
    calls: Counter[str] = Counter()
    plan = Plan("sums", inputs=("n",))
    needed = {"a": "n", "b": "a", "c": "a", "d": "ab", "e": "abc", "f": "bcd", "g": "cde", "h": "fg"}

    def adding(name: str) -> Callable[..., int]:
        def add(**given: int) -> int:
            calls[name] += 1
            return sum(given.values()) + 1

        return rename_function(add, name, tuple(needed[name]))

    for name in needed:
        plan.step()(adding(name))
    graph = plan.build(targets=("h",))

    for number in range(2000):
        run = graph.start({"n": number}, pool=pool)
        assert len(list(run.until_ready())) == 8
        assert run.values["h"] == sums({"n": number}, needed)["h"]

    assert set(calls.values()) == {2000}


def sums(known: dict[str, int], needed: dict[str, str]) -> dict[str, int]:
    for name, needs in needed.items():
        known[name] = sum(known[need] for need in needs) + 1
    return known


def test_two_runs_at_once_in_one_process(pool: Pool) -> None:
    """Runs of several threads share the pool and nothing else."""
    plan = Plan("echo", inputs=("number",))
    plan.step(name="a")(lambda number: number)
    plan.step(name="b")(lambda a: a * 2)
    plan.step(name="c")(lambda a, b: (a, b))
    graph = plan.build(targets=("c",))
    wrong: list[object] = []

    def go(start: int) -> None:
        for number in range(start, start + 300):
            run = graph.start({"number": number}, pool=pool)
            list(run.until_ready())
            if run.values["c"] != (number, number * 2):
                wrong.append(run.values)

    owners = [Thread(target=go, args=(1000 * index,)) for index in range(4)]
    for owner in owners:
        owner.start()
    for owner in owners:
        owner.join()

    assert wrong == []


class Strange(BaseException):
    """What no handler expects."""


EVERY_KIND = [ValueError, SystemExit, KeyboardInterrupt, GeneratorExit, Strange, StopIteration]


@pytest.mark.parametrize("error", EVERY_KIND)
def test_whatever_a_step_raises_is_its_failure(pool: Pool, error: type[BaseException]) -> None:
    """Every kind of exception ends its step, not its thread, and has a fallback like any other."""
    plan = Plan("raising")
    plan.step(fallback="f")(rename_function(_raising(error), "optional", ()))
    plan.step()(rename_function(_raising(error), "needed", ("optional",)))

    run = plan.build(targets=("needed",)).start({}, pool=pool)
    with pytest.raises(StepFailed) as failed:
        list(run.until_ready())

    assert isinstance(failed.value.__cause__, error)
    assert outcome_kinds(run.close()) == {"optional": "fallback", "needed": "failed"}
    assert gather([int] * 8, pool=pool) == [0] * 8


def _raising(error: type[BaseException]) -> Callable[..., object]:
    def call(**_: object) -> object:
        raise error

    return call


def _waiting(event: Event) -> Callable[[], object]:
    return lambda: event.wait(None)


def test_a_stuck_thread_is_made_up_for(threads: Threads) -> None:
    """Late threads are counted and replaced up to the cap; then the process asks to be replaced."""
    pool = Pool(threads=1, spare=2, start_thread=threads.start)
    release = Event()
    plan = Plan("stuck")
    plan.step(timeout=0.001, fallback="late")(rename_function(_waiting(release), "stuck", ()))
    graph = plan.build(targets=("stuck",))

    def once() -> str | None:
        (outcome,) = graph.start({}, pool=pool).until_ready()
        return outcome.reason

    assert [once(), pool.late, pool.wants_replacement, pool.saturated] == ["timeout", 1, False, False]
    assert [once(), pool.late, pool.wants_replacement, pool.saturated] == ["timeout", 2, True, False]
    assert [once(), pool.late, pool.wants_replacement, pool.saturated] == ["timeout", 3, True, True]
    assert [once(), pool.busy, len(threads.started)] == ["saturated", 3, 3]

    release.set()
    pool.close()
    threads.join()
    assert (pool.late, pool.busy, pool.wants_replacement) == (0, 0, False)


def test_threads_that_come_back_leave_if_they_were_made_up_for(threads: Threads) -> None:
    """The pool shrinks to its size when its late threads return."""
    pool = Pool(threads=1, spare=1, start_thread=threads.start)
    release, entered = Event(), Event()

    def hold() -> None:
        entered.set()
        release.wait()

    stuck = work_of(hold)
    pool.submit(stuck)
    entered.wait()
    pool.abandon(stuck)
    pool.abandon(stuck)
    assert gather([int], pool=pool) == [0]

    release.set()
    threads.started[0].join()

    assert (pool.late, pool.busy) == (0, 0)
    assert gather([get_ident] * 3, pool=pool) == [threads.started[1].ident] * 3
    pool.close()
    threads.join()


def test_without_spare_threads_the_first_late_one_asks_for_a_replacement() -> None:
    """A pool with nothing to spare wants to be replaced only when something is late."""
    pool = Pool(threads=1, spare=0)
    release, entered = Event(), Event()

    def hold() -> None:
        entered.set()
        release.wait()

    before = pool.wants_replacement
    stuck = work_of(hold)
    pool.submit(stuck)
    entered.wait()
    pool.abandon(stuck)

    assert [before, pool.wants_replacement] == [False, True]
    release.set()


def test_threads_that_could_not_be_had_leave_no_trace(threads: Threads) -> None:
    """After a time without threads the pool is as wide as it was, and nothing counts as late."""
    threads.most = 0
    pool = Pool(threads=1, start_thread=threads.start)
    plan = Plan("poor")
    plan.step(name="work")(lambda: 0)
    plan.step(name="said", status=True)(lambda: 0)
    graph = plan.build(targets=("work",))
    for _ in range(3):
        graph.start({}, pool=pool).close()
    assert (pool.late, pool.busy) == (0, 0)

    threads.most = 1000
    gather([int] * 20, pool=pool)

    assert len(threads.started) == 1
    pool.close()
    threads.join()


def test_work_that_waits_is_taken_up_when_a_thread_is_made_up_for(threads: Threads) -> None:
    """Work queued behind a stuck step starts as soon as that step is given up."""
    pool = Pool(threads=1, spare=1, start_thread=threads.start)
    release = Event()
    plan = Plan("queue")
    plan.step(timeout=0.001, fallback=None)(rename_function(_waiting(release), "stuck", ()))
    plan.step(name="other")(lambda: "done")

    run = plan.build(targets=("stuck", "other")).start({}, pool=pool)
    outcomes = list(run.until_ready())

    assert {o.name: o.kind for o in outcomes} == {"stuck": "fallback", "other": "ok"}
    ends = {bar.name: bar.calls[0][1] for bar in run.waterfall()}
    assert ends["stuck"] is None
    assert ends["other"] == outcome_of("other", outcomes).end
    release.set()
    pool.close()
    threads.join()
    assert (pool.late, pool.busy) == (0, 0)


def test_work_that_waits_is_not_lost_when_no_thread_can_be_had_for_it() -> None:
    """Work queued behind a stuck step that cannot be made up for is done when that thread returns."""
    threads = Threads(most=1)
    pool = Pool(threads=1, spare=1, start_thread=threads.start)
    release = Event()
    plan = Plan("queue")
    plan.step(timeout=0.001, fallback=None)(rename_function(_waiting(release), "stuck", ()))
    plan.step(name="other")(lambda: "done")

    run = plan.build(targets=("stuck", "other")).start({}, pool=pool)
    for outcome in run.until_ready():
        if outcome.name == "stuck":
            release.set()

    assert run.values == {"stuck": None, "other": "done"}
    pool.close()
    threads.join()
    assert (pool.late, pool.busy) == (0, 0)


@pytest.mark.parametrize("most", [0, 1, 3])
def test_when_threads_run_out_the_run_goes_on(most: int) -> None:
    """If threads cannot be started the run goes on with those there are, or serially; nothing is repeated."""
    threads = Threads(most)
    pool = Pool(threads=8, start_thread=threads.start)
    calls: Counter[str] = Counter()
    plan = Plan("exhausted", inputs=("message",))
    for index in range(20):
        name, needs = f"s{index}", ("message",) if index < 10 else (f"s{index - 10}", f"s{index - 7}")
        plan.step()(rename_function(_counting(calls, name), name, needs))
    graph = plan.build(targets=[f"s{index}" for index in range(20)])

    for _ in range(50):
        with graph.start({"message": ""}, pool=pool) as run:
            assert {o.kind for o in run.until_ready()} == {"ok"}
        assert run.starved == (most == 0)

    assert set(calls.values()) == {50}
    pool.close()
    threads.join()


def _counting(calls: Counter[str], name: str) -> Callable[..., object]:
    def call(**_: object) -> object:
        calls[name] += 1
        return name

    return call


def test_a_step_may_run_a_plan_of_its_own(threads: Threads) -> None:
    """Re-entry from a step cannot deadlock, even where the pool has a single thread."""
    pool = Pool(threads=1, start_thread=threads.start)
    inner = Plan("inner")
    inner.step(name="a")(lambda: 1)
    inner.step(name="b")(lambda a: a + 1)
    inner_graph = inner.build(targets=("b",))

    def nested() -> object:
        run = inner_graph.start({}, pool=pool)
        list(run.until_ready())
        return run.values["b"], gather([int] * 3, pool=pool)

    outer = Plan("outer")
    outer.step()(rename_function(nested, "first", ()))
    outer.step()(rename_function(nested, "second", ()))

    run = outer.build(targets=("first", "second")).start({}, pool=pool)
    list(run.until_ready())

    assert run.values == {"first": (2, [0, 0, 0]), "second": (2, [0, 0, 0])}
    pool.close()
    threads.join()


def test_a_thread_that_wakes_up_later_cannot_touch_the_next_run(pool: Pool) -> None:
    """A step that was abandoned ends during the next run, whose results, outcomes and claim are its own."""
    release, woken = Event(), Event()
    numbers = count()

    def read(message: str) -> object:
        number = next(numbers)
        if number == 0:
            release.wait()
            woken.set()
        return (message, number)

    def wait_for_the_other(read: object) -> object:
        release.set()
        woken.wait()
        return read

    plan = Plan("freeze", inputs=("message",))
    plan.step(timeout=0.001, fallback=None)(read)
    plan.step(name="after")(lambda read: read)
    first = plan.build(targets=("read",)).start({"message": "first"}, pool=pool)
    list(first.until_ready())
    before = first.close()

    plan = Plan("next", inputs=("message",))
    plan.step()(read)
    plan.step(name="after")(wait_for_the_other)
    second = plan.build(targets=("after",)).start({"message": "second"}, pool=pool)
    outcomes: list[Outcome] = list(second.until_ready())

    assert [(o.name, o.kind, o.attempts) for o in outcomes] == [("read", "ok", 1), ("after", "ok", 1)]
    assert second.values["after"] == ("second", 1)
    assert first.close() == before
    assert dict(first.values) == {"read": None}


def test_an_owner_that_is_interrupted_leaves_nothing_behind(pool: Pool) -> None:
    """A run whose owner gives up in the middle starts nothing more."""
    calls: Counter[str] = Counter()
    plan = Plan("interrupted")
    for index in range(5):
        plan.step()(
            rename_function(_counting(calls, f"s{index}"), f"s{index}", (f"s{index - 1}",) if index else ())
        )
    graph = plan.build(targets=("s4",))

    def give_up() -> None:
        with graph.start({}, pool=pool) as run:
            for _ in run.until_ready():
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        give_up()

    assert gather([int] * 8, pool=pool) == [0] * 8
    assert calls["s0"] == 1
    assert calls["s4"] == 0


def test_context_and_deadline_travel_into_the_threads(pool: Pool) -> None:
    """A step sees its caller's context variables and its own deadline, in a thread of the pool."""
    who: ContextVar[str] = ContextVar("who", default="nobody")
    plan = Plan("context")
    plan.step(name="bounded", timeout=60)(lambda: (who.get(), deadline.remaining(), current_thread()))
    plan.step(name="changing")(lambda bounded: (who.set("the step"), deadline.remaining())[1])
    graph = plan.build(targets=("bounded", "changing"))

    token = who.set("the caller")
    run = graph.start({}, pool=pool, deadline=600)
    who.reset(token)
    list(run.until_ready())

    seen, left, thread = run.values["bounded"]
    assert seen == "the caller"
    assert 0 < left <= 60
    assert thread is not current_thread()
    assert 60 < run.values["changing"] <= 600
    assert (who.get(), deadline.remaining()) == ("nobody", None)


def test_the_exit_of_the_process_waits_for_nobody() -> None:
    """A process whose step is stuck for ever ends when its main thread does."""
    script = """
        from threading import Event
        from repartee.plan import Plan, Pool
        plan = Plan("stuck")
        plan.step(name="stuck", timeout=0.01, fallback=None)(lambda: Event().wait())
        run = plan.build(targets=("stuck",)).start({}, pool=Pool())
        print(*(outcome.reason for outcome in run.until_ready()))
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, check=True
    )

    assert done.stdout == "timeout\n"


def test_under_stress_every_run_keeps_its_promises(threads: Threads) -> None:
    """Random plans with failures, timeouts and abandoned threads: every run ends, no write is done twice."""
    chance = random.Random(7)
    pool = Pool(threads=4, spare=64, start_thread=threads.start)
    release = Event()
    written: Counter[object] = Counter()

    def step(run: int, index: int, behaviour: float) -> Callable[..., object]:
        def call(**_: object) -> object:
            if behaviour < 0.02:
                release.wait()
            if behaviour < 0.2:
                raise OSError
            written[run, index] += 1
            return index

        return call

    for number in range(400):
        plan = Plan("stress")
        for index in range(8):
            needs = tuple({f"s{chance.randrange(index)}" for _ in range(2)}) if index else ()
            function = rename_function(step(number, index, chance.random()), f"s{index}", needs)
            plan.step(timeout=0.005, fallback=None, writes=True)(function)
        with plan.build(targets=("s7",)).start({}, pool=pool, parallel=chance.random() < 0.8) as run:
            list(run.until_ready())
        assert run.ready
        if pool.saturated:
            release.set()

    release.set()
    pool.close()
    threads.join()
    assert set(written.values()) == {1}
    assert (pool.late, pool.busy) == (0, 0)
