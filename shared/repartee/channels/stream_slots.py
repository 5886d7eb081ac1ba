"""A message's seat in the crowd: what all workers show in one workspace shares the platform's limits."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from threading import Event, Thread
from typing import Protocol

import msgspec

from repartee.domain.reply import ActiveMessage, ActiveMessages
from repartee.errors import BackendError

SLOT_LEASE_SECONDS = 60.0
"""Seconds a seat is held by a message that does not say that it still grows: its worker may be gone."""

MAX_ACTIVE_MESSAGES_WAIT_SECONDS = 0.5
"""Seconds that a message waits to be told who else is there. Afterwards it takes itself for alone."""

MAX_LEFT_SLOTS = 200
"""Seats that a process remembers to have left: many more than are left within the time that one lasts."""

RunInBackground = Callable[[Callable[[], None]], object]
"""Runs something beside the reply."""


def run_in_thread(work: Callable[[], None]) -> None:
    """Runs it beside the reply. A process that ends does not wait for it."""
    with suppress(RuntimeError):  # no thread can be started: the message goes by what the platform answers
        Thread(target=work, daemon=True).start()


class StreamSlotRecords(Protocol):
    """The two of `ports.Records`' promises that a seat needs."""

    def publish_active(self, workspace: str, showing: ActiveMessage) -> ActiveMessages: ...

    def disable_streaming(self, workspace: str, until: float) -> None: ...


class LeftSlots:
    """The seats that this process has left to run out: it knows that nothing grows there any more. They still
    count among what began of late."""

    def __init__(self) -> None:
        self._keys: OrderedDict[str, None] = OrderedDict()

    def add(self, key: str) -> None:
        """Notes that a seat is left."""
        self._keys[key] = None
        while len(self._keys) > MAX_LEFT_SLOTS:
            self._keys.popitem(last=False)

    def end_in(self, known: ActiveMessages) -> ActiveMessages:
        """Returns who is there, as it is without them."""
        ended = (
            msgspec.structs.replace(one, ends_at=0.0) if one.key in self._keys else one
            for one in known.messages
        )
        return msgspec.structs.replace(known, messages=tuple(ended))


class StreamSlot:
    """The seat of one message. Nothing of it is ever waited for but `crowd`, and nothing of it fails: without
    the records a message goes by what the platform answers.

    Where nobody asks what began of late (not `counted`), a seat that was left is forgotten at once: the crowd
    of a platform that is one workspace stays as small as what grows in it.
    """

    def __init__(
        self,
        records: StreamSlotRecords,
        workspace: str,
        key: str,
        clock: Callable[[], float],
        run_in_background: RunInBackground,
        count_recent: bool = True,
        lease_seconds: float = SLOT_LEASE_SECONDS,
        left_slots: LeftSlots | None = None,
    ) -> None:
        self._records, self._workspace, self._key = records, workspace, key
        self._clock, self._run_in_background, self._count_recent = clock, run_in_background, count_recent
        self._lease_seconds, self._left = lease_seconds, left_slots or LeftSlots()
        self._active_messages = ActiveMessages()
        self._published = Event()
        self._kind = ""
        self._since = self._published_at = 0.0

    def acquire(self, kind: str) -> None:
        """Takes the seat, or another of that kind."""
        self._kind = kind
        self._since = self._since or (self._clock() if self._count_recent else 0.0)
        self._published.clear()
        self._publish_in_background(self._lease_seconds)

    @property
    def active_messages(self) -> ActiveMessages:
        """Who was there when the seat was taken, this message included."""
        self._published.wait(MAX_ACTIVE_MESSAGES_WAIT_SECONDS)
        return self._active_messages

    def renew(self) -> None:
        """Says that the message still grows, now and then."""
        if self._kind and self._clock() - self._published_at > self._lease_seconds / 2:
            self._publish_in_background(self._lease_seconds)

    def release(self, kind: str = "") -> None:
        """Gives the seat back, as of a message of that `kind`. Where nobody else was there who would have to
        wait for it, it is left to run out: that costs no write."""
        others = self._active_messages.active_count("", self._clock()) > 1
        self._kind = self._kind and (kind or self._kind)
        if self._kind and (others or not self._count_recent):
            self._publish_in_background(0.0)
        elif self._kind:
            self._left.add(self._key)
        self._kind = ""

    def disable_streaming(self, seconds: float) -> None:
        """Tells all workers that nothing streams in this workspace, for so long."""
        until = self._clock() + seconds
        self._run_in_background(
            lambda: self._write_ignoring_errors(
                lambda: self._records.disable_streaming(self._workspace, until)
            )
        )

    def _publish_in_background(self, seconds: float) -> None:
        self._published_at = self._clock()
        showing = ActiveMessage(
            key=self._key, kind=self._kind, started_at=self._since, ends_at=self._published_at + seconds
        )
        self._run_in_background(lambda: self._write_ignoring_errors(lambda: self._publish(showing)))

    def _publish(self, showing: ActiveMessage) -> None:
        try:
            known = self._records.publish_active(self._workspace, showing)
            self._active_messages = self._left.end_in(known)
        finally:
            self._published.set()

    def _write_ignoring_errors(self, write: Callable[[], None]) -> None:
        with suppress(BackendError):  # the platform's own answers are heeded in any case
            write()
