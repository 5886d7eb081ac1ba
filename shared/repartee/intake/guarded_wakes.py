"""Wakes with a successor: a worker that dies before its first call is replaced like any other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress

from repartee.errors import BackendError
from repartee.ports import Inbox, JoinedWake, TurnStarter, Wakes
from repartee.ports.inbox import LEASE_SECONDS, WAKE_MARGIN_SECONDS

MAX_REMEMBERED_CHATS = 2000
"""Chats of which a process remembers when their successor is due."""

SUCCESSOR_SECONDS = LEASE_SECONDS + WAKE_MARGIN_SECONDS
"""Seconds after a wake at which its successor comes: when a lease that was taken at once would end."""

MIN_FOUND_SHARE = 0.1
"""The share of questions that must find another process's wake to be worth a call each."""

FOUND_SHARE_WEIGHT = 1 / 16
"""How much the newest question counts in that share."""

MAX_UNASKED_MESSAGES = 7
"""Messages that go unasked for in a row where few questions found anything."""


class QuestionYield:
    """Decides whether it is worth a call to ask for other processes' wakes of a chat. Where many processes
    take in one chat's messages most questions find one, where a single process does, none. Has state: the
    share that did lately."""

    def __init__(self) -> None:
        self._found_share = 1.0
        self._unasked = 0

    def is_worth_asking(self) -> bool:
        """Returns whether to ask for the next message, and counts it."""
        if self._found_share >= MIN_FOUND_SHARE or self._unasked >= MAX_UNASKED_MESSAGES:
            self._unasked = 0
            return True
        self._unasked += 1
        return False

    def note_answer(self, found: bool) -> None:
        """Notes whether another process's wake was found."""
        self._found_share += (found - self._found_share) * FOUND_SHARE_WEIGHT


class GuardedWakes:
    """`ports.Wakes` for a process that takes messages in and leaves the answer to others.

    With a chat's first message a second wake is sent, in the same call, that is due when a lease that was
    taken at once would end. As long as it is due, further messages of the chat need none: many messages in
    one chat have one between them. Owns which chats these are, as far as this process knows.

    Such a message asks the chat's record (`ports.Inbox.join_wake`) whether the chat will be looked at without
    another wake, whichever process has sent that: the messages of a burst, and those of a backlog, share one.
    So does a message of a chat of which this process knows no successor, where other processes often have
    sent one (`QuestionYield`): the record says when it is due once a worker has had its wake. If a worker
    dies meanwhile, the successor comes.

    With a `starter` a turn that is due at once is started directly, and the queue has the second wake alone;
    it has the first as well where the turn could not be started.
    """

    def __init__(
        self,
        wakes: Wakes,
        clock: Callable[[], float],
        inbox: Inbox,
        starter: TurnStarter | None = None,
    ) -> None:
        self._wakes, self._clock, self._inbox = wakes, clock, inbox
        self._starter = starter
        self._due: dict[str, float] = {}
        self._yield = QuestionYield()

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
        now = self._clock()
        due = successor_due or self._due.get(chat, 0.0)
        joined = None if delay else self._join_wake(chat, now, due)
        if joined and joined.guard_due > due:
            due = joined.guard_due
            self._remember(chat, due)
        if joined and joined.is_expected and (joined.is_held or now < due):
            return
        try:
            if joined and joined.is_expected:
                self._send_reserve(chat, correlation, now)
            elif now + delay < due:
                self._send_wake(chat, delay, correlation, due, message_id)
            else:
                self._send_pair(chat, delay, correlation, message_id, now)
        except BackendError:
            self._forget_wake(chat, joined)
            raise

    def send_early(self, chat: str, correlation: str, message_id: str) -> bool:
        """Wakes the chat for a message that is only being kept (`intake.message_keeper.EarlyWakes`)."""
        now = self._clock()
        if now < self._due.get(chat, 0.0):
            return False
        joined = self._join_wake(chat, now, 0.0, is_kept=False)
        if joined and joined.is_expected:
            return False
        try:  # the question has noted that a wake is sent
            if joined and now < joined.guard_due:
                self._remember(chat, joined.guard_due)
                self._send_wake(chat, 0.0, correlation, joined.guard_due, message_id)
            else:
                self._send_pair(chat, 0.0, correlation, message_id, now)
        except BackendError:
            self._forget_wake(chat, joined)
            raise
        return True

    def send_first(self, chat: str, correlation: str, message_id: str) -> None:
        """Wakes a chat that nobody has woken before (`intake.message_keeper.EarlyWakes`)."""
        self._send_pair(chat, 0.0, correlation, message_id, self._clock())

    def _send_wake(self, chat: str, delay: float, correlation: str, due: float, message_id: str) -> None:
        """Sends a wake whose successor is on its way."""
        if delay or not self._start_turn(chat, correlation, due, message_id):
            self._wakes.send(chat, delay, correlation, due, message_id=message_id)

    def _send_pair(self, chat: str, delay: float, correlation: str, message_id: str, now: float) -> None:
        """Sends a wake and its successor."""
        after = delay + SUCCESSOR_SECONDS
        if not delay and self._start_turn(chat, correlation, now + after, message_id):
            self._wakes.send(chat, after, correlation, is_safety_net=True)
        else:
            self._wakes.send_with_successor(
                chat, delay, correlation, after, now + after, message_id=message_id
            )
        self._remember(chat, now + after)

    def _send_reserve(self, chat: str, correlation: str, now: float) -> None:
        """Sends a wake in reserve of another process's, which may have died before it was sent."""
        self._wakes.send(chat, SUCCESSOR_SECONDS, correlation, is_safety_net=True)
        self._remember(chat, now + SUCCESSOR_SECONDS)

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

    def _join_wake(self, chat: str, now: float, due: float, *, is_kept: bool = True) -> JoinedWake | None:
        """Asks for wakes of the chat that are on their way. What is not known costs a wake."""
        is_guarded = now < due
        if not (is_guarded or self._yield.is_worth_asking()):
            return None
        try:
            joined = self._inbox.join_wake(chat, now, is_kept=is_kept)
        except BackendError:
            return None
        if not is_guarded:
            self._yield.note_answer(joined.is_expected or now < joined.guard_due)
        return joined

    def _forget_wake(self, chat: str, joined: JoinedWake | None) -> None:
        """Takes back the note of a wake that could not be sent, so that a later delivery sends it."""
        if joined and not joined.is_expected:
            with suppress(BackendError):
                self._inbox.forget_wake(chat)

    def _remember(self, chat: str, due: float) -> None:
        """Notes it. What is forgotten costs another wake."""
        self._due.pop(chat, None)
        while len(self._due) >= MAX_REMEMBERED_CHATS:
            self._due.pop(next(iter(self._due)))
        self._due[chat] = due
