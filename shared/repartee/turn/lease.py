"""A chat held for one turn. Every write is conditional on the lease's fence."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Lock
from typing import Any

import msgspec

from repartee.domain.message import Exchange, Incoming
from repartee.domain.reply import VisibleState
from repartee.domain.stored_size import strip_exchange, take_fitting
from repartee.errors import InvalidArgument, LeaseLost
from repartee.ports import Inbox, LeaseRecord, OpenItems, OutageState
from repartee.ports.inbox import LEASE_SECONDS

Clock = Callable[[], float]

STRIPPED_REASON = ", not kept whole"
"""Ends the reason of a failed turn whose exchange was refused. Its close is another one
to DynamoDB then, which knows a repeated close by its token."""

MAX_CLAIMED_MESSAGES = 50
"""Messages that one turn answers: DynamoDB's transaction, which closes them, takes 100 writes."""


class Lease:
    """The lease of the turn that runs. Owns how far the turn has come, and writes it one write at a time.

    Two threads use it: the turn's notes, flushes and ends; the watch's renews. What is noted is written by
    `flush`, at the latest with the next renewal; the watch waits for `noted`, so that a note costs the turn
    itself nothing. Writes raise `LeaseLost` once another worker has the chat.
    """

    def __init__(self, inbox: Inbox, clock: Clock, record: LeaseRecord) -> None:
        self._inbox, self._clock = inbox, clock
        self._record, self._until = record, record.until
        self._write_lock = Lock()
        self._dirty = False
        self._lost = False
        self.staged = Event()

    @classmethod
    def acquire(cls, inbox: Inbox, clock: Clock, chat: str, turn: str) -> Lease:
        """Takes the chat's lease. Raises `Busy` while another worker holds it."""
        now = clock()
        return cls(inbox, clock, inbox.acquire_lease(chat, turn, now, now + LEASE_SECONDS))

    @property
    def chat(self) -> str:
        return self._record.chat

    @property
    def turn(self) -> str:
        return self._record.turn

    @property
    def attempts(self) -> int:
        return self._record.attempts

    @property
    def phase(self) -> str:
        return self._record.phase

    @property
    def visible(self) -> VisibleState:
        return self._record.visible

    @property
    def outage(self) -> OutageState:
        """Returns the outage that the turn waits for."""
        return self._record.outage

    @property
    def wake_due(self) -> float:
        """When a wake of the chat is due that is on its way already, as far as that is known."""
        return self._record.wake_due

    @property
    def is_held(self) -> bool:
        """Whether this turn may still write and send."""
        return not self._lost and self._clock() < self._until

    def claim(self, open_items: OpenItems) -> tuple[Incoming, ...]:
        """Fixes the messages that this turn answers: the first of those that wait, as many as can be closed
        together, or those of the turn that it takes up. If none of those is there any more, nothing is left
        of that turn."""
        if self._record.messages:
            left = tuple(message for message in open_items.messages if message.id in self._record.messages)
            if not left:
                self.stage(messages=())
            return left
        claimed = tuple(take_fitting(open_items.messages[:MAX_CLAIMED_MESSAGES]))
        if claimed:
            self.stage(messages=tuple(message.id for message in claimed))
        return claimed

    def mark_replying(self) -> None:
        """Notes that something visible is about to be sent. To be flushed before it is."""
        if self.phase != "replying":
            visible = VisibleState(intent_at=self._clock(), is_private=self.visible.is_private)
            self.stage(phase="replying", visible=visible)

    def mark_private(self) -> None:
        """Notes that the reply uses what the person who asked alone may read: it is written with the text."""
        if not self.visible.is_private:
            self.stage(visible=msgspec.structs.replace(self.visible, is_private=True))

    def record_visible(self, ids: dict[str, str], text: str) -> None:
        """Notes what is visible by now. New ids are written at once, text with the next renewal."""
        known = self.visible.message_ids
        self._update_record(visible=msgspec.structs.replace(self.visible, message_ids=ids, text=text))
        if ids != known:
            self.staged.set()

    def mark_delivered(self, text: str) -> None:
        """Notes, and writes, that the whole reply has been sent."""
        self.stage(phase="delivered", visible=msgspec.structs.replace(self.visible, text=text))
        self.flush()

    def stage(self, **changes: Any) -> None:
        """Notes how far the turn has come, to be written at once by who watches."""
        self._update_record(**changes)
        self.staged.set()

    def _update_record(self, **changes: Any) -> None:
        self._record = msgspec.structs.replace(self._record, **changes)
        self._dirty = True

    def flush(self) -> None:
        """Writes what is noted, if anything is."""
        with self._write_lock:
            if self._dirty:
                self._write_record(self._until)

    def renew(self) -> None:
        """Holds the lease for another while, and writes what is noted. It is held when that is written."""
        with self._write_lock:
            until = self._clock() + LEASE_SECONDS
            self._write_record(until)
            self._until = until

    def release(self) -> None:
        """Ends the lease. A turn whose messages are fixed stays for the next to take up."""
        with self._write_lock:
            self._write_fenced(lambda: self._inbox.release_lease(self._record_until(self._until)))
            self._lost = True

    def wait_for_backend(self, outage: OutageState) -> None:
        """Ends the lease of a turn that waits for a backend. This attempt does not count."""
        self.stage(attempts=max(0, self.attempts - 1), outage=msgspec.structs.replace(outage, turn=self.turn))
        self.flush()
        self.release()

    def close(self, exchange: Exchange, failed: str = "") -> None:
        """Ends the turn and the lease. An exchange of a failed turn that the inbox refuses for good is kept
        without what came along with its messages."""
        with self._write_lock:
            try:
                self._write_close(exchange, failed)
            except InvalidArgument:
                if not failed:
                    raise
                self._write_close(strip_exchange(exchange), failed + STRIPPED_REASON)
            self._lost = True

    def _write_close(self, exchange: Exchange, failed: str) -> None:
        record = self._record_until(self._until)
        self._write_fenced(lambda: self._inbox.close_turn(record, exchange, failed=failed))

    def _record_until(self, until: float) -> LeaseRecord:
        return msgspec.structs.replace(self._record, until=until)

    def _write_record(self, until: float) -> None:
        self._dirty = False
        try:
            self._write_fenced(lambda: self._inbox.write_lease(self._record_until(until)))
        except Exception:
            self._dirty = True
            raise

    def _write_fenced(self, write: Callable[[], None]) -> None:
        try:
            if self._lost:
                raise LeaseLost("the lease has ended")
            write()
        except LeaseLost:
            self._lost = True
            raise
