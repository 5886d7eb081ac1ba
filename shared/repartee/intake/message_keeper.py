"""Keeps messages and wakes their chats, the wake beside what is kept where that is likely to be right.

A message that has just been sent is mostly new, and nobody looks at its chat: its wake is then sent while the
message is written, and the platform's answer waits for both. The wake names its message, so a worker that is
faster waits for it (`ports.inbox.EARLY_WAKE_SECONDS`). A message that opens its chat is written first: where
it is new nobody else can have woken the chat, so that nobody is asked, which saves more than waiting costs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple, Protocol

from repartee.domain.message import Incoming
from repartee.intake.debounce import wake_delay
from repartee.ports import Inbox, PutResult, Wakes
from repartee.ports.inbox import EARLY_WAKE_SECONDS
from repartee.ports.logging import Logger

if TYPE_CHECKING:
    from concurrent.futures import Executor

MAX_NEW_AGE_SECONDS = 3.0
"""Seconds after it was sent for which a message counts as new: what comes later was mostly delivered before,
and may be answered already."""

Admit = Callable[[Incoming], Incoming | None]
"""Returns the message as it is kept, None where it is not."""


def opens_chat(chat: str, message_id: str) -> bool:
    """Returns whether a chat is known by the id of this message, which is then its first: a thread of
    Slack's."""
    return chat.endswith(f":{message_id}")


class EarlyWakes(Protocol):
    """The queue of wakes for messages that are only being kept."""

    def send_early(self, chat: str, correlation: str, message_id: str) -> bool:
        """Wakes the chat for a message that is only being kept, unless another wake of the chat may be on its
        way. Returns whether it did: otherwise the message is to be kept first."""

    def send_first(self, chat: str, correlation: str, message_id: str) -> None:
        """Wakes the chat for the message that opens it and has just been kept: no other wake of it is
        known."""


class WakingBeside(NamedTuple):
    """The means to wake a chat while its message is kept."""

    wakes: EarlyWakes
    executor: Executor


class MessageKeeper:
    """Keeps messages, and wakes their chats; `beside` says how to do both at once."""

    def __init__(
        self,
        inbox: Inbox,
        wakes: Wakes,
        logger: Logger,
        count_metric: Callable[[str], None],
        clock: Callable[[], float],
        quiet_seconds: Mapping[str, float] = {},
        beside: WakingBeside | None = None,
    ) -> None:
        self._inbox, self._wakes, self._logger = inbox, wakes, logger
        self._count_metric, self._clock = count_metric, clock
        self._quiet_seconds, self._beside = quiet_seconds, beside

    def take_in(self, message: Incoming, admit: Admit, *, likely: bool = True) -> None:
        """Keeps the message if it is admitted, and wakes its chat. `likely`: it probably is."""
        if self._beside and likely and self._is_likely_new(message):
            if opens_chat(message.chat, message.id):
                self._keep_opening(message, admit, self._beside.wakes)
            else:
                self._keep_beside_wake(message, admit, self._beside)
        elif admitted := admit(message):
            self.keep(admitted)

    def keep(self, message: Incoming) -> None:
        """Keeps a message, and wakes its chat. What came too late for its turn is a message of its own."""
        self._finish(message, self._inbox.put(message), is_woken=False)

    def _is_likely_new(self, message: Incoming) -> bool:
        is_young = message.received - message.sent <= MAX_NEW_AGE_SECONDS
        return is_young and not wake_delay(message, self._quiet_seconds)

    def _keep_opening(self, message: Incoming, admit: Admit, wakes: EarlyWakes) -> None:
        """Keeps the message that opens a chat, and wakes it."""
        if admitted := admit(message):
            kept = self._inbox.put(admitted)
            is_first = kept.is_new and kept.is_open
            if is_first:
                wakes.send_first(message.chat, message.correlation, message.id)
            self._finish(admitted, kept, is_woken=is_first)

    def _keep_beside_wake(self, message: Incoming, admit: Admit, beside: WakingBeside) -> None:
        """Wakes the chat as the message is kept. A wake that found no message, because that took long, is
        sent again."""
        began = self._clock()
        sent = beside.executor.submit(beside.wakes.send_early, message.chat, message.correlation, message.id)
        try:
            admitted = admit(message)
            kept = self._inbox.put(admitted) if admitted else None
            is_timely = self._clock() - began <= EARLY_WAKE_SECONDS / 2
        finally:
            sent.exception()  # waits for it
        if admitted and kept:
            self._finish(admitted, kept, is_woken=sent.result() and is_timely)

    def _finish(self, message: Incoming, kept: PutResult, *, is_woken: bool) -> None:
        if kept.is_open and not is_woken:
            self._wake(message, kept)
        if not kept.is_new:
            self._count_metric("Redeliveries")
        self._logger.info(
            "message_kept", chat=message.chat, message_id=message.id, new=kept.is_new, open=kept.is_open
        )
        if kept.supplement:
            self.keep(kept.supplement)

    def _wake(self, message: Incoming, kept: PutResult) -> None:
        if not kept.is_new:  # the process that took it in may have died before it sent a wake
            self._inbox.forget_wake(message.chat)
        delay = wake_delay(message, self._quiet_seconds)
        self._wakes.send(message.chat, delay, message.correlation, message_id="" if delay else message.id)
