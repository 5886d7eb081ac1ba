"""Wakes with a successor: a worker that dies before its first call is replaced like any other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress

from repartee.errors import BackendError
from repartee.ports import TurnStarter, Wakes
from repartee.ports.inbox import LEASE_SECONDS, WAKE_MARGIN_SECONDS

MAX_REMEMBERED_CHATS = 2000
"""Chats of which a process remembers when their successor is due."""


class GuardedWakes:
    """`ports.Wakes` for a process that takes messages in and leaves the answer to others.

    With a chat's first message a second wake is sent, in the same call, that is due when a lease that was
    taken at once would end. As long as it is due, further messages of the chat need none: many messages in
    one chat have one between them. Owns which chats these are, as far as this process knows.

    Such a message asks `join_wake` (`ports.Inbox.join_wake`) whether the chat will be looked at without
    another wake, whichever process has sent that: the messages of a burst, and those of a backlog, share one.
    If a worker dies meanwhile, the successor comes.

    With a `starter` a turn that is due at once is started directly, and the queue has the second wake alone;
    it has the first as well where the turn could not be started.
    """

    def __init__(
        self,
        wakes: Wakes,
        clock: Callable[[], float],
        join_wake: Callable[[str, float], bool],
        starter: TurnStarter | None = None,
    ) -> None:
        self._wakes, self._clock, self._join_wake = wakes, clock, join_wake
        self._starter = starter
        self._due: dict[str, float] = {}

    def send(
        self,
        chat: str,
        delay: float = 0.0,
        correlation: str = "",
        successor_due: float = 0.0,
        *,
        message_id: str = "",
        is_safety_net: bool = False,
    ) -> None:
        looks_at = self._clock() + delay
        due = successor_due or self._due.get(chat, 0.0)
        if looks_at < due:
            if not delay and self._is_joined(chat):
                return
            if delay or not self._start_turn(chat, correlation, due, message_id):
                self._wakes.send(chat, delay, correlation, due, message_id=message_id)
            return
        after = delay + LEASE_SECONDS + WAKE_MARGIN_SECONDS
        due = self._clock() + after
        if not delay and self._start_turn(chat, correlation, due, message_id):
            self._wakes.send(chat, after, correlation, is_safety_net=True)
        else:
            self._wakes.send_with_successor(chat, delay, correlation, after, due, message_id=message_id)
        self._remember(chat, due)

    def _start_turn(self, chat: str, correlation: str, successor_due: float, message_id: str) -> bool:
        if self._starter is None:
            return False
        return self._starter.start_turn(chat, correlation, successor_due, message_id)

    def send_with_successor(
        self,
        chat: str,
        delay: float,
        correlation: str,
        successor_delay: float,
        successor_due: float,
        *,
        message_id: str = "",
    ) -> None:
        self._wakes.send_with_successor(
            chat, delay, correlation, successor_delay, successor_due, message_id=message_id
        )

    def send_all(self, chats: Sequence[str], correlation: str = "") -> None:
        self._wakes.send_all(chats, correlation)

    def count_waiting(self) -> int:
        return self._wakes.count_waiting()

    def extend_visibility(self, receipt: str, seconds: float) -> None:
        self._wakes.extend_visibility(receipt, seconds)

    def dead_letter(self, chat: str, messages: Iterable[str], reason: str) -> None:
        self._wakes.dead_letter(chat, messages, reason)

    def _is_joined(self, chat: str) -> bool:
        """Returns whether the chat will be looked at anyway. What cannot be known costs a wake."""
        with suppress(BackendError):
            return self._join_wake(chat, self._clock())
        return False

    def _remember(self, chat: str, due: float) -> None:
        """Notes it. What is forgotten costs another wake."""
        self._due.pop(chat, None)
        while len(self._due) >= MAX_REMEMBERED_CHATS:
            self._due.pop(next(iter(self._due)))
        self._due[chat] = due
