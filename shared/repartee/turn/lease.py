"""A chat held for one turn. Every write is conditional on the lease's fence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import Event, Lock
from typing import Any

import msgspec

from repartee.domain.desk_event import EventBatch
from repartee.domain.message import Exchange, Incoming
from repartee.domain.reply import VisibleState
from repartee.domain.stored_size import strip_exchange
from repartee.domain.turn_record import TurnRecord
from repartee.errors import BackendError, InvalidArgument, LeaseLost
from repartee.ports import Inbox, LeaseRecord, OpenItems, OutageState
from repartee.ports.inbox import LEASE_SECONDS
from repartee.turn.claims import list_left, take_first

Clock = Callable[[], float]

STRIPPED_REASON = ", not kept whole"
"""Ends the reason of a failed turn whose exchange was refused. Its close is another one
to DynamoDB then, which knows a repeated close by its token."""


class Lease:
    """The lease of the turn that runs. Owns how far the turn has come, and writes it one write at a time.

    Two threads use it: the turn's notes, flushes and ends; the watch's renews. What is noted is written by
    `flush`, at the latest with the next renewal; the watch waits for `noted`, so that a note costs the turn
    itself nothing. Writes raise `LeaseLost` once another worker has the chat.
    """

    def __init__(
        self,
        inbox: Inbox,
        clock: Clock,
        record: LeaseRecord,
        claimed_at_once: tuple[str, ...] = (),
        successor_due: float = 0.0,
    ) -> None:
        self._inbox, self._clock = inbox, clock
        self._claimed_at_once = claimed_at_once
        self._has_safety_net = False
        self._reserve_due = max(successor_due, record.guard_due)
        self._record, self._until, self._acquired_until = record, record.until, record.until
        self._write_lock = Lock()
        self._dirty = self._has_notes = self._is_writing = False
        self._lost = False
        self.staged = Event()
        self.may_be_more = False

    @classmethod
    def acquire(
        cls,
        inbox: Inbox,
        clock: Clock,
        chat: str,
        turn: str,
        message_id: str = "",
        successor_due: float = 0.0,
    ) -> Lease:
        """Takes the chat's lease, and the message that is named with it: which messages the turn answers is
        known when they were read. Raises `LeaseHeld` while another worker holds it."""
        until, named = (now := clock()) + LEASE_SECONDS, {"message_id": message_id}
        record = inbox.acquire_lease(chat, turn, now, until, successor_due=successor_due, **named)
        if record.turn != turn:  # an unfinished one: its messages are fixed
            return cls(inbox, clock, record, successor_due=successor_due)
        fresh = msgspec.structs.replace(record, messages=())
        return cls(inbox, clock, fresh, record.messages, successor_due)

    @property
    def chat(self) -> str:
        return self._record.chat

    @property
    def turn(self) -> str:
        return self._record.turn

    @property
    def attempt_id(self) -> str:
        """Returns the name of this attempt at the turn, which no other has."""
        return f"{self._record.turn}.{self._record.fence}"

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
    def claimed_ids(self) -> tuple[str, ...]:
        """Returns the ids of the messages that the turn answers, once they are fixed."""
        return self._record.messages

    @property
    def is_first_touch(self) -> bool:
        """Whether nothing was written to the chat's record before this lease: no worker had the chat, nothing
        in it was changed, and nobody told that there is more."""
        return self._record.fence == 1 and not self._record.knocks

    @property
    def is_handed_over(self) -> bool:
        """Whether a person had the chat, or was to have it, when the lease was taken."""
        return self._record.is_handed_over

    @property
    def lost_workers(self) -> int:
        """Returns how many workers of the turn were lost: they ended, and told no failure."""
        return max(0, self.attempts - 1 - self.outage.refused_attempts)

    @property
    def needs_safety_net(self) -> bool:
        """Whether a wake is to be sent that comes when the lease would end: none is due before."""
        return self._record.wake_due == self._acquired_until and not self._has_safety_net

    def note_safety_net(self, due: float) -> None:
        """Notes that this wake was sent, and when it is due."""
        self._has_safety_net, self._reserve_due = True, due

    @property
    def reserve_due(self) -> float:
        """Returns when a wake of the chat comes that was surely sent, in case a worker dies (epoch seconds, 0
        where none is known)."""
        return self._reserve_due if self._reserve_due > self._clock() else 0.0

    @property
    def must_be_noted(self) -> bool:
        """Whether the next worker would say again what was said: it is visible, and not written yet. What
        another thread writes just now may fail."""
        return self.phase != "gathering" and (self._dirty or self._has_notes or self._is_writing)

    @property
    def is_held(self) -> bool:
        """Whether this turn may still write and send."""
        return not self._lost and self._clock() < self._until

    def claim(self, open_items: OpenItems) -> tuple[Incoming, ...]:
        """Fixes the messages that this turn answers: the first of those that wait, as many as can be closed
        together, or those of the turn that it takes up. If none of those is there any more, nothing is left
        of that turn. Of one that had shown nothing yet the older ones that wait come too: the message that a
        lease was taken with need not be the first."""
        if self._record.messages:
            left = list_left(self._record, open_items.messages)
            self.may_be_more = len(left) < len(open_items.messages)
            ids = tuple(message.id for message in left)
            if ids != self._record.messages:
                self.stage(messages=ids)
            return left
        claimed = take_first(open_items.messages)
        self.may_be_more = len(claimed) < len(open_items.messages)
        ids = tuple(message.id for message in claimed)
        if claimed and ids == self._claimed_at_once:
            self._record = msgspec.structs.replace(self._record, messages=ids)
        elif claimed:
            self.stage(messages=ids)
        return claimed

    def mark_replying(self, may_wait: bool = False, intent_at: float = 0.0) -> None:
        """Notes that something visible is about to be sent, or was, since `intent_at`. To be flushed before
        it is, unless it `may_wait`: where what was sent is found again at the platform."""
        if self.phase != "replying":
            visible = msgspec.structs.replace(
                self.visible, intent_at=intent_at or self._clock(), may_have_more=False
            )
            changes = {"phase": "replying", "visible": visible}
            self.note(**changes) if may_wait else self.stage(**changes)

    def mark_private(self) -> None:
        """Notes that the reply uses what the person who asked alone may read: it is written with the text."""
        if not self.visible.is_private:
            self.stage(visible=msgspec.structs.replace(self.visible, is_private=True))

    def record_visible(self, ids: dict[str, str], text: str, may_wait: bool = False) -> None:
        """Notes what is visible by now. New ids are written at once unless they `may_wait`, text with the
        next renewal. An attempt that begins to say again what is visible takes nothing back."""
        known, said = self.visible.message_ids, self.visible.text
        text = said if text and said.startswith(text) else text
        self.note(visible=msgspec.structs.replace(self.visible, message_ids=ids, text=text))
        if ids != known and not may_wait:
            self.stage()

    def mark_delivered(self, text: str, may_wait: bool = False) -> None:
        """Notes that the whole reply has been sent, and writes it unless it `may_wait` for the close."""
        changes = {"phase": "delivered", "visible": msgspec.structs.replace(self.visible, text=text)}
        if may_wait:
            self.note(**changes)
        else:
            self.stage(**changes)
            self.flush()

    def stage(self, **changes: Any) -> None:
        """Notes how far the turn has come, to be written at once by who watches."""
        self.note(**changes)
        self._dirty = True
        self.staged.set()

    def note(self, **changes: Any) -> None:
        """Notes how far the turn has come, to be written with the next write."""
        self._record = msgspec.structs.replace(self._record, **changes)
        self._has_notes = True

    def flush(self) -> None:
        """Writes what is staged, and what is noted beside it, if anything is."""
        with self._write_lock:
            if self._dirty:
                self._write_record(self._until)

    def flush_notes(self) -> None:
        """Writes also what could have waited: another worker may go on with the turn."""
        with self._write_lock:
            if self._dirty or self._has_notes:
                self._write_record(self._until)

    def renew(self) -> None:
        """Holds the lease for another while, and writes what is noted. It is held when that is written."""
        with self._write_lock:
            until = self._clock() + LEASE_SECONDS
            self._write_record(until)
            self._until = until

    def release(self, woken_at: float = 0.0) -> None:
        """Ends the lease. A turn whose messages are fixed stays for the next to take up. A wake that was sent
        in the place of this one, at `woken_at`, is for all messages that come before it."""
        with self._write_lock:
            record = msgspec.structs.replace(self._record_until(self._until), woken_at=woken_at)
            if self.needs_safety_net:  # it was noted when the lease was taken, and is not sent any more
                record = msgspec.structs.replace(record, wake_due=0.0)
            self._write_fenced(lambda: self._inbox.release_lease(record))
            self._lost = True

    def note_refused_attempt(self) -> None:
        """Notes that this attempt ended with a failure: its worker was not lost."""
        refused = self.outage.refused_attempts + 1
        self.stage(outage=msgspec.structs.replace(self.outage, turn=self.turn, refused_attempts=refused))

    def wait_for_backend(self, outage: OutageState) -> None:
        """Ends the lease of a turn that waits for a backend. This attempt does not count."""
        outage = msgspec.structs.replace(outage, turn=self.turn)
        self.stage(attempts=max(0, self.attempts - 1), outage=outage)
        self.flush()
        self.release()

    def close(
        self,
        exchange: Exchange,
        failed: str = "",
        turn_record: TurnRecord | None = None,
        events: Sequence[EventBatch] = (),
    ) -> Exchange:
        """Ends the turn and the lease, with its events, and notes whether there `may_be_more` to answer.
        Returns the exchange, which names the receivers of events. If that fails, what was said is written,
        for the next worker to know. An exchange of a failed turn that the inbox refuses for good is kept
        without what came along with its messages."""
        exchange = msgspec.structs.replace(exchange, endpoints=tuple(one.endpoint for one in events))
        try:
            with self._write_lock:
                self._close_or_strip(exchange, failed, turn_record, events)
                self._lost = True
        except BackendError:
            with suppress(BackendError):
                self.flush_notes()
            raise
        return exchange

    def _close_or_strip(
        self,
        exchange: Exchange,
        failed: str,
        turn_record: TurnRecord | None,
        events: Sequence[EventBatch],
    ) -> None:
        try:
            self._write_close(exchange, failed, turn_record, events)
        except InvalidArgument:
            if not failed:
                raise
            self._write_close(strip_exchange(exchange), failed + STRIPPED_REASON, None, events)

    def _write_close(
        self,
        exchange: Exchange,
        failed: str,
        turn_record: TurnRecord | None,
        events: Sequence[EventBatch],
    ) -> None:
        record = self._record_until(self._until)

        def close() -> None:
            self.may_be_more |= self._inbox.close_turn(
                record, exchange, failed=failed, turn_record=turn_record, events=events
            )

        self._write_fenced(close)

    def _record_until(self, until: float) -> LeaseRecord:
        return msgspec.structs.replace(self._record, until=until)

    def _write_record(self, until: float) -> None:
        self._is_writing, self._dirty, self._has_notes = True, False, False
        try:
            self._write_fenced(lambda: self._inbox.write_lease(self._record_until(until)))
        except Exception:
            self._dirty = self._has_notes = True
            raise
        finally:
            self._is_writing = False

    def _write_fenced(self, write: Callable[[], None]) -> None:
        try:
            if self._lost:
                raise LeaseLost("the lease has ended")
            write()
        except LeaseLost:
            self._lost = True
            raise
