"""Where the history of a prompt comes from: the thread, the room, and what is not in the store yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

from repartee.assistants.office.routes import Router
from repartee.domain.message import Exchange, Message, Side, StoredMessage
from repartee.ports import MessageStore, Vector


def list_room_history(
    message: Message, side: Side, limit: int, messages: MessageStore
) -> Sequence[StoredMessage]:
    """Returns what one side said in the room of late, where the message's thread has just begun."""
    return messages.list_newest(message.room, side, limit) if message.thread_is_new else ()


def search_room(
    message: Message,
    side: Side,
    text: str,
    vector: Vector | None,
    router: Router,
    messages: MessageStore,
) -> Sequence[StoredMessage]:
    """Returns what one side said in the room about the text. So many more than a route wants are asked for as
    the history may hold: what stands there is left out of the prompt, and takes no place of what does not."""
    limit = router.max_relevant_limit + router.max_history_limit
    return messages.search(message.room, side, text, vector, limit, asked_at=message.sent)


def merge_history(
    stored: Iterable[Sequence[StoredMessage]], unpersisted_exchanges: Iterable[Exchange]
) -> Sequence[StoredMessage]:
    """Returns what is stored and what is not stored yet, in no order."""
    exchanges = list(unpersisted_exchanges)
    deleted = {id for exchange in exchanges for id in exchange.deleted_ids}
    new = (message for exchange in exchanges for message in exchange.to_stored())
    return [message for message in (*chain.from_iterable(stored), *new) if message.id not in deleted]


def interleave(first: Sequence[StoredMessage], second: Sequence[StoredMessage]) -> Sequence[StoredMessage]:
    """Returns both, each still with its best first."""
    longest = max(len(first), len(second))
    return [message for at in range(longest) for message in (*first[at : at + 1], *second[at : at + 1])]
