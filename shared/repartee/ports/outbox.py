"""The outbox of a desk's events, the queue that says where to look, and the way to receivers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

import msgspec

from repartee.domain.desk_event import DeadEvent, EventLane, KeptBatch, LaneState
from repartee.domain.message import Exchange


class EventOutbox(Protocol):
    """Where the events of conversations wait for their receivers, each lane in order. `Inbox.close_turn`
    writes batches into it. All reads are consistent."""

    def acquire_lane(self, lane: EventLane, token: str, now: float, until: float) -> LaneState | None:
        """Takes the lane. None while another worker has it: that one looks again before it goes."""

    def write_lane(self, state: LaneState) -> None:
        """Writes how far the lane has come, and until when it is held. Raises `LeaseLost`."""

    def release_lane(self, state: LaneState) -> LaneState | None:
        """Ends the hold. Returns the lane, still held, if another worker looked at it meanwhile: there may be
        more. Raises `LeaseLost`."""

    def list_batches(self, lane: EventLane, limit: int) -> Sequence[KeptBatch]:
        """Returns the first batches that wait, in order."""

    def delete_batch(self, lane: EventLane, position: str) -> None:
        """Deletes a batch that was sent. Repeating it is no error."""

    def bury_event(self, state: LaneState, dead: KeptBatch) -> None:
        """Keeps an event that was singled out as dead, and with it `state`, the lane without it. Raises
        `LeaseLost`."""

    def revive_event(self, dead: DeadEvent, at: float) -> bool:
        """Lets a dead event wait again, before what came later. False if it is not there any more."""

    def list_idle_lanes(self, before: float) -> Iterator[EventLane]:
        """Yields the lanes that should have gone on before then, and that no worker holds."""

    def find_exchange(self, chat: str, turn: str) -> Exchange | None:
        """Returns the exchange of a turn, in which the words are that an event is about."""

    def end_endpoint(self, number: str, endpoint: str, at: float) -> None:
        """Notes that a receiver wants no more events."""

    def has_ended(self, number: str, endpoint: str) -> bool:
        """Returns whether a receiver wants no more events."""

    def list_ended(self, number: str) -> Sequence[str]:
        """Returns the receivers of a number that want no more events, by their ids."""

    def resume_endpoints(self, number: str) -> None:
        """Sends events to all receivers of a number again."""


class EventQueue(Protocol):
    """The queue that says "look at this lane". A message may be lost, doubled, late or out of order."""

    def send(self, lane: EventLane, delay: float = 0.0) -> None:
        """Has the lane looked at, after `delay` seconds, or after as many as the queue can wait."""

    def bury(self, dead: DeadEvent) -> None:
        """Leaves a dead letter that names an event."""


class PostResult(msgspec.Struct, frozen=True):
    """The answer of a receiver: its status, 0 where it gave none and `problem` says why. It asks not to be
    called again for `retry_after_seconds`."""

    status: int
    problem: str = ""
    retry_after_seconds: float = 0.0

    @property
    def is_taken(self) -> bool:
        """Whether the event was delivered."""
        return 200 <= self.status < 300


class EventSender(Protocol):
    """The way to the receivers."""

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> PostResult:
        """Sends a body to a public address, and follows no redirect. Never raises for what the receiver or
        the network does."""


class Endpoint(msgspec.Struct, frozen=True):
    """A receiver: its address, the keys that sign for it, the newest first, and whether it is given words."""

    url: str
    signing_keys: tuple[bytes, ...]
    has_texts: bool = False


class EndpointDirectory(Protocol):
    """The receivers that the desks' configurations name."""

    def find_endpoint(self, number: str, endpoint: str) -> Endpoint | None:
        """Returns a receiver; without keys where its secret is not there, or is none. None where there is no
        such receiver any more, or it wants no more events."""
