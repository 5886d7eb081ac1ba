"""Answering a chat: who is woken takes the lease, answers what is open, and remembers it afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, suppress

import msgspec

from repartee.domain.control import ChatHandedOver
from repartee.domain.message import Exchange, Incoming
from repartee.errors import BackendError, LeaseLost, log_fields
from repartee.intake.combine import combine_messages
from repartee.intake.debounce import remaining_quiet
from repartee.plan import deadline
from repartee.ports import OpenItems
from repartee.ports.channels import ReplySender
from repartee.ports.inbox import LEASE_SECONDS, WAKE_MARGIN_SECONDS
from repartee.turn.assistant import Assistant
from repartee.turn.attempts import RETRY_DELAYS_SECONDS, RetryLater, TurnAttempts
from repartee.turn.backend_guard import BackendGuard, GuardedModel
from repartee.turn.chat_taking import ChatTaker
from repartee.turn.dependencies import TurnDependencies
from repartee.turn.failures import MIN_RESERVE_WAIT_SECONDS, find_cause, is_passing
from repartee.turn.handed_over import RelayFactory, select_claimable
from repartee.turn.heartbeat import Heartbeat
from repartee.turn.lease import Lease
from repartee.turn.persist import ExchangePersister
from repartee.turn.received_wake import ReceivedWake
from repartee.turn.recorder import NO_RECORDER, Recorder
from repartee.turn.turn import Turn

STORE_RETRY_SECONDS = (5.0, 30.0)
"""Seconds, at least and at most, until a chat is looked at again whose inbox could not be read."""

PERSIST_SECONDS = 20.0
"""Seconds that the messages store may take for one exchange, of those that the invocation has left."""

RECORDING_SECONDS = 5.0
"""Seconds that the recording of a turn may take, after it is remembered."""

MAX_TURN_SECONDS = 240.0
"""Seconds that a turn may take. With fewer left, the next turn is another invocation's."""

CLOSING_SECONDS = 20.0
"""Seconds before the end of the invocation at which a turn must be over, to end its reply and close."""


class ChatWorker:
    """Answers chats. `refresh_credentials` is called when credentials were not accepted, `observe_turn` with
    each turn of the assistant that was closed."""

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
        recorder: Recorder = NO_RECORDER,
        relays: RelayFactory | None = None,
    ) -> None:
        self._dependencies, self._persister, self._senders = dependencies, persister, senders
        self._choose_assistant, self._is_parallel = choose_assistant, is_parallel
        self._attempts = TurnAttempts(dependencies, refresh_credentials)
        self._observe_turn, self._heartbeat_factory = observe_turn, heartbeat_factory
        self._recorder, self._relays = recorder, relays
        self._taker = ChatTaker(dependencies)

    def answer_all(self, wakes: Iterable[ReceivedWake]) -> list[ReceivedWake]:
        """Carries out the orders. Those that failed, and come back later, are returned."""
        return [order for order in wakes if not self._try_answer(order)]

    def _try_answer(self, wake: ReceivedWake) -> bool:
        self._dependencies.logger.set_correlation_id(wake.correlation or wake.chat)
        try:
            self.answer_chat(wake)
        except RetryLater as again:
            return (again.is_woken or self._send_later(wake, again.seconds)) and bool(wake.receipt)
        except Exception as failure:  # noqa: BLE001 - whatever it was, the wake must come back
            self._dependencies.logger.error("answer_failed", chat=wake.chat, **log_fields(failure))
            if is_passing(find_cause(failure)):
                seconds = self._dependencies.uniform(*STORE_RETRY_SECONDS)
                return (self._has_reserve(wake) or self._send_later(wake, seconds)) and bool(wake.receipt)
            self._return_to_queue(wake, RETRY_DELAYS_SECONDS[1])
            return False
        return True

    def _has_reserve(self, wake: ReceivedWake) -> bool:
        """Whether another wake of the chat was surely sent with this one, and is not due at once."""
        return wake.successor_due - self._dependencies.clock() >= MIN_RESERVE_WAIT_SECONDS

    def _send_later(self, wake: ReceivedWake, seconds: float) -> bool:
        """Sends a new wake in the place of this one, and says whether that worked. A wake that came back
        instead would be counted as received, and end as a dead letter while all that it needs is time."""
        try:
            self._dependencies.wakes.send(wake.chat, seconds, wake.correlation)
        except BackendError:
            self._return_to_queue(wake, seconds)
            return False
        return True

    def _return_to_queue(self, wake: ReceivedWake, seconds: float) -> None:
        """Makes the wake visible again. If that fails too, it is when it would have been anyway."""
        with suppress(BackendError):
            if wake.receipt:
                self._dependencies.wakes.extend_visibility(wake.receipt, seconds)
            else:
                self._dependencies.wakes.send(wake.chat, seconds, wake.correlation)

    def _ensure_successor(self, wake: ReceivedWake, lease: Lease) -> None:
        """Sees to it that another worker looks at the chat if this one dies: one wake at a time, due when the
        lease would end. It goes on from lease to lease as long as the turn lives. A wake that has a successor
        needs no other, and one without a receipt is delayed itself."""
        if wake.receipt and lease.needs_safety_net:
            seconds = LEASE_SECONDS + WAKE_MARGIN_SECONDS
            due = self._dependencies.clock() + seconds
            self._dependencies.wakes.send(wake.chat, seconds, wake.correlation, is_safety_net=True)
            lease.note_safety_net(due)

    def answer_chat(self, wake: ReceivedWake) -> None:
        """Answers what is open in the chat until nothing is, then remembers it, no longer holding the chat.

        Raises `TryAgain` when a turn failed that has attempts left; what it had is kept for the next.
        """
        closed: dict[str, Exchange] = {}
        with ExitStack() as afterwards:
            afterwards.callback(self._persist_in_order, wake, closed)
            try:
                for exchange in self._run_turns(wake):
                    closed.setdefault(exchange.turn, exchange)
            except LeaseLost:
                self._dependencies.logger.warning("lease_lost", chat=wake.chat)

    def _persist_in_order(self, wake: ReceivedWake, closed: Mapping[str, Exchange]) -> None:
        """Stores the exchanges, the oldest first: a later one may hold an edit of what an earlier one
        holds."""
        with ExitStack() as rest:
            for exchange in reversed(list(closed.values())):
                rest.callback(self._persist, wake, exchange)

    def _persist(self, wake: ReceivedWake, exchange: Exchange) -> None:
        """Remembers an exchange, in the time that is left. Otherwise a later wake does."""
        left = wake.deadline - self._dependencies.clock() - CLOSING_SECONDS
        if left > 0:
            with deadline.limited_to(min(PERSIST_SECONDS, left)):
                self._persister.persist(exchange)
            with deadline.limited_to(min(RECORDING_SECONDS, left)):
                self._recorder.record_noted(exchange.turn)

    def _run_turns(self, wake: ReceivedWake) -> Iterator[Exchange]:
        """The exchanges to remember: those that another worker forgot, and one a turn."""
        while True:
            woken_at = self._dependencies.clock()
            taken = self._taker.take_chat(wake)
            if taken is None:
                return
            lease, waiting = taken
            wake = msgspec.structs.replace(wake, message_id="", is_safety_net=False)
            yield from self._taker.list_overdue(waiting)
            claimable = select_claimable(lease, waiting) if self._relays else waiting
            if not lease.is_handed_over and self._wait_for_quiet(wake, lease, claimable):
                return
            claimed = lease.claim(claimable)
            lease.may_be_more |= len(claimable.messages) < len(waiting.messages)
            if claimed:
                yield self._run_turn(wake, lease, combine_messages(claimed), waiting, woken_at)
            else:
                lease.release()
            if claimed and not lease.may_be_more:
                return
            if not self._has_more_to_answer(wake):
                return

    def _wait_for_quiet(self, wake: ReceivedWake, lease: Lease, open_items: OpenItems) -> bool:
        """Whether people may still be writing: a new wake looks again when they have fallen quiet. An
        unfinished turn goes on. Where people are given time to go on with any text, nothing that comes before
        that wake would be answered sooner, and needs none of its own."""
        known = self._dependencies
        seconds = self._remaining_quiet(open_items) if lease.attempts == 1 else 0.0
        if seconds:
            known.wakes.send(wake.chat, seconds, wake.correlation)
            gives_time = open_items.messages[-1].channel in known.quiet_seconds
            lease.release(woken_at=known.clock() if gives_time else 0.0)
        return seconds > 0

    def _remaining_quiet(self, open_items: OpenItems) -> float:
        known = self._dependencies
        return remaining_quiet(open_items.messages, known.clock(), known.quiet_seconds)

    def _has_more_to_answer(self, wake: ReceivedWake) -> bool:
        """Whether there is more to answer here. A worker that releases a lease looks again: one that came
        meanwhile may have met it, and gone."""
        if not self._dependencies.inbox.list_open(wake.chat).messages:
            return False
        if wake.deadline - self._dependencies.clock() > MAX_TURN_SECONDS:
            return True
        self._dependencies.wakes.send(wake.chat, correlation=wake.correlation)
        return False

    def _run_turn(
        self,
        wake: ReceivedWake,
        lease: Lease,
        incoming: tuple[Incoming, ...],
        open_items: OpenItems,
        woken_at: float,
    ) -> Exchange:
        room = incoming[-1].room
        watch = self._heartbeat_factory(
            lease,
            self._dependencies.clock,
            ensure_successor=lambda: self._ensure_successor(wake, lease),
            read_control=lambda: self._dependencies.records.read_control(room, wake.chat),
            incoming=incoming,
        )
        guard = BackendGuard(
            self._dependencies.records,
            self._dependencies.clock,
            room,
            self._dependencies.model_backend,
            incoming[-1].channel,
            lambda: watch.active_messages.failing_backends,
        )
        guarded = GuardedModel(self._dependencies.model, guard)
        turn = Turn(
            msgspec.structs.replace(self._dependencies, model=guarded),
            lease,
            watch,
            self._choose_assistant(incoming[-1]),
            self._senders[incoming[-1].channel],
            incoming,
            open_items.exchanges,
            self._is_parallel(wake.chat),
            deadline=min(self._dependencies.clock() + MAX_TURN_SECONDS, wake.deadline - CLOSING_SECONDS),
            woken_at=woken_at,
        )
        try:
            if not lease.is_handed_over:
                self._attempts.wait_while_down(turn, lease, guard, watch.look)
            with watch:
                if self._relays and self._relays.must_relay(lease, incoming):
                    return self._relay(lease, watch, turn, guard)
                try:
                    exchange = self._attempts.attempt_turn(turn, lease, guard)
                except ChatHandedOver:
                    return self._relay(lease, watch, turn, guard)
        finally:
            turn.end_typing()
            turn.record_usage()
        self._observe_turn(turn)
        self._recorder.note_turn(turn, exchange)
        return exchange

    def _relay(self, lease: Lease, watch: Heartbeat, turn: Turn, guard: BackendGuard) -> Exchange:
        """Passes on what a person, not the assistant, is to answer."""
        if self._relays is None:
            self._attempts.give_back(lease)
            raise ChatHandedOver("a person has the chat")
        relayed = self._relays.make_turn(self._dependencies, lease, watch, turn.incoming, turn.assistant.name)
        return self._attempts.attempt_turn(relayed, lease, guard)
