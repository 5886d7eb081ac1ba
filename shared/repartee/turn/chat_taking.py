"""Takes a chat for a worker: its lease, and what is open in it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from repartee.domain.message import Exchange
from repartee.intake.message_keeper import opens_chat
from repartee.plan import settle
from repartee.ports import LeaseHeld, OpenItems
from repartee.ports.inbox import WAKE_MARGIN_SECONDS
from repartee.turn.dependencies import TurnDependencies
from repartee.turn.lease import Lease
from repartee.turn.received_wake import ReceivedWake

RETRY_TOLERANCE_SECONDS = 1.0
"""Seconds before its time at which a turn that waits may go on: clocks differ."""

MAX_LEASE_TRIES = 2
"""How often a worker tries to take a lease that is given back at the same moment."""

PERSIST_OVERDUE_SECONDS = 60.0
"""Seconds after which an exchange that is not remembered was forgotten by the worker that closed it."""

LOOK_AGAIN_SECONDS = (0.02, 0.04, 0.08, 0.16, 0.3, 0.4)
"""Seconds between two looks for a message that is being kept; in all `ports.inbox.EARLY_WAKE_SECONDS`."""


class ChatTaker:
    """Takes chats for a worker."""

    def __init__(self, dependencies: TurnDependencies) -> None:
        self._dependencies, self._inbox = dependencies, dependencies.inbox

    def take_chat(self, wake: ReceivedWake) -> tuple[Lease, OpenItems] | None:
        """Returns the chat's lease and what is open. None where there is nothing to do, where another worker
        has the chat, which then knows that there is more, or where its turn waits for a backend."""
        if wake.is_safety_net and not self._has_anything_to_do(wake):
            return None
        read = None
        if wake.message_id and opens_chat(wake.chat, wake.message_id):
            lease, read = self._acquire_beside_read(wake)
        else:
            lease = self._acquire_lease(wake)
        if lease is None or self._must_wait(lease):
            return None
        open_items = read or self._inbox.list_open(wake.chat)
        if wake.message_id and not _has_message(open_items, wake.message_id):
            open_items = self._look_again(wake, open_items)
        return lease, open_items

    def list_overdue(self, open_items: OpenItems) -> Iterator[Exchange]:
        """Yields the exchanges that another worker forgot to remember."""
        before = self._dependencies.clock() - PERSIST_OVERDUE_SECONDS
        return (exchange for exchange in open_items.exchanges if exchange.answered_at < before)

    def _has_anything_to_do(self, wake: ReceivedWake) -> bool:
        """Whether the chat may wait for an answer, or was left before it was remembered: a wake that is a
        safety net looks before it takes the lease."""
        waiting = self._inbox.list_open(wake.chat)
        return bool(waiting.messages or list(self.list_overdue(waiting)))

    def _acquire_beside_read(self, wake: ReceivedWake) -> tuple[Lease | None, OpenItems | None]:
        """The lease, and what was open meanwhile, if that is certain: nobody has touched the chat's record
        before this lease, and the message is there."""
        read, acquired = settle(
            (partial(self._inbox.list_open, wake.chat), partial(self._acquire_lease, wake)),
            pool=self._dependencies.pool,
        )
        if acquired.error:
            raise acquired.error
        if read.error and not isinstance(read.error, Exception):
            raise read.error
        lease: Lease | None = acquired.value
        found: OpenItems | None = read.value
        is_certain = lease and lease.is_first_touch and found and _has_message(found, wake.message_id)
        return lease, found if is_certain else None

    def _acquire_lease(self, wake: ReceivedWake) -> Lease | None:
        """The chat's lease. While another worker holds it, that one is told that there is more, and a new
        wake looks again when its lease would end, or the successor of this one, which does the same."""
        known = self._dependencies
        for _ in range(MAX_LEASE_TRIES):
            try:
                return Lease.acquire(
                    known.inbox, known.clock, wake.chat, known.new_id(), wake.message_id, wake.successor_due
                )
            except LeaseHeld as busy:
                if wake.message_id:  # the worker that is told now must find it
                    self._await_message(wake)
                now = known.clock()
                if known.inbox.knock(wake.chat, now):  # otherwise it was given back just now
                    self._leave_to_holder(wake, busy, now)
                    return None
        self._send_wake_unless_due(wake, known.clock() + 1.0)
        return None

    def _leave_to_holder(self, wake: ReceivedWake, busy: LeaseHeld, now: float) -> None:
        """Sees to it that the chat is looked at when the lease of its worker would end."""
        due = max(busy.until, now + 1.0)
        if not (wake.successor_due or now < busy.wake_due <= due + WAKE_MARGIN_SECONDS):
            self._send_wake_unless_due(wake, due)
        self._dependencies.logger.info("chat_busy", chat=wake.chat)

    def _send_wake_unless_due(self, wake: ReceivedWake, due: float) -> None:
        """Looks at the chat again when another worker's lease ends. Of many that meet it only one does."""
        now = self._dependencies.clock()
        if self._dependencies.inbox.schedule_wake(wake.chat, due, now):
            self._dependencies.wakes.send(
                wake.chat, due - now + WAKE_MARGIN_SECONDS, wake.correlation, is_safety_net=True
            )

    def _must_wait(self, lease: Lease) -> bool:
        """Whether the chat's turn waits for a backend. Its own wake comes when it is tried again."""
        if lease.outage.retry_at - self._dependencies.clock() <= RETRY_TOLERANCE_SECONDS:
            return False
        lease.wait_for_backend(lease.outage)
        return True

    def _look_again(self, wake: ReceivedWake, open_items: OpenItems) -> OpenItems:
        """Lists what is open once the wake's message is there: the wake may have been faster. Nothing changes
        where that was answered already."""
        return self._inbox.list_open(wake.chat) if self._await_message(wake) else open_items

    def _await_message(self, wake: ReceivedWake) -> bool:
        """Waits until the wake's message is kept, but not long: it may never be. Returns whether it may be
        open."""
        for pause in LOOK_AGAIN_SECONDS:
            status = self._inbox.read_answer_status(wake.chat, wake.message_id)
            if status is not None:
                return status.is_open
            self._dependencies.sleep(pause)
        return True


def _has_message(open_items: OpenItems, id: str) -> bool:
    return any(message.id == id for message in open_items.messages)
