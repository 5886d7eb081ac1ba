"""Answering a chat: who is woken takes the lease, answers what is open, and remembers it afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, suppress

import msgspec

from repartee.conversation.bursts import hold
from repartee.conversation.lease import Lease
from repartee.conversation.means import Assistant, Means
from repartee.conversation.memory import Memory
from repartee.conversation.message import Exchange, Message
from repartee.conversation.reply import Replies
from repartee.conversation.turn import ATTEMPTS, Turn
from repartee.conversation.watch import Watch
from repartee.errors import BackendError, Denied, LeaseLost, told
from repartee.ports import Busy, Waiting

AGAIN_AFTER = (2.0, 10.0, 30.0)
"""Seconds until a failed turn is tried again, by the attempts it has had."""

HIDDEN_FOR = 30.0
"""Seconds a wake stays invisible while its turn lives: a killed worker's chat goes on after them."""

TURN_TAKES = 240.0
"""Seconds that a turn may take. With fewer left, the next turn is another invocation's."""

LAST_WORDS_TAKE = 20.0
"""Seconds before the end of the invocation at which a turn must be over, to end its reply and close."""

OVERDUE = 60.0
"""Seconds after which an exchange that is not remembered was forgotten by whoever closed it."""


class AnswerChat(msgspec.Struct, frozen=True):
    """The order to look at a chat: a wake as it was received. `until` is when this invocation ends (epoch
    seconds); `receipt` names the wake to the queue, and is empty where nobody had to be woken."""

    chat: str
    receipt: str
    until: float
    correlation: str = ""


class TryAgain(Exception):
    """The turn failed, and its wake should come back after `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"again after {seconds:g} s")
        self.seconds = seconds


class Chats:
    """Answers chats.

    `choose` says which assistant answers a message, `parallel` whether a chat's plan is run so; `refresh` is
    called when credentials were not accepted, `observe` with each turn that was closed.
    """

    def __init__(
        self,
        means: Means,
        memory: Memory,
        channels: Mapping[str, Replies],
        choose: Callable[[Message], Assistant],
        parallel: Callable[[str], bool],
        refresh: Callable[[], object],
        observe: Callable[[Turn], None],
        watching: Callable[..., Watch] = Watch,
    ) -> None:
        self._means, self._memory, self._channels = means, memory, channels
        self._choose, self._parallel, self._refresh = choose, parallel, refresh
        self._observe, self._watching = observe, watching

    def answer_all(self, orders: Iterable[AnswerChat]) -> list[AnswerChat]:
        """Carries out the orders. Those that failed, and come back later, are returned."""
        return [order for order in orders if not self._answered(order)]

    def _answered(self, order: AnswerChat) -> bool:
        self._means.logger.set_correlation_id(order.correlation or order.chat)
        try:
            self.answer(order)
        except TryAgain as again:
            self._come_back(order, again.seconds)
            return False
        except Exception as failure:  # noqa: BLE001 - whatever it was, the wake must come back
            self._means.logger.error("answer_failed", chat=order.chat, **told(failure))
            self._come_back(order, AGAIN_AFTER[1])
            return False
        return True

    def _come_back(self, order: AnswerChat, seconds: float) -> None:
        """Makes the wake visible again. If that fails too, it is when it would have been anyway."""
        with suppress(BackendError):
            if order.receipt:
                self._means.wakes.hide(order.receipt, seconds)
            else:
                self._means.wakes.send(order.chat, seconds, order.correlation)

    def _hide(self, order: AnswerChat) -> None:
        """Keeps the wake, if there is one, from others while its turn lives."""
        if order.receipt:
            self._means.wakes.hide(order.receipt, HIDDEN_FOR)

    def answer(self, order: AnswerChat) -> None:
        """Answers what is open in the chat until nothing is, then remembers it, no longer holding the chat.

        Raises `TryAgain` when a turn failed that has attempts left; what it had is kept for the next.
        """
        with ExitStack() as afterwards:
            try:
                for exchange in self._exchanges(order):
                    afterwards.callback(self._memory.remember, exchange)
            except LeaseLost:
                self._means.logger.warning("lease_lost", chat=order.chat)

    def _exchanges(self, order: AnswerChat) -> Iterator[Exchange]:
        """The exchanges to remember: those that somebody forgot, and one a turn."""
        while True:
            lease = self._lease(order)
            if lease is None:
                return
            waiting = self._means.inbox.waiting(order.chat)
            yield from self._overdue(waiting)
            if self._held(order, lease, waiting):
                return
            claimed = lease.claim(waiting)
            if claimed:
                yield self._turn(order, lease, claimed, waiting)
            else:
                lease.release()
            if not self._goes_on(order):
                return

    def _lease(self, order: AnswerChat) -> Lease | None:
        """The chat's lease. While another worker holds it, a new wake looks again when that would end."""
        clock = self._means.clock
        try:
            return Lease.take(self._means.inbox, clock, order.chat, self._means.new_id())
        except Busy as busy:
            self._means.wakes.send(order.chat, max(busy.until - clock(), 1.0), order.correlation)
            self._means.logger.info("chat_busy", chat=order.chat)
            return None

    def _held(self, order: AnswerChat, lease: Lease, waiting: Waiting) -> bool:
        """Whether people may still be writing: a new wake looks again when they have fallen quiet. An
        unfinished turn goes on."""
        seconds = hold(waiting.messages, self._means.clock()) if lease.attempts == 1 else 0.0
        if seconds:
            self._means.wakes.send(order.chat, seconds, order.correlation)
            lease.release()
        return seconds > 0

    def _goes_on(self, order: AnswerChat) -> bool:
        """Whether there is more to answer here. Who releases a lease looks again: whoever came meanwhile
        may have met it, and gone."""
        if not self._means.inbox.waiting(order.chat).messages:
            return False
        if order.until - self._means.clock() > TURN_TAKES:
            return True
        self._means.wakes.send(order.chat, correlation=order.correlation)
        return False

    def _turn(
        self, order: AnswerChat, lease: Lease, asked: tuple[Message, ...], waiting: Waiting
    ) -> Exchange:
        room = asked[-1].room
        watch = self._watching(
            lease,
            self._means.clock,
            hide=lambda: self._hide(order),
            lookup=lambda: self._means.records.control(room, order.chat),
            asked=asked,
        )
        turn = Turn(
            self._means,
            lease,
            watch,
            self._choose(asked[-1]),
            self._channels[asked[-1].channel],
            asked,
            waiting.exchanges,
            self._parallel(order.chat),
            until=min(self._means.clock() + TURN_TAKES, order.until - LAST_WORDS_TAKE),
        )
        try:
            with watch:
                exchange = self._attempt(turn, lease)
        finally:
            turn.account()
        self._observe(turn)
        return exchange

    def _attempt(self, turn: Turn, lease: Lease) -> Exchange:
        if lease.attempts > ATTEMPTS and lease.phase != "delivered":
            return turn.give_up("its worker was lost on the last attempt")
        try:
            return turn.take()
        except LeaseLost:
            raise
        except Exception as failure:
            self._log(lease, failure)
            if isinstance(failure, Denied):
                with suppress(BackendError):
                    self._refresh()
            if lease.attempts == ATTEMPTS and lease.phase != "delivered":
                return turn.give_up(type(failure).__name__)
            with suppress(BackendError):
                lease.flush()  # whoever comes next must know what is visible
            lease.release()
            raise TryAgain(AGAIN_AFTER[min(lease.attempts, ATTEMPTS) - 1]) from failure

    def _log(self, lease: Lease, failure: Exception) -> None:
        self._means.logger.error(
            "turn_failed", chat=lease.chat, turn=lease.turn, attempt=lease.attempts, **told(failure)
        )

    def _overdue(self, waiting: Waiting) -> Iterator[Exchange]:
        before = self._means.clock() - OVERDUE
        return (exchange for exchange in waiting.exchanges if exchange.at < before)
