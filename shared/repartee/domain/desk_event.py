"""Events of a desk's conversations, as they wait for the receivers that the desk's configuration names."""

from __future__ import annotations

from typing import Literal
from uuid import NAMESPACE_OID, uuid5

import msgspec

from repartee.domain.desk import WebhookEvent

MAX_NAMED_MISSED_EVENTS = 20
"""Events that a gap names by their ids; it counts all."""

INDEX_DIGITS = 3
"""Digits of an event's number in its batch: a turn answers fewer than a thousand messages."""


class DeskEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that happened in a conversation, without any words. `at` is in seconds since the epoch.

    `message` is the platform's id of the message that it is about, `revises` of that which it changes, and
    `files` how many came with it. `sent_by` says who replied. `member` is who of the team acted. `handover`
    names the hand-over, `reason` says why a person was called, `outcome` how it ended, `score` is the
    customer's opinion.
    """

    id: str
    kind: WebhookEvent
    at: float
    message: str = ""
    revises: str = ""
    files: int = 0
    sent_by: Literal["", "assistant", "member"] = ""
    customer: str = ""
    member: str = ""
    handover: str = ""
    reason: str = ""
    outcome: Literal["", "given_back", "done"] = ""
    score: int = 0


class EventBatch(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The events of one turn for one receiver, in their order. `number` is the desk's, `endpoint` the
    receiver's id in its configuration. `at` is since when they wait (epoch seconds)."""

    number: str
    endpoint: str
    chat: str
    channel: str
    turn: str
    at: float
    events: tuple[DeskEvent, ...]


class EventLane(msgspec.Struct, frozen=True):
    """The events of one conversation for one receiver, which are sent one after the other: also the body of
    the queue's messages. `correlation` is the turn's."""

    chat: str
    endpoint: str
    correlation: str = ""


class KeptBatch(msgspec.Struct, frozen=True):
    """A batch as it waits in the outbox, at its `position`, which sorts as they are sent."""

    position: str
    batch: EventBatch


class LaneState(msgspec.Struct, frozen=True, kw_only=True):
    """How far a lane has come, and who holds it (`token`), until when.

    `head` is the position of the batch of which the first `done` events are delivered. `failures` counts
    attempts at the next event in vain, which is tried again at `due_at`; a wake for that is due at
    `wake_due`. `missed` are the newest events that were given up since one was delivered, `missed_number`
    counts all of them. `knocks` counts the workers that found the lane held.
    """

    lane: EventLane
    token: str
    until: float
    head: str = ""
    done: int = 0
    failures: int = 0
    due_at: float = 0.0
    wake_due: float = 0.0
    missed: tuple[str, ...] = ()
    missed_number: int = 0
    knocks: int = 0

    @property
    def is_waiting(self) -> bool:
        """Whether an attempt was in vain, and is to be repeated."""
        return self.due_at > 0

    @property
    def must_be_kept(self) -> bool:
        """Whether the next worker must know anything of it."""
        return self.is_waiting or bool(self.missed_number or self.done)

    def end_batch(self) -> LaneState:
        """Returns the lane after a batch that is not there any more."""
        return msgspec.structs.replace(self, head="", done=0)

    def miss(self, event_id: str) -> LaneState:
        """Returns the lane without an event that is given up."""
        named = (*self.missed, event_id)[-MAX_NAMED_MISSED_EVENTS:]
        return msgspec.structs.replace(
            self, missed=named, missed_number=self.missed_number + 1, failures=0, due_at=0.0
        )


class DeadEvent(msgspec.Struct, frozen=True, tag="desk_event", tag_field="dead"):
    """Names an event that was given up, as its dead letter does: by ids alone."""

    chat: str
    endpoint: str
    position: str
    event_id: str
    kind: str
    reason: str


def single_out(kept: KeptBatch, index: int) -> KeptBatch:
    """Returns one event of a batch as a batch of its own, whose position is behind the batch's and before the
    next one's."""
    if "#" in kept.position:  # it is one already, which was revived
        return kept
    alone = msgspec.structs.replace(kept.batch, events=(kept.batch.events[index],))
    return KeptBatch(f"{kept.position}#{index:0{INDEX_DIGITS}d}", alone)


def make_event_id(chat: str, turn: str, kind: str, of: str) -> str:
    """Returns the id of an event: the same if the turn is closed again."""
    return f"evt_{uuid5(NAMESPACE_OID, f'{chat} {turn} {kind} {of}').hex}"
