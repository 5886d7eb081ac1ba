"""The pool, and runs on it, with real threads: exhaustion, stuck steps, exceptions, re-entry."""

from __future__ import annotations

import random
import subprocess
import sys
import textwrap
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextvars import ContextVar, copy_context
from itertools import count
from threading import Barrier, Event, Lock, Thread, current_thread, get_ident
from time import sleep
from typing import Any

import pytest

from repartee.plan import Outcome, Plan, Pool, StepFailed, deadline, gather
from repartee.plan.task import Task, result_queue
from tests.support.executors import pool_without_threads
from tests.support.plan_world import outcome_kinds, outcome_of, rename_function


class Threads:
    """Two standard executors for a pool, whose threads can be counted and waited for.

    ``most``: how many threads the machine lets them start in all; past that starting one fails as it does
    where a process has too many.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.most = 1000
        self.started = 0
        self._executors: list[ThreadPoolExecutor] = []
        self._start = Thread.start
        monkeypatch.setattr(Thread, "start", lambda thread: self._start_counted(thread))  # noqa: PLW0108

    def pool(self, threads: int, spare_threads: int = 0) -> Pool:
        main, spare = (ThreadPoolExecutor(max(1, size), NAME) for size in (threads, spare_threads))
        self._executors += [main, spare]
        return Pool(threads, spare_threads, executor=main, spare_executor=spare)

    def join(self) -> None:
        for executor in self._executors:
            executor.shutdown(wait=True)

    def _start_counted(self, thread: Thread) -> None:
        if thread.name.startswith(NAME):
            if self.started >= self.most:
                raise RuntimeError("can't start new thread")
            self.started += 1
        self._start(thread)


NAME = "tested-pool"


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> Threads:
    return Threads(monkeypatch)


@pytest.fixture
def pool(threads: Threads) -> Iterator[Pool]:
    pool = threads.pool(4, 2)
    yield pool
    pool.close()
    threads.join()


def task_of(call: Callable[[], object]) -> Task:
    return Task(call, owner=None, results=result_queue(), context=copy_context(), clock=float)


def test_work_is_done_once(pool: Pool) -> None:
    """Work that many threads try to run is run by one of them."""
    numbers = count()
    task = task_of(lambda: next(numbers))
    together = Barrier(8)

    def race() -> None:
        together.wait()
        task.run()

    racers = [Thread(target=race) for _ in range(8)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()

    assert next(numbers) == 1
    assert not task.cancel()


def test_withdrawn_work_is_never_done() -> None:
    """Work that was withdrawn in time is not run by the thread that finds it later."""
    numbers = count()
    task = task_of(lambda: next(numbers))

    assert task.cancel()
    assert task.cancel()
    task.run()

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
    pool = threads.pool(1, 2)
    release = Event()
    plan = Plan("stuck")
    plan.step(timeout=0.001, fallback="late")(rename_function(_waiting(release), "stuck", ()))
    graph = plan.build(targets=("stuck",))

    def once() -> str | None:
        (outcome,) = graph.start({}, pool=pool).until_ready()
        return outcome.reason

    assert [once(), pool.late, pool.exhausted, pool.saturated] == ["timeout", 1, False, False]
    assert [once(), pool.late, pool.exhausted, pool.saturated] == ["timeout", 2, True, False]
    assert [once(), pool.late, pool.exhausted, pool.saturated] == ["timeout", 3, True, True]
    assert [once(), pool.busy, threads.started] == ["saturated", 3, 3]

    release.set()
    pool.close()
    threads.join()
    assert (pool.late, pool.busy, pool.exhausted) == (0, 0, False)


def test_the_pool_shrinks_when_late_threads_return(threads: Threads) -> None:
    """While a thread is late a spare one replaces it; when it returns the pool runs no more than before."""
    pool = threads.pool(1, 1)
    release, entered = Event(), Event()

    def hold() -> None:
        entered.set()
        release.wait()

    stuck = task_of(hold)
    pool.submit(stuck)
    entered.wait()
    pool.abandon(stuck)
    pool.abandon(stuck)
    assert (pool.late, pool.busy) == (1, 1)
    assert gather([int], pool=pool) == [0]

    release.set()
    while pool.late:
        sleep(0.001)
    assert most_at_once(pool, 4) == 1
    assert pool.late == 0
    pool.close()
    threads.join()


def most_at_once(pool: Pool, calls: int) -> int:
    """How many of so many short calls were ever running at the same time."""
    lock, running, most = Lock(), 0, 0

    def call() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        sleep(0.005)
        with lock:
            running -= 1

    gather([call] * calls, pool=pool)
    return most


def test_no_more_tasks_run_than_there_are_threads(threads: Threads) -> None:
    """A pool of three threads runs three calls at once, however many there are."""
    pool = threads.pool(3)

    assert most_at_once(pool, 12) == 3
    pool.close()
    threads.join()


def test_without_spare_threads_the_first_late_one_asks_for_a_replacement() -> None:
    """A pool with nothing to spare wants to be replaced only when something is late."""
    pool = Pool(threads=1, spare_threads=0)  # the executors are the pool's own
    release, entered = Event(), Event()

    def hold() -> None:
        entered.set()
        release.wait()

    before = pool.exhausted
    stuck = task_of(hold)
    pool.submit(stuck)
    entered.wait()
    pool.abandon(stuck)

    assert [before, pool.exhausted] == [False, True]
    release.set()


def test_threads_that_could_not_be_had_leave_no_trace(threads: Threads) -> None:
    """After a time without threads the pool is as wide as it was, and nothing counts as late."""
    threads.most = 0
    pool = threads.pool(1)
    plan = Plan("poor")
    plan.step(name="work")(lambda: 0)
    plan.step(name="said", status=True)(lambda: 0)
    graph = plan.build(targets=("work",))
    for _ in range(3):
        graph.start({}, pool=pool).close()
    assert (pool.late, pool.busy) == (0, 0)

    threads.most = 1000
    gather([int] * 20, pool=pool)

    assert threads.started == 1
    pool.close()
    threads.join()


def test_work_that_waits_is_taken_up_when_a_thread_is_made_up_for(threads: Threads) -> None:
    """Work queued behind a stuck step starts as soon as that step is given up."""
    pool = threads.pool(1, 1)
    release = Event()
    plan = Plan("queue")
    plan.step(timeout=0.001, fallback=None)(rename_function(_waiting(release), "stuck", ()))
    plan.step(name="other")(lambda: "done")

    run = plan.build(targets=("stuck", "other")).start({}, pool=pool)
    outcomes = list(run.until_ready())

    assert {o.name: o.status for o in outcomes} == {"stuck": "fallback", "other": "ok"}
    ends = {bar.name: bar.calls[0][1] for bar in run.waterfall()}
    assert ends["stuck"] is None
    assert ends["other"] == outcome_of("other", outcomes).end
    release.set()
    pool.close()
    threads.join()
    assert (pool.late, pool.busy) == (0, 0)


def test_work_that_waits_is_not_lost_when_no_thread_can_be_had_for_it(threads: Threads) -> None:
    """Work queued behind a stuck step that cannot be made up for is done when that thread returns."""
    threads.most = 1
    pool = threads.pool(1, 1)
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
def test_when_threads_run_out_the_run_goes_on(threads: Threads, most: int) -> None:
    """If threads cannot be started the run goes on with those there are, or serially; nothing is repeated."""
    threads.most = most
    pool = threads.pool(8)
    calls: Counter[str] = Counter()
    plan = Plan("exhausted", inputs=("message",))
    for index in range(20):
        name, needs = f"s{index}", ("message",) if index < 10 else (f"s{index - 10}", f"s{index - 7}")
        plan.step()(rename_function(_counting(calls, name), name, needs))
    graph = plan.build(targets=[f"s{index}" for index in range(20)])

    starved = 0
    for _ in range(50):
        with graph.start({"message": ""}, pool=pool) as run:
            assert {o.status for o in run.until_ready()} == {"ok"}
        starved += run.starved

    assert starved == 50 if most == 0 else starved < 50
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
    pool = threads.pool(1)
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

    assert [(o.name, o.status, o.attempts) for o in outcomes] == [("read", "ok", 1), ("after", "ok", 1)]
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


def test_by_default_steps_run_on_the_standard_executor() -> None:
    """A pool starts threads of a ``ThreadPoolExecutor`` when they are first needed, and keeps them."""
    pool = Pool(threads=2)

    names = {thread.name for thread in gather([current_thread] * 20, pool=pool)}
    assert names <= {"repartee-plan_0", "repartee-plan_1"}
    pool.close()


def test_importing_the_engine_loads_little() -> None:
    """Importing the engine loads neither the standard executor nor the check of types nor ``inspect``."""
    script = "import sys; import repartee.plan; print(sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    for slow in ("asyncio", "concurrent", "dataclasses", "inspect", "logging", "random", "difflib"):
        assert f"'{slow}'" not in done.stdout
    for part in ("edge_types", "assignable"):
        assert f"repartee.plan.{part}" not in done.stdout


class InCaller(Executor):
    """An executor without threads: what is submitted runs at once, in the thread of its submitter."""

    def __init__(self) -> None:
        self.submitted = 0

    def submit(self, call: Callable[..., Any], /, *args: Any, **named: Any) -> Future[Any]:
        self.submitted += 1
        future: Future[Any] = Future()
        future.set_result(call(*args, **named))
        return future


@pytest.mark.parametrize("size", [1, 4])
def test_any_executor_can_be_given(size: int) -> None:
    """A pool runs its tasks on whichever executor it is given, nested plans included, and never closes it."""
    executor = InCaller()
    pool = Pool(threads=size, executor=executor)

    def nested() -> list[int]:
        return gather([int] * 3, pool=pool)

    assert gather([nested] * 3, pool=pool) == [[0, 0, 0]] * 3
    assert gather([get_ident], pool=pool) == [get_ident()]
    pool.close()

    assert executor.submitted >= 4
    assert executor.submit(int).result() == 0


def test_a_given_executor_is_not_shut_down() -> None:
    """Closing the pool leaves the executor that it was given to its owner."""
    with ThreadPoolExecutor(2, NAME) as executor:
        pool = Pool(threads=2, executor=executor)
        assert gather([lambda: current_thread().name.startswith(NAME)], pool=pool) == [True]
        pool.close()

        assert executor.submit(int).result() == 0


def test_a_closed_pool_runs_calls_in_the_caller() -> None:
    """After the pool is closed calls are made one after another in the caller's thread; none is lost."""
    pool = Pool(threads=2)
    assert gather([int] * 4, pool=pool) == [0] * 4
    pool.close()

    assert gather([get_ident] * 2, pool=pool) == [get_ident()] * 2


STUCK = """
    import atexit, sys
    from threading import Event
    from repartee.plan import Plan, Pool, run_main
    atexit.register(lambda: print("atexit"))
    plan = Plan("stuck", inputs=("ends",))
    plan.step(name="stuck", timeout=0.05, fallback=None)(lambda ends: None if ends else Event().wait())
    graph = plan.build(targets=("stuck",))
    def main():
        run = graph.start({"ends": len(sys.argv) > 2}, pool=Pool())
        print(*(outcome.reason for outcome in run.until_ready()))
        return eval(sys.argv[1])
    run_main(main)
"""


@pytest.mark.parametrize(
    "ending, code, err",
    [
        ("None", 0, ""),
        ("0", 0, ""),
        ("3", 3, ""),
        ("sys.exit(4)", 4, ""),
        ("sys.exit()", 0, ""),
        ("sys.exit('what is missing')", 1, "what is missing\n"),
        ("1 / 0", 1, "ZeroDivisionError: division by zero\n"),
    ],
)
def test_the_exit_of_a_command_waits_for_no_thread(ending: str, code: int, err: str) -> None:
    """A command whose step hangs for ever ends with its own exit code and output; one whose steps have ended
    exits like any other."""
    hanging, ended = (
        subprocess.run(
            [sys.executable, "-c", textwrap.dedent(STUCK), ending, *more],
            capture_output=True, text=True, check=False, timeout=30,
        )
        for more in ([], ["ends"])
    )  # fmt: skip

    assert (hanging.returncode, hanging.stdout) == (code, "timeout\n")
    assert (ended.returncode, ended.stdout) == (code, "None\natexit\n")
    for done in (hanging, ended):
        assert done.stderr.endswith(err)
        assert bool(done.stderr) == bool(err)


def test_under_stress_every_run_keeps_its_promises(threads: Threads) -> None:
    """Random plans with failures, timeouts and abandoned threads: every run ends, no write is done twice."""
    chance = random.Random(7)
    pool = threads.pool(4, 64)
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


def test_what_a_step_frees_starts_before_those_that_are_declared_later() -> None:
    """A long chain is not held up by the starting of all that can start."""
    started: list[str] = []
    plan = Plan("chain", inputs=("message",))
    plan.step()(rename_function(lambda message: started.append("first"), "first", ("message",)))
    plan.step()(rename_function(lambda first: started.append("second"), "second", ("first",)))
    for index in range(100):
        name = f"other{index}"
        plan.step()(rename_function(lambda message, name=name: started.append(name), name, ("message",)))

    targets = ("second", *(f"other{index}" for index in range(100)))
    with plan.build(targets=targets).start({"message": ""}, pool=pool_without_threads()) as run:
        list(run.until_ready())

    assert started[:2] == ["first", "second"]
