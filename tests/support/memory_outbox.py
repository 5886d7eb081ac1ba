"""The outbox in memory, held to the same contract as the real one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import msgspec

from repartee.domain.desk_event import DeadEvent, EventBatch, EventLane, KeptBatch, LaneState
from repartee.domain.message import Exchange
from repartee.errors import LeaseLost
from tests.support.memory_stores import MemoryInbox

LaneId = tuple[str, str]


@dataclass
class MemoryOutbox:
    """`ports.EventOutbox` beside the inbox in memory, whose closes write into it."""

    inbox: MemoryInbox = field(default_factory=MemoryInbox)
    lanes: dict[LaneId, LaneState] = field(default_factory=dict)
    dead: dict[tuple[LaneId, str], EventBatch] = field(default_factory=dict)
    ended: dict[tuple[str, str], float] = field(default_factory=dict)

    @property
    def batches(self) -> dict[LaneId, dict[str, EventBatch]]:
        return self.inbox.batches

    def acquire_lane(self, lane: EventLane, token: str, now: float, until: float) -> LaneState | None:
        with self.inbox.lock:
            found = self.lanes.get(_id(lane)) or LaneState(lane=lane, token="", until=0.0)
            if found.until > now:
                self.lanes[_id(lane)] = msgspec.structs.replace(found, knocks=found.knocks + 1)
                return None
            taken = msgspec.structs.replace(found, lane=lane, token=token, until=until)
            self.lanes[_id(lane)] = taken
            return taken

    def write_lane(self, state: LaneState) -> None:
        with self.inbox.lock:
            found = self._held(state)
            self.lanes[_id(state.lane)] = msgspec.structs.replace(state, knocks=found.knocks)

    def release_lane(self, state: LaneState) -> LaneState | None:
        with self.inbox.lock:
            found = self._held(state)
            if found.knocks != state.knocks:
                return msgspec.structs.replace(state, knocks=found.knocks)
            if state.must_be_kept:
                self.lanes[_id(state.lane)] = msgspec.structs.replace(found, token="", until=0.0)
            else:
                del self.lanes[_id(state.lane)]
            return None

    def _held(self, state: LaneState) -> LaneState:
        found = self.lanes.get(_id(state.lane))
        if found is None or found.token != state.token:
            raise LeaseLost("another worker has the lane")
        return found

    def list_batches(self, lane: EventLane, limit: int) -> Sequence[KeptBatch]:
        with self.inbox.lock:
            waiting = sorted(self.batches.get(_id(lane), {}).items())
            return [KeptBatch(*one) for one in waiting[:limit]]

    def delete_batch(self, lane: EventLane, position: str) -> None:
        self.batches.get(_id(lane), {}).pop(position, None)

    def bury_event(self, state: LaneState, dead: KeptBatch) -> None:
        self.write_lane(state)
        self.dead[_id(state.lane), dead.position] = dead.batch

    def revive_event(self, dead: DeadEvent, at: float) -> bool:
        key = ((dead.chat, dead.endpoint), dead.position)
        batch = self.dead.pop(key, None)
        if batch is not None:
            waiting = self.batches.setdefault((dead.chat, dead.endpoint), {})
            waiting[dead.position] = msgspec.structs.replace(batch, at=at)
        return batch is not None

    def list_idle_lanes(self, before: float) -> Iterator[EventLane]:
        for state in list(self.lanes.values()):
            is_left = bool(state.token) and state.until < before
            if is_left or (not state.token and 0 < state.due_at < before):
                yield EventLane(state.lane.chat, state.lane.endpoint)

    def find_exchange(self, chat: str, turn: str) -> Exchange | None:
        return self.inbox.exchanges.get(turn)

    def end_endpoint(self, number: str, endpoint: str, at: float) -> None:
        self.ended[number, endpoint] = at

    def has_ended(self, number: str, endpoint: str) -> bool:
        return (number, endpoint) in self.ended

    def list_ended(self, number: str) -> Sequence[str]:
        return [endpoint for of, endpoint in self.ended if of == number]

    def resume_endpoints(self, number: str) -> None:
        for endpoint in self.list_ended(number):
            del self.ended[number, endpoint]


def _id(lane: EventLane) -> LaneId:
    return lane.chat, lane.endpoint
