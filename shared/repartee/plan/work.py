"""One call on its way through a thread."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import Context
from queue import SimpleQueue
from threading import Lock
from typing import Any, Protocol

from repartee.plan import deadline
from repartee.plan.deadline import Clock


class Mailbox(Protocol):
    """Where work that ended is put; a ``queue.SimpleQueue``, or what stands in for it on a virtual clock."""

    def put(self, item: Work) -> None:
        """Leave the work for whoever waits."""

    def get(self, block: bool = True, timeout: float | None = None) -> Work:
        """The next work that ended; ``queue.Empty`` when ``timeout`` seconds brought none."""

    def empty(self) -> bool:
        """Whether nothing is there now."""


def mailbox() -> Mailbox:
    """A new, empty mailbox."""
    return SimpleQueue()


class Work:
    """A call that is made once at most, by whichever thread claims it first.

    Whoever gave it away may still withdraw it, as long as it was not claimed. What came of it is put,
    once, into the mailbox that it was given; a mailbox that nobody reads is how late work is forgotten.
    """

    __slots__ = (
        "_call", "_claim", "_clock", "_context", "_mailbox", "_withdrawn",
        "begin", "end", "error", "extra", "finished", "late", "owner", "probe", "until", "value",
    )  # fmt: skip

    def __init__(
        self,
        call: Callable[[], Any],
        *,
        owner: Any,
        mailbox: Mailbox,
        context: Context,
        clock: Clock,
        until: float | None = None,
        extra: bool = False,
    ) -> None:
        self._call = call
        self._claim = Lock()
        self._clock = clock
        self._context = context
        self._mailbox = mailbox
        self._withdrawn = False
        self.owner = owner
        self.until = until
        """The deadline that the call is told, on the clock."""
        self.begin = clock()
        self.end: float | None = None
        self.value: Any = None
        self.error: BaseException | None = None
        self.probe = False
        """Whether a breaker waits for the verdict of this very call."""
        self.extra = extra
        """Whether its thread comes on top of the pool's own number. The pool's, as are the next two."""
        self.late = False
        self.finished = False

    def run(self) -> None:
        """Make the call and post what came of it; nothing at all if it was claimed before."""
        if not self._claim.acquire(blocking=False):
            return
        try:
            self.value = self._context.run(self._bounded)
        except BaseException as error:  # noqa: BLE001 - a step must not be able to end its thread, whatever it raises
            self.error = error
        self.end = self._clock()
        self._mailbox.put(self)

    def run_here(self) -> None:
        """Make the call in the caller's own thread, because no other can be had."""
        self.run()
        self.finished = True

    def withdraw(self) -> bool:
        """Make sure that it is never started; false if it was already."""
        self._withdrawn = self._withdrawn or self._claim.acquire(blocking=False)
        return self._withdrawn

    def _bounded(self) -> Any:
        if self.until is not None:
            deadline.at(self.until, self._clock)
        return self._call()
