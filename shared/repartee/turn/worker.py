"""Answering a chat: who is woken takes the lease, answers what is open, and remembers it afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, suppress

import msgspec

from repartee.domain.message import Exchange, Incoming
from repartee.errors import BackendError, LeaseLost, PermissionDenied, log_fields
from repartee.intake.debounce import remaining_quiet
from repartee.ports import LeaseHeld, OpenItems
from repartee.ports.channels import ReplySender
from repartee.turn.assistant import Assistant
from repartee.turn.dependencies import TurnDependencies
from repartee.turn.heartbeat import Heartbeat
from repartee.turn.lease import Lease
from repartee.turn.persist import ExchangePersister
from repartee.turn.turn import MAX_TURN_ATTEMPTS, Turn

RETRY_DELAYS_SECONDS = (2.0, 10.0, 30.0)
"""Seconds until a failed turn is tried again, by the attempts it has had."""

WAKE_VISIBILITY_SECONDS = 30.0
"""Seconds a wake stays invisible while its turn lives: a killed worker's chat goes on after them."""

MAX_TURN_SECONDS = 240.0
"""Seconds that a turn may take. With fewer left, the next turn is another invocation's."""

CLOSING_SECONDS = 20.0
"""Seconds before the end of the invocation at which a turn must be over, to end its reply and close."""

PERSIST_OVERDUE_SECONDS = 60.0
"""Seconds after which an exchange that is not remembered was forgotten by whoever closed it."""


class ReceivedWake(msgspec.Struct, frozen=True):
    """The order to look at a chat: a wake as it was received. `until` is when this invocation ends (epoch
    seconds); `receipt` names the wake to the queue, and is empty where nobody had to be woken."""

    chat: str
    receipt: str
    deadline: float
    correlation: str = ""


class RetryLater(Exception):
    """The turn failed, and its wake should come back after `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"again after {seconds:g} s")
        self.seconds = seconds


class ChatWorker:
    """Answers chats.

    `choose` says which assistant answers a message, `parallel` whether a chat's plan is run so; `refresh` is
    called when credentials were not accepted, `observe` with each turn that was closed.
    """

    def __init__(
        self,
        dependencies: TurnDependencies,
        persister: ExchangePersister,
        senders: Mapping[str, ReplySender],
        choose_assistant: Callable[[Incoming], Assistant],
        is_parallel: Callable[[str], bool],
        refresh_credentials: Callable[[], object],
        observe_turn: Callable[[Turn], None],
        heartbeat_factory: Callable[..., Heartbeat] = Heartbeat,
    ) -> None:
        self._dependencies, self._persister, self._senders = dependencies, persister, senders
        self._choose_assistant, self._is_parallel, self._refresh_credentials = (
            choose_assistant,
            is_parallel,
            refresh_credentials,
        )
        self._observe_turn, self._heartbeat_factory = observe_turn, heartbeat_factory

    def answer_all(self, wakes: Iterable[ReceivedWake]) -> list[ReceivedWake]:
        """Carries out the orders. Those that failed, and come back later, are returned."""
        return [order for order in wakes if not self._try_answer(order)]

    def _try_answer(self, wake: ReceivedWake) -> bool:
        self._dependencies.logger.set_correlation_id(wake.correlation or wake.chat)
        try:
            self.answer_chat(wake)
        except RetryLater as again:
            self._requeue(wake, again.seconds)
            return False
        except Exception as failure:  # noqa: BLE001 - whatever it was, the wake must come back
            self._dependencies.logger.error("answer_failed", chat=wake.chat, **log_fields(failure))
            self._requeue(wake, RETRY_DELAYS_SECONDS[1])
            return False
        return True

    def _requeue(self, wake: ReceivedWake, seconds: float) -> None:
        """Makes the wake visible again. If that fails too, it is when it would have been anyway."""
        with suppress(BackendError):
            if wake.receipt:
                self._dependencies.wakes.extend_visibility(wake.receipt, seconds)
            else:
                self._dependencies.wakes.send(wake.chat, seconds, wake.correlation)

    def _extend_visibility(self, wake: ReceivedWake) -> None:
        """Keeps the wake, if there is one, from others while its turn lives."""
        if wake.receipt:
            self._dependencies.wakes.extend_visibility(wake.receipt, WAKE_VISIBILITY_SECONDS)

    def answer_chat(self, wake: ReceivedWake) -> None:
        """Answers what is open in the chat until nothing is, then remembers it, no longer holding the chat.

        Raises `TryAgain` when a turn failed that has attempts left; what it had is kept for the next.
        """
        closed: list[Exchange] = []
        with ExitStack() as afterwards:
            afterwards.callback(self._persist_in_order, closed)
            try:
                closed.extend(self._run_turns(wake))
            except LeaseLost:
                self._dependencies.logger.warning("lease_lost", chat=wake.chat)

    def _persist_in_order(self, closed: Iterable[Exchange]) -> None:
        """Stores the exchanges, the oldest first: a later one may hold an edit of what an earlier one
        holds."""
        with ExitStack() as rest:
            for exchange in reversed(list(closed)):
                rest.callback(self._persister.persist, exchange)

    def _run_turns(self, wake: ReceivedWake) -> Iterator[Exchange]:
        """The exchanges to remember: those that somebody forgot, and one a turn."""
        while True:
            lease = self._acquire_lease(wake)
            if lease is None:
                return
            waiting = self._dependencies.inbox.list_open(wake.chat)
            yield from self._overdue_exchanges(waiting)
            if self._wait_for_quiet(wake, lease, waiting):
                return
            claimed = lease.claim(waiting)
            if claimed:
                yield self._run_turn(wake, lease, claimed, waiting)
            else:
                lease.release()
            if not self._has_more_to_answer(wake):
                return

    def _acquire_lease(self, wake: ReceivedWake) -> Lease | None:
        """The chat's lease. While another worker holds it, a new wake looks again when that would end."""
        clock = self._dependencies.clock
        try:
            return Lease.acquire(self._dependencies.inbox, clock, wake.chat, self._dependencies.new_id())
        except LeaseHeld as busy:
            self._dependencies.wakes.send(wake.chat, max(busy.until - clock(), 1.0), wake.correlation)
            self._dependencies.logger.info("chat_busy", chat=wake.chat)
            return None

    def _wait_for_quiet(self, wake: ReceivedWake, lease: Lease, open_items: OpenItems) -> bool:
        """Whether people may still be writing: a new wake looks again when they have fallen quiet. An
        unfinished turn goes on."""
        seconds = self._remaining_quiet(open_items) if lease.attempts == 1 else 0.0
        if seconds:
            self._dependencies.wakes.send(wake.chat, seconds, wake.correlation)
            lease.release()
        return seconds > 0

    def _has_more_to_answer(self, wake: ReceivedWake) -> bool:
        """Whether there is more to answer here. Who releases a lease looks again: whoever came meanwhile
        may have met it, and gone."""
        if not self._dependencies.inbox.list_open(wake.chat).messages:
            return False
        if wake.deadline - self._dependencies.clock() > MAX_TURN_SECONDS:
            return True
        self._dependencies.wakes.send(wake.chat, correlation=wake.correlation)
        return False

    def _run_turn(
        self, wake: ReceivedWake, lease: Lease, incoming: tuple[Incoming, ...], open_items: OpenItems
    ) -> Exchange:
        room = incoming[-1].room
        watch = self._heartbeat_factory(
            lease,
            self._dependencies.clock,
            extend_visibility=lambda: self._extend_visibility(wake),
            read_control=lambda: self._dependencies.records.read_control(room, wake.chat),
            incoming=incoming,
        )
        turn = Turn(
            self._dependencies,
            lease,
            watch,
            self._choose_assistant(incoming[-1]),
            self._senders[incoming[-1].channel],
            incoming,
            open_items.exchanges,
            self._is_parallel(wake.chat),
            deadline=min(self._dependencies.clock() + MAX_TURN_SECONDS, wake.deadline - CLOSING_SECONDS),
        )
        try:
            with watch:
                exchange = self._attempt_turn(turn, lease)
        finally:
            turn.record_usage()
        self._observe_turn(turn)
        return exchange

    def _attempt_turn(self, turn: Turn, lease: Lease) -> Exchange:
        if lease.attempts > MAX_TURN_ATTEMPTS and lease.phase != "delivered":
            return turn.fail("its worker was lost on the last attempt")
        try:
            return turn.run()
        except LeaseLost:
            raise
        except Exception as failure:
            self._log_failure(lease, failure)
            if isinstance(failure, PermissionDenied):
                with suppress(BackendError):
                    self._refresh_credentials()
            if lease.attempts == MAX_TURN_ATTEMPTS and lease.phase != "delivered":
                return turn.fail(type(failure).__name__)
            with suppress(BackendError):
                lease.flush()  # whoever comes next must know what is visible
            lease.release()
            raise RetryLater(RETRY_DELAYS_SECONDS[min(lease.attempts, MAX_TURN_ATTEMPTS) - 1]) from failure

    def _remaining_quiet(self, open_items: OpenItems) -> float:
        known = self._dependencies
        return remaining_quiet(open_items.messages, known.clock(), known.quiet_seconds)

    def _log_failure(self, lease: Lease, failure: Exception) -> None:
        self._dependencies.logger.error(
            "turn_failed", chat=lease.chat, turn=lease.turn, attempt=lease.attempts, **log_fields(failure)
        )

    def _overdue_exchanges(self, open_items: OpenItems) -> Iterator[Exchange]:
        before = self._dependencies.clock() - PERSIST_OVERDUE_SECONDS
        return (exchange for exchange in open_items.exchanges if exchange.answered_at < before)
