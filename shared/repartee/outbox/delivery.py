"""Sends the events of a lane, one after the other: the next when the receiver has taken the one before.

An event is sent again until the receiver takes it, with the same id: a worker that dies after a receiver took
one leaves it to be sent twice, and none to be lost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus

import msgspec

from repartee.domain.desk_event import (
    DeadEvent,
    EventLane,
    KeptBatch,
    LaneState,
    single_out,
)
from repartee.errors import LeaseLost
from repartee.outbox.backoff import GIVE_UP_SECONDS, delay_seconds
from repartee.outbox.rendering import find_texts, render_event, sign_body
from repartee.plan.breaker import Breakers
from repartee.ports.logging import Logger
from repartee.ports.outbox import (
    Endpoint,
    EndpointDirectory,
    EventOutbox,
    EventQueue,
    EventSender,
    PostResult,
)

LANE_SECONDS = 45.0
"""Seconds for which a lane is held: longer than an attempt lasts."""

POST_SECONDS = 10.0
"""Seconds that an attempt may take."""

MAX_BATCHES = 25
"""Batches that are read at once."""

MAX_QUEUE_DELAY_SECONDS = 900.0
"""Seconds that the queue waits by itself. What is due later is looked at, and queued, again."""

EARLY_SECONDS = 1.0
"""Seconds before its time at which an attempt may be made: clocks differ."""

BREAKER_FAILURES, BREAKER_SECONDS = 5, 30.0
"""Attempts in a row, of whichever conversations, after which a receiver is left alone for so long: it is not
to keep the events of others waiting."""


class LaneStopped(Exception):
    """Nothing more is sent of the lane now. `state` is how far it has come."""

    def __init__(self, state: LaneState) -> None:
        super().__init__("nothing more is sent now")
        self.state = state


class EventDelivery:
    """Sends events. `count_metric` is told of what was delivered, failed, was given up and was left out."""

    def __init__(
        self,
        outbox: EventOutbox,
        queue: EventQueue,
        sender: EventSender,
        endpoints: EndpointDirectory,
        breakers: Breakers,
        clock: Callable[[], float],
        uniform: Callable[[float, float], float],
        new_id: Callable[[], str],
        logger: Logger,
        count_metric: Callable[[str, int], None],
    ) -> None:
        self._outbox, self._queue, self._sender, self._endpoints = outbox, queue, sender, endpoints
        self._breakers, self._clock, self._uniform, self._new_id = breakers, clock, uniform, new_id
        self._logger, self._count_metric = logger, count_metric

    def deliver_all(self, lanes: Mapping[str, EventLane], until: float) -> list[str]:
        """Looks at the lanes, by the ids of their messages. Returns the ids of those that must come back."""
        return [id for id, lane in lanes.items() if not self._try_deliver(lane, until)]

    def _try_deliver(self, lane: EventLane, until: float) -> bool:
        self._logger.set_correlation_id(lane.correlation or lane.chat)
        try:
            self.deliver_lane(lane, until)
        except LeaseLost:
            self._logger.warning("event_lane_lost", chat=lane.chat)
        except Exception as failure:  # noqa: BLE001 - whatever it was, the message must come back
            self._logger.error("event_delivery_failed", chat=lane.chat, reason=type(failure).__name__)
            return False
        return True

    def deliver_lane(self, lane: EventLane, until: float) -> None:
        """Sends what waits, in its order, until nothing does, an attempt fails, or the time is up (epoch
        seconds)."""
        now = self._clock()
        state = self._outbox.acquire_lane(lane, self._new_id(), now, now + LANE_SECONDS)
        while state:
            try:
                state = self._outbox.release_lane(self._send_waiting(state, until))
            except LaneStopped as stopped:
                self._release_stopped(stopped.state)
                return

    def _release_stopped(self, state: LaneState) -> None:
        """Ends the hold of a lane that is woken again: workers that looked at it meanwhile need not."""
        knocked = self._outbox.release_lane(state)
        while knocked:
            knocked = self._outbox.release_lane(knocked)

    def _send_waiting(self, state: LaneState, until: float) -> LaneState:
        """Sends all that waits. Raises `LaneStopped` where that ends before."""
        if state.due_at - self._clock() > EARLY_SECONDS:
            raise LaneStopped(self._ensure_wake(state))
        while True:
            batches = self._outbox.list_batches(state.lane, MAX_BATCHES)
            for kept in batches:
                state = self._send_batch(state, kept, until)
            if len(batches) < MAX_BATCHES:
                return self._forget_progress(state)

    def _forget_progress(self, state: LaneState) -> LaneState:
        """Returns the lane without what was noted of events that are not there any more."""
        state = state.end_batch()
        if not state.is_waiting:
            return state
        return self._write(msgspec.structs.replace(state, due_at=0.0, failures=0))

    def _ensure_wake(self, state: LaneState) -> LaneState:
        """Sees to it that one message, not more, wakes the lane when it is due: later than the queue can
        wait, it goes from message to message."""
        now = self._clock()
        if state.wake_due - now > EARLY_SECONDS:
            return state
        wake_due = min(state.due_at, now + MAX_QUEUE_DELAY_SECONDS)
        state = self._write(msgspec.structs.replace(state, wake_due=wake_due))
        self._queue.send(state.lane, wake_due - now)
        return state

    def _send_batch(self, state: LaneState, kept: KeptBatch, until: float) -> LaneState:
        batch = kept.batch
        endpoint = self._endpoints.find_endpoint(batch.number, batch.endpoint)
        if endpoint is None:
            return self._leave_out(state, kept)
        exchange = self._outbox.find_exchange(batch.chat, batch.turn) if endpoint.has_texts else None
        texts = find_texts(batch, exchange)
        for index in range(state.done if state.head == kept.position else 0, len(batch.events)):
            state = self._hold(state, until)
            sent = self._send_event(state, kept, index, endpoint, texts)
            if sent is None:
                return self._leave_out(state, kept)
            state = sent
        self._outbox.delete_batch(state.lane, kept.position)
        return state.end_batch()

    def _hold(self, state: LaneState, until: float) -> LaneState:
        """Returns the lane, held for as long as an attempt lasts. Stops where no time is left for one."""
        now = self._clock()
        if until - now < POST_SECONDS:
            raise LaneStopped(self._postpone(state, 0.0))
        if state.until - now > POST_SECONDS * 2:
            return state
        return self._write(state)

    def _send_event(
        self, state: LaneState, kept: KeptBatch, index: int, endpoint: Endpoint, texts: Mapping[str, str]
    ) -> LaneState | None:
        """Sends one event. None where the receiver wants no more. Raises `LaneStopped` where it is to be sent
        again."""
        result = self._post_if_up(state, kept, index, endpoint, texts)
        after = msgspec.structs.replace(state, head=kept.position, done=index + 1)
        if result.is_taken:
            self._count_metric("DeskEventsDelivered", 1)
            return self._note_delivered(state, after, is_last=index + 1 == len(kept.batch.events))
        self._count_metric("DeskEventAttemptsFailed", 1)
        self._logger.warning(
            "event_not_taken",
            event=kept.batch.events[index].id,
            status=result.status,
            reason=result.problem,
            failures=state.failures + 1,
        )
        if result.status == HTTPStatus.GONE:
            self._end_endpoint(kept)
            return None
        if self._clock() - kept.batch.at >= GIVE_UP_SECONDS:
            return self._give_up(after, kept, index, result)
        failed = msgspec.structs.replace(state, failures=state.failures + 1)
        delay = delay_seconds(failed.failures, result.retry_after_seconds, self._uniform)
        raise LaneStopped(self._postpone(failed, delay))

    def _post_if_up(
        self, state: LaneState, kept: KeptBatch, index: int, endpoint: Endpoint, texts: Mapping[str, str]
    ) -> PostResult:
        """Returns the receiver's answer. Raises `LaneStopped` while it is left alone."""
        breaker = self._breakers.of(endpoint.url)
        admitted = breaker.admit(self._clock())
        if not admitted:
            pause = self._uniform(BREAKER_SECONDS, 2 * BREAKER_SECONDS)
            raise LaneStopped(self._postpone(state, pause))
        result = self._post(state, kept, index, endpoint, texts)
        if 0 < result.status < 500:
            breaker.succeeded(probe=admitted == "probe")
        else:
            breaker.failed(self._clock(), probe=admitted == "probe")
        return result

    def _post(
        self, state: LaneState, kept: KeptBatch, index: int, endpoint: Endpoint, texts: Mapping[str, str]
    ) -> PostResult:
        event = kept.batch.events[index]
        if not endpoint.signing_keys:
            return PostResult(0, "its secret is missing, or is no signing key")
        body = render_event(event, kept.batch, state, texts)
        headers = sign_body(event.id, self._clock(), body, endpoint.signing_keys)
        return self._sender.post(endpoint.url, headers, body)

    def _note_delivered(self, before: LaneState, after: LaneState, *, is_last: bool) -> LaneState:
        """Notes that an event was delivered. Of the last one of a batch the batch's end tells it, where
        nothing else changes."""
        delivered = msgspec.structs.replace(
            after, failures=0, due_at=0.0, wake_due=0.0, missed=(), missed_number=0
        )
        has_changed = before.failures or before.due_at or before.missed_number
        return self._write(delivered) if has_changed or not is_last else delivered

    def _postpone(self, state: LaneState, delay: float) -> LaneState:
        """Notes when the next attempt is due, and has the lane woken then."""
        now = self._clock()
        wake_due = now + min(delay, MAX_QUEUE_DELAY_SECONDS)
        state = self._write(msgspec.structs.replace(state, due_at=now + delay, wake_due=wake_due))
        self._queue.send(state.lane, wake_due - now)
        return state

    def _give_up(self, after: LaneState, kept: KeptBatch, index: int, result: PostResult) -> LaneState:
        """Leaves a dead letter, and goes on with what comes after."""
        event, alone = kept.batch.events[index], single_out(kept, index)
        reason = result.problem or f"HTTP {result.status}"
        lane = after.lane
        self._queue.bury(DeadEvent(lane.chat, lane.endpoint, alone.position, event.id, event.kind, reason))
        state = self._extended(after.miss(event.id))
        self._outbox.bury_event(state, alone)
        self._count_metric("DeskEventsDead", 1)
        return state

    def _end_endpoint(self, kept: KeptBatch) -> None:
        """Sends a receiver nothing more that says so."""
        batch = kept.batch
        self._outbox.end_endpoint(batch.number, batch.endpoint, self._clock())
        self._logger.warning("receiver_is_gone", number=batch.number, endpoint=batch.endpoint)

    def _leave_out(self, state: LaneState, kept: KeptBatch) -> LaneState:
        """Deletes what is for a receiver that is not there any more, or wants nothing."""
        self._count_metric("DeskEventsLeftOut", len(kept.batch.events))
        self._outbox.delete_batch(state.lane, kept.position)
        return state.end_batch()

    def _write(self, state: LaneState) -> LaneState:
        state = self._extended(state)
        self._outbox.write_lane(state)
        return state

    def _extended(self, state: LaneState) -> LaneState:
        return msgspec.structs.replace(state, until=self._clock() + LANE_SECONDS)
