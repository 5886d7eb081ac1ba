"""Which of a person's briefs or reminders an order is about."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

from repartee.briefs.notice import ParsedNotice
from repartee.domain.message import Message

OrderedT = TypeVar("OrderedT")

RHYTHM_NOT_POSSIBLE = (
    "They want it in a rhythm that you do not know. You know: once; every so many days, weeks or months; on "
    "weekdays; on a day of the month, or its first to fourth or last Monday, say; each year. Nothing was "
    "done: say so, and ask which of these they want."
)


def choose_ordered(notice: ParsedNotice, listed: Sequence[OrderedT]) -> Sequence[OrderedT]:
    """Returns those with the numbers that the order names, or the only one where it names none. Empty where
    it is not clear which are meant."""
    if not notice.numbers:
        return listed if len(listed) == 1 else ()
    numbers = dict.fromkeys(notice.numbers)
    if not all(0 < number <= len(listed) for number in numbers):
        return ()
    return [listed[number - 1] for number in numbers]


def make_order_id(message: Message) -> str:
    """Returns the id of what a message orders: the same when the message is answered again by another
    worker, so that it is ordered once."""
    return hashlib.sha256(f"{message.chat}#{message.id}".encode("utf-8", "surrogatepass")).hexdigest()[:32]
