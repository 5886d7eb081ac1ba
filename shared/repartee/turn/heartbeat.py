"""The heartbeat of a turn: the lease and its wake are renewed, and what people order is looked up."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from types import TracebackType

from repartee.domain.control import Control, ReplyStopped, SuppressionReason
from repartee.domain.message import Incoming
from repartee.domain.reply import ActiveMessages
from repartee.errors import BackendError, LeaseLost
from repartee.ports.cancellation import CancelToken
from repartee.turn.lease import Clock, Lease

RENEW_INTERVAL_SECONDS = 5.0
"""Seconds between two renewals, of a lease that lasts four times as long."""

REFRESH_INTERVAL_SECONDS = 1.0
"""Seconds between two looks at what people order; twice as long while the reply grows, for each visible act
looks itself."""

MAX_CONTROL_AGE_SECONDS = 1.0
"""Seconds that a look at what people order counts for a visible act."""

EnsureSuccessor = Callable[[], None]
ReadControl = Callable[[], Control]


class Heartbeat:
    """Watches over a turn from a thread of its own, for as long as the `with` block lasts.

    `ensure_successor` sees to it that another worker comes if this one dies; `read_control` reads the turn's
    control item. When the
    turn must end it calls `hangup`, so that it need not wait for a model that is silent.
    """

    def __init__(
        self,
        lease: Lease,
        clock: Clock,
        ensure_successor: EnsureSuccessor,
        read_control: ReadControl,
        incoming: tuple[Incoming, ...],
    ) -> None:
        self._lease, self._clock, self._ensure_successor, self._read_control, self._incoming = (
            lease,
            clock,
            ensure_successor,
            read_control,
            incoming,
        )
        self.cancel_token = CancelToken()
        self._control: Control | None = None
        self._looked_at = self._acted_at = float("-inf")
        self._has_successor = False
        self._renewed_at = self._refreshed_at = clock()
        self._stopping = False
        self._thread = Thread(target=self._run, name="watch", daemon=True)

    def __enter__(self) -> Heartbeat:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._stopping = True
        self._lease.staged.set()
        self._thread.join()

    def check(self) -> bool:
        """Whether the reply may go on, as last seen; False while that is not known. Raises `Halted` when it
        must end, `LeaseLost` when the chat is another worker's."""
        self._ensure_held()
        why = self._suppression_reason()
        if why:
            raise ReplyStopped(why)
        return self._control is not None

    def ensure_held(self) -> None:
        """Makes sure, before a visible act, that the chat is this worker's, and that which messages are
        visible is written, by whichever thread: the worker that takes the chat over then says none of them
        again, but at most what this act shows. Raises `LeaseLost`, and `BackendError` where it cannot be
        written."""
        self._ensure_held()
        self._lease.flush()

    def ensure_may_send(self) -> None:
        """Makes sure of that, and that by a look at most a second old nobody ended the reply. Raises like
        `refresh`."""
        self.ensure_held()
        self.check()
        self._acted_at = self._clock()
        if self._control is None or self._acted_at - self._looked_at > MAX_CONTROL_AGE_SECONDS:
            self.refresh()

    def note_control(self, control: Control, read_at: float) -> None:
        """Takes for a look what the turn's plan has read of what people order, not before `read_at` (epoch
        seconds): the first look of its own is due a second later."""
        if read_at > self._looked_at:
            self._control = control
            self._looked_at = read_at

    def _ensure_held(self) -> None:
        if not self._lease.is_held:
            raise LeaseLost("the lease ran out")

    def _suppression_reason(self) -> SuppressionReason:
        """Why the reply must end, as last seen."""
        return self._control.suppression_reason(self._incoming, self._clock()) if self._control else ""

    @property
    def active_messages(self) -> ActiveMessages:
        """Who else shows something in the workspace, as last seen."""
        return self._control.active_messages if self._control else ActiveMessages()

    def refresh(self) -> None:
        """Looks up now what people order. Raises like `clear`, and `BackendError` when it cannot be known."""
        self._control = None
        self.look()
        self.check()

    def tick(self) -> None:
        """Does what is due. An error of a backend is met by the next beat, or by the lease's end."""
        now, noted = self._clock(), self._lease.staged.is_set()
        self._lease.staged.clear()
        self._ensure_successor_once()
        try:
            if now - self._renewed_at >= RENEW_INTERVAL_SECONDS:
                self._lease.renew()
                self._renewed_at = now
            elif noted:
                self._lease.flush()
        except BackendError:
            self._renewed_at = float("-inf")
        acts_look = now - self._acted_at < REFRESH_INTERVAL_SECONDS
        interval = (1 + acts_look) * REFRESH_INTERVAL_SECONDS
        if now - max(self._refreshed_at, self._looked_at) >= interval:
            self._refresh_control()
            self._refreshed_at = now

    def _ensure_successor_once(self) -> None:
        if not self._has_successor:
            with suppress(BackendError):  # the next beat tries again
                self._ensure_successor()
                self._has_successor = True

    def _refresh_control(self) -> None:
        try:
            self.look()
        except BackendError:
            self._control = None
        if self._suppression_reason():
            self.cancel_token.cancel()

    def look(self) -> None:
        """Reads what people order. It is as old as the beginning of the reading."""
        began = self._clock()
        self._control = self._read_control()
        self._looked_at = began

    def _run(self) -> None:
        while not self._stopping:
            try:
                self.tick()
            except LeaseLost:
                self.cancel_token.cancel()
                return
            if not self._stopping:
                self._lease.staged.wait(REFRESH_INTERVAL_SECONDS)
