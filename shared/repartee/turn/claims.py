"""Chooses which of a chat's open messages one turn answers."""

from __future__ import annotations

from collections.abc import Sequence

from repartee.domain.message import Incoming, Message
from repartee.domain.stored_size import take_fitting
from repartee.ports import LeaseRecord

MAX_CLAIMED_MESSAGES = 50
"""Messages that one turn answers: DynamoDB's transaction, which closes them, takes 100 writes."""


def list_left(record: LeaseRecord, waiting: tuple[Incoming, ...]) -> tuple[Incoming, ...]:
    """Returns the messages of a turn that is taken up which still wait. Of one that had shown nothing yet the
    older ones come too."""
    left = tuple(message for message in waiting if message.id in record.messages)
    if not left or record.phase != "gathering":
        return left
    return take_first(waiting[: waiting.index(left[-1]) + 1])


def take_first(waiting: Sequence[Incoming]) -> tuple[Incoming, ...]:
    """Returns the first messages, as many as one turn answers. One that is not answered because its sender
    writes too much has a turn of its own: what is said to it stands beside no answer."""
    over = (at for at, one in enumerate(waiting) if isinstance(one, Message) and one.is_over_limit)
    return tuple(take_fitting(waiting[: min(max(next(over, len(waiting)), 1), MAX_CLAIMED_MESSAGES)]))
