"""How many bytes a message or an exchange takes in the inbox, and how it is made to fit there."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

import msgspec

from repartee.domain.message import ContextPart, Exchange, Incoming, Message, StoredMessage
from repartee.domain.truncation import truncate_redactable

COMPRESSION_THRESHOLD_BYTES = 700
"""Bytes from which a value is compressed. DynamoDB counts what is written in steps of 1 KB, of an open item
twice and in a transaction twice again: most exchanges then take one step. Logs shrink to a tenth."""

MAX_EXCHANGE_BYTES = 180 * 1024
"""Bytes of an exchange. An item of DynamoDB has at most 400 KB, and what is open counts twice: in the
table and in its local secondary index. The rest is for keys, the reply's ids and people's feedback.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LSI.html#LSI.StorageConsiderations"""

MAX_CLAIMED_BYTES = 165 * 1024
"""Bytes of all messages that one turn answers, and of one message: 64 K characters of Chinese are fewer. What
an exchange may have more is for the reply, and for what is heard in recordings."""

CUT_TEXT_CHARS = tuple(2**power for power in range(17, 7, -1))
"""Characters to which every longer text is cut, until what holds them fits."""

CUT_MARK = " […] [cut here: too long to be kept whole]"
"""Ends a text that was cut."""

T = TypeVar("T")
M = TypeVar("M", bound=Incoming)


def encode_compact(value: object) -> bytes:
    """Returns the value as JSON; compressed where it is large."""
    written = msgspec.json.encode(value)
    return written if len(written) <= COMPRESSION_THRESHOLD_BYTES else zlib.compress(written)


def take_fitting(messages: Iterable[Incoming], max_bytes: int = MAX_CLAIMED_BYTES) -> Iterator[Incoming]:
    """Yields the first messages that take no more than `max_bytes` together, and always the very first."""
    total = 0
    for message in messages:
        size = len(encode_compact(message))
        if total and total + size > max_bytes:
            return
        total += size
        yield message


def fit_message(message: M) -> M:
    """Returns the message with its longest texts cut, if it takes more than one turn may claim."""
    return _fit(message, _cut_message, MAX_CLAIMED_BYTES)


def fit_exchange(exchange: Exchange) -> Exchange:
    """Returns the exchange with its longest texts cut, if it takes more than its item has room for."""
    return _fit(exchange, _cut_exchange, MAX_EXCHANGE_BYTES)


def fit_stored(message: StoredMessage) -> StoredMessage:
    """Returns one side's words, cut if they take more than an item has room for that counts twice."""
    return _fit(message, _cut_stored, MAX_CLAIMED_BYTES)


def strip_exchange(exchange: Exchange) -> Exchange:
    """Returns the exchange with its shortest texts and nothing that came along, for where it was refused."""
    cut = _cut_exchange(exchange, CUT_TEXT_CHARS[-1])
    bare = {"context": (), "attachments": (), "mentions": ()}
    messages = (
        msgspec.structs.replace(one, **bare) if isinstance(one, Message) else one for one in cut.messages
    )
    return msgspec.structs.replace(cut, messages=tuple(messages))


def _fit(value: T, cut_to: Callable[[T, int], T], max_bytes: int) -> T:
    """Returns the value as it is, or with its texts cut to what fits, or else to the shortest."""
    cut = value
    for max_chars in CUT_TEXT_CHARS:
        if len(encode_compact(cut)) <= max_bytes:
            break
        cut = cut_to(value, max_chars)
    return cut


def _cut_exchange(exchange: Exchange, max_chars: int) -> Exchange:
    messages = tuple(_cut_message(message, max_chars) for message in exchange.messages)
    return msgspec.structs.replace(exchange, messages=messages, reply=_cut_text(exchange.reply, max_chars))


def _cut_message(message: M, max_chars: int) -> M:
    if not isinstance(message, Message):
        return message
    context = tuple(_cut_part(part, max_chars) for part in message.context)
    return msgspec.structs.replace(message, text=_cut_text(message.text, max_chars), context=context)


def _cut_stored(message: StoredMessage, max_chars: int) -> StoredMessage:
    return msgspec.structs.replace(message, text=_cut_text(message.text, max_chars))


def _cut_part(part: ContextPart, max_chars: int) -> ContextPart:
    return msgspec.structs.replace(part, text=_cut_text(part.text, max_chars))


def _cut_text(text: str, max_chars: int) -> str:
    return text if len(text) <= max_chars else truncate_redactable(text, max_chars) + CUT_MARK
