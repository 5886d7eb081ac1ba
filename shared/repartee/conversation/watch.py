"""What goes on beside a turn: the lease and its wake are renewed, and what people order is looked up."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from types import TracebackType

from repartee.conversation.control import Control, Objection
from repartee.conversation.hangup import Hangup
from repartee.conversation.lease import Clock, Lease
from repartee.conversation.message import Message
from repartee.conversation.reply import Crowd
from repartee.errors import BackendError, LeaseLost, ReparteeError

RENEW_EVERY = 5.0
"""Seconds between two renewals, of a lease that lasts four times as long."""

LOOK_EVERY = 1.0
"""Seconds between two looks at what people order."""

Hide = Callable[[], None]
Lookup = Callable[[], Control]


class Halted(ReparteeError):
    """The reply must not go on, because somebody said so."""

    def __init__(self, why: Objection) -> None:
        super().__init__(why)
        self.why = why


class Watch:
    """Watches over a turn from a thread of its own, for as long as the `with` block lasts.

    `hide` keeps the turn's wake invisible to other workers; `lookup` reads the turn's control item. When the
    turn must end it calls `hangup`, so that it need not wait for a model that is silent.
    """

    def __init__(
        self, lease: Lease, clock: Clock, hide: Hide, lookup: Lookup, asked: tuple[Message, ...]
    ) -> None:
        self._lease, self._clock, self._hide, self._lookup, self._asked = lease, clock, hide, lookup, asked
        self.hangup = Hangup()
        self._control: Control | None = None
        self._renewed = self._looked = float("-inf")
        self._over = False
        self._thread = Thread(target=self._keep_watch, name="watch", daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._over = True
        self._lease.noted.set()
        self._thread.join()

    def clear(self) -> bool:
        """Whether the reply may go on, as last seen; False while that is not known. Raises `Halted` when it
        must end, `LeaseLost` when the chat is another worker's."""
        if not self._lease.held:
            raise LeaseLost("the lease ran out")
        why = self._objection()
        if why:
            raise Halted(why)
        return self._control is not None

    def _objection(self) -> Objection:
        """Why the reply must end, as last seen."""
        return self._control.objection(self._asked, self._clock()) if self._control else ""

    @property
    def crowd(self) -> Crowd:
        """Who else shows something in the workspace, as last seen."""
        return self._control.crowd if self._control else Crowd()

    def look(self) -> None:
        """Looks up now what people order. Raises like `clear`, and `BackendError` when it cannot be known."""
        self._control = None
        self._control = self._lookup()
        self.clear()

    def beat(self) -> None:
        """Does what is due. An error of a backend is met by the next beat, or by the lease's end."""
        now, noted = self._clock(), self._lease.noted.is_set()
        self._lease.noted.clear()
        try:
            if now - self._renewed >= RENEW_EVERY:
                self._lease.renew()
                self._hide()
                self._renewed = now
            elif noted:
                self._lease.flush()
        except BackendError:
            self._renewed = float("-inf")
        if now - self._looked >= LOOK_EVERY:
            self._look_again()
            self._looked = now

    def _look_again(self) -> None:
        try:
            self._control = self._lookup()
        except BackendError:
            self._control = None
        if self._objection():
            self.hangup.now()

    def _keep_watch(self) -> None:
        while not self._over:
            try:
                self.beat()
            except LeaseLost:
                self.hangup.now()
                return
            if not self._over:
                self._lease.noted.wait(LOOK_EVERY)
