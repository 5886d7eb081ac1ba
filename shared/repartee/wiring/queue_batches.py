"""Takes a batch of messages from a queue, as Lambda hands it over, and says which must come again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from repartee.wiring.container import Wiring
from repartee.wiring.process import clock, logger

MessageT = TypeVar("MessageT")

TakeMessages = Callable[[Mapping[str, MessageT], float], Iterable[str]]
"""Takes messages by their ids until a time (epoch seconds), and returns the ids of those that must come
again."""


def end_of_invocation(wiring: Wiring, context: Any) -> float:
    """Returns when Lambda ends this invocation (epoch seconds)."""
    left: float = context.get_remaining_time_in_millis() / 1000
    return wiring.get(clock)() + left


def take_records(
    wiring: Wiring,
    records: Sequence[Mapping[str, Any]],
    kind: type[MessageT],
    until: float,
    take: TakeMessages[MessageT],
) -> dict[str, Any]:
    """Has the messages taken, and returns Lambda's answer about partial failures. One that cannot be read
    keeps no other from being taken; it comes again, and is a dead letter in the end."""
    read: dict[str, MessageT] = {}
    failed: list[str] = []
    for record in records:
        try:
            read[record["messageId"]] = msgspec.json.decode(record["body"], type=kind)
        except (msgspec.DecodeError, msgspec.ValidationError):
            wiring.get(logger).error("queue_message_unreadable", message_id=record["messageId"])
            failed.append(record["messageId"])
    if read:
        failed += take(read, until)
    return answer_failures(failed)


def answer_failures(failed: Iterable[str]) -> dict[str, Any]:
    """Returns Lambda's answer that these messages must come again."""
    return {"batchItemFailures": [{"itemIdentifier": id} for id in failed]}
