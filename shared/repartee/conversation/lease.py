"""A chat held for one turn. Every write is conditional on the lease's fence."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Lock
from typing import Any

import msgspec

from repartee.conversation.message import Exchange, Message
from repartee.conversation.reply import Shown
from repartee.errors import LeaseLost
from repartee.ports import Holding, Inbox, Waiting

Clock = Callable[[], float]

HELD_FOR = 20.0
"""Seconds a lease is held if nobody renews it."""

CLAIM_AT_MOST = 50
"""Messages that one turn answers: DynamoDB's transaction, which closes them, takes 100 writes."""


class Lease:
    """The lease of the turn that runs. Owns how far the turn has come, and writes it one write at a time.

    Two threads use it: the turn's notes, flushes and ends; the watch's renews. What is noted is written by
    `flush`, at the latest with the next renewal; the watch waits for `noted`, so that a note costs the turn
    itself nothing. Writes raise `LeaseLost` once another worker has the chat.
    """

    def __init__(self, inbox: Inbox, clock: Clock, holding: Holding) -> None:
        self._inbox, self._clock = inbox, clock
        self._holding, self._until = holding, holding.until
        self._writing = Lock()
        self._unwritten = False
        self._lost = False
        self.noted = Event()

    @classmethod
    def take(cls, inbox: Inbox, clock: Clock, chat: str, turn: str) -> Lease:
        """Takes the chat's lease. Raises `Busy` while another worker holds it."""
        now = clock()
        return cls(inbox, clock, inbox.acquire(chat, turn, now, now + HELD_FOR))

    @property
    def chat(self) -> str:
        return self._holding.chat

    @property
    def turn(self) -> str:
        return self._holding.turn

    @property
    def attempts(self) -> int:
        return self._holding.attempts

    @property
    def phase(self) -> str:
        return self._holding.phase

    @property
    def shown(self) -> Shown:
        return self._holding.shown

    @property
    def held(self) -> bool:
        """Whether this turn may still write and send."""
        return not self._lost and self._clock() < self._until

    def claim(self, waiting: Waiting) -> tuple[Message, ...]:
        """Fixes the messages that this turn answers: all that wait, or those of the turn that it takes up.
        If none of those is there any more, nothing is left of that turn."""
        if self._holding.messages:
            left = tuple(message for message in waiting.messages if message.id in self._holding.messages)
            if not left:
                self.note(messages=())
            return left
        claimed = waiting.messages[:CLAIM_AT_MOST]
        if claimed:
            self.note(messages=tuple(message.id for message in claimed))
        return claimed

    def intend(self) -> None:
        """Notes that something visible is about to be sent. To be flushed before it is."""
        if self.phase != "replying":
            self.note(phase="replying", shown=Shown(since=self._clock()))

    def show(self, ids: dict[str, str], text: str) -> None:
        """Notes what is visible by now. New ids are written at once, text with the next renewal."""
        known = self.shown.ids
        self._change(shown=msgspec.structs.replace(self.shown, ids=ids, text=text))
        if ids != known:
            self.noted.set()

    def deliver(self, text: str) -> None:
        """Notes, and writes, that the whole reply has been sent."""
        self.note(phase="delivered", shown=msgspec.structs.replace(self.shown, text=text))
        self.flush()

    def note(self, **changes: Any) -> None:
        """Notes how far the turn has come, to be written at once by who watches."""
        self._change(**changes)
        self.noted.set()

    def _change(self, **changes: Any) -> None:
        self._holding = msgspec.structs.replace(self._holding, **changes)
        self._unwritten = True

    def flush(self) -> None:
        """Writes what is noted, if anything is."""
        with self._writing:
            if self._unwritten:
                self._write(self._until)

    def renew(self) -> None:
        """Holds the lease for another while, and writes what is noted. It is held when that is written."""
        with self._writing:
            until = self._clock() + HELD_FOR
            self._write(until)
            self._until = until

    def release(self) -> None:
        """Ends the lease. A turn whose messages are fixed stays for the next to take up."""
        with self._writing:
            self._fenced(lambda: self._inbox.release(self._state(self._until)))
            self._lost = True

    def close(self, exchange: Exchange, failed: str = "") -> None:
        """Ends the turn and the lease."""
        with self._writing:
            self._fenced(lambda: self._inbox.close(self._state(self._until), exchange, failed=failed))
            self._lost = True

    def _state(self, until: float) -> Holding:
        return msgspec.structs.replace(self._holding, until=until)

    def _write(self, until: float) -> None:
        self._unwritten = False
        try:
            self._fenced(lambda: self._inbox.write(self._state(until)))
        except Exception:
            self._unwritten = True
            raise

    def _fenced(self, write: Callable[[], None]) -> None:
        try:
            if self._lost:
                raise LeaseLost("the lease has ended")
            write()
        except LeaseLost:
            self._lost = True
            raise
