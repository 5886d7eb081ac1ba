"""Functions in processes, as many of each as Lambda's concurrency, that can be killed and frozen."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benches.support.answered_message import CLOSING_OPERATION
from benches.support.hosted_function import HostedCall
from benches.support.restored_function import FunctionSnapshot, RestoredFunction


@dataclass(frozen=True)
class LeftTurn:
    """Names the messages that a turn has noted as sent, by the platform's ids, and
    the tokens of the questions that are open."""

    noted_ids: frozenset[str] = frozenset()
    open_tokens: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Interruption:
    """A worker that was killed or frozen while it worked for a chat, from `at` until `ended` (epoch seconds).
    `left` is what its turn had written by then."""

    kind: str
    at: float
    chat: str
    ended: float
    left: LeftTurn


@dataclass(frozen=True)
class MemorySample:
    """Holds what a process had in memory when it had answered so many calls."""

    calls: int
    megabytes: float


@dataclass
class FunctionFigures:
    """Adds up what the calls of a function took. Calls of killed processes are not in it."""

    calls: int = 0
    cpu_ms: float = 0.0
    start_cpu_ms: list[float] = field(default_factory=list)
    operations: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    units: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    start_seconds: list[float] = field(default_factory=list)
    closing_call_seconds: list[float] = field(default_factory=list)
    """Of the calls that closed something."""
    idle_call_seconds: list[float] = field(default_factory=list)
    """Of the calls that had nothing to close."""

    def add(self, call: HostedCall) -> None:
        self.calls += 1
        self.cpu_ms += call.cpu_ms
        has_closed = any(one.operation == CLOSING_OPERATION for one in call.calls)
        (self.closing_call_seconds if has_closed else self.idle_call_seconds).append(call.ended - call.began)
        for one in call.calls:
            self.operations[one.operation] += 1
            self.units[one.operation] += one.units


class FunctionWorker:
    """One process of a function, restored from its snapshot. One that dies is replaced by the next call."""

    def __init__(self, snapshot: FunctionSnapshot) -> None:
        self._snapshot = snapshot
        self._function: RestoredFunction | None = None
        self.chat = ""
        self.is_frozen = False
        self.is_over = False
        self.answered_calls = 0
        self.memory_samples: list[MemorySample] = []

    @property
    def pid(self) -> int:
        return self._function.pid if self._function else 0

    def start(self, figures: FunctionFigures) -> None:
        """Restores the process if there is none."""
        if self._function is None:
            began = time.time()
            self._function, self.answered_calls = self._snapshot.restore(), 0
            figures.start_seconds.append(time.time() - began)
            figures.start_cpu_ms.append(self._function.start_cpu_ms)

    def invoke(self, event: Any, chat: str, figures: FunctionFigures) -> HostedCall | None:
        """Returns what the call took, None if the process died."""
        self.chat = chat
        try:
            self.start(figures)
            assert self._function
            call = self._function.invoke(event)
            figures.add(call)
            self.answered_calls += 1
            return call
        except ChildProcessError:
            self._end_process()
            return None
        finally:
            self.chat = ""

    def _end_process(self) -> None:
        if self._function:
            self._function.end()
        self._function = None

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def freeze(self, seconds: float) -> None:
        """Stops the process and lets it go on later, as a sandbox that is moved does."""
        pid, self.is_frozen = self.pid, True
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
            time.sleep(seconds)
            os.kill(pid, signal.SIGCONT)
        self.is_frozen = False

    def sample_memory(self) -> None:
        """Notes the megabytes that are the process's own; pages of files are others' too."""
        with suppress(OSError, ValueError, IndexError):
            calls = self.answered_calls
            _, resident, shared, *_ = map(int, Path(f"/proc/{self.pid}/statm").read_text().split())
            megabytes = (resident - shared) * os.sysconf("SC_PAGE_SIZE") / 1e6
            self.memory_samples.append(MemorySample(calls, megabytes))

    def stop(self) -> None:
        self.is_over = True
        self._end_process()


class Disturber:
    """Kills and freezes workers in the middle of their work, whichever chat they have. Owns the record of
    what it did. `read_left_turn` returns what the turn of a chat has written."""

    def __init__(
        self, workers: Sequence[FunctionWorker], seed: int, read_left_turn: Callable[[str], LeftTurn]
    ) -> None:
        self._workers, self._chance = workers, random.Random(seed)
        self._read_left_turn = read_left_turn
        self.interruptions: list[Interruption] = []

    def kill_worker(self) -> bool:
        """Kills one of the workers that have work. Returns whether there was one."""
        if worker := self._find_busy():
            chat, at = worker.chat, time.time()
            worker.kill()
            self._record_interruption("kill", at, chat, 0.0)
        return bool(worker)

    def freeze_worker(self, seconds: float) -> None:
        if worker := self._find_busy():
            chat, at = worker.chat, time.time()
            threading.Thread(target=worker.freeze, args=(seconds,), daemon=True).start()
            self._record_interruption("freeze", at, chat, seconds)

    def _record_interruption(self, kind: str, at: float, chat: str, seconds: float) -> None:
        left = self._read_left_turn(chat)
        self.interruptions.append(Interruption(kind, at, chat, at + seconds, left))

    def _find_busy(self) -> FunctionWorker | None:
        busy = [worker for worker in self._workers if worker.chat and worker.pid and not worker.is_frozen]
        return self._chance.choice(busy) if busy else None
