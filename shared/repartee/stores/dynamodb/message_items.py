"""How one side's words are written as items of the messages table.

    pk                  sk                        what
    room                message#<hash>            a message; `newest`, and with a vector `signed`, are its
                                                  times in the two local indexes
    chat                message#<hash>            the same, where the chat is not the room; without a vector
    words#<side>#<room> <token>#<time>#<hash>     a message that has the word or token with that hash
    room                meeting#<name>#…          a message of a meeting
    room                filed#<hash>#<sk>         in which meetings a message is
    rooms#<workspace>   <room>                    that something was said in the room

Keys hold no text: words are hashed with their room, and ids of messages too.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from typing import Any

from repartee.domain.message import Side, StoredMessage, workspace_of
from repartee.domain.stored_size import fit_stored
from repartee.ports import Vector
from repartee.stores.dynamodb.items import (
    Item,
    decode_payload,
    number_attribute,
    payload_attributes,
    primary_key,
    sortable_time,
    text_attribute,
)
from repartee.stores.dynamodb.message_words import TOKEN_HASH_BYTES, hash_token, weigh_tokens
from repartee.stores.dynamodb.vector_codes import encode_signs, encode_vector
from repartee.stores.dynamodb.wire import WireStoredMessage

MESSAGE_SK_PREFIX = "message#"
MEETING_SK_PREFIX = "meeting#"
FILED_SK_PREFIX = "filed#"
NEWEST_INDEX_NAME = "newest"
SIGNS_INDEX_NAME = "signed"
ID_HASH_BYTES = 16


def hash_id(id: str) -> str:
    """Returns a message's id as it stands in keys: short, and the same for the same id."""
    return encode_key(hashlib.blake2b(id.encode(), digest_size=ID_HASH_BYTES).digest())


def encode_key(raw: bytes) -> str:
    """Returns the bytes as text for a key."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def message_key(scope: str, id: str) -> dict[str, Any]:
    """Returns the key of the message in its room or chat."""
    return primary_key(scope, f"{MESSAGE_SK_PREFIX}{hash_id(id)}")


def words_pk(room: str, side: Side) -> str:
    """Returns the partition of the words that one side used in a room."""
    return f"words#{side}#{room}"


def rooms_pk(scope: str) -> str:
    """Returns the partition of the rooms in the workspace of a room or chat."""
    return f"rooms#{workspace_of(scope)}"


def side_time(message: StoredMessage) -> str:
    """Returns the message's side and time, which sort as times do within a side."""
    return f"{message.side}#{sortable_time(max(0.0, message.sent))}"


def room_item(message: StoredMessage, vector: Vector | None) -> Item:
    """Returns the message's item in its room, with all that it is found by."""
    item = chat_item(message, message.room)
    if tokens := weigh_tokens(message.text, message.sender_name):
        item["tokens"] = {"B": b"".join(hash_token(message.room, token) for token in tokens)}
    if vector is not None:
        item["vector"], item["signs"] = {"B": encode_vector(vector)}, {"B": encode_signs(vector)}
        item[SIGNS_INDEX_NAME] = text_attribute(side_time(message))
    return item


def chat_item(message: StoredMessage, scope: str) -> dict[str, Any]:
    """Returns the message's item in its chat, from which it is read as history."""
    time = text_attribute(side_time(message))
    return {**message_key(scope, message.id), NEWEST_INDEX_NAME: time, **encode_stored(message)}


def word_items(message: StoredMessage) -> list[Item]:
    """Returns an item for each word and token of the message, with its weight in the ranking."""
    return [
        _word_key(message, hash_token(message.room, token)) | {"weight": number_attribute(weight)}
        for token, weight in weigh_tokens(message.text, message.sender_name).items()
    ]


def word_keys(item: Item) -> list[Item]:
    """Returns the keys of the words' items of a message, from its item in its room."""
    message, hashes = decode_stored(item), bytes(item["tokens"]["B"]) if "tokens" in item else b""
    return [
        _word_key(message, hashes[at : at + TOKEN_HASH_BYTES])
        for at in range(0, len(hashes), TOKEN_HASH_BYTES)
    ]


def _word_key(message: StoredMessage, token_hash: bytes) -> dict[str, Any]:
    time = sortable_time(max(0.0, message.sent))
    return primary_key(
        words_pk(message.room, message.side), f"{encode_key(token_hash)}#{time}#{hash_id(message.id)}"
    )


def meeting_items(meeting: str, message: StoredMessage) -> Sequence[Item]:
    """Returns the message's items in a meeting, the one by which it is deleted first."""
    time, hashed = sortable_time(max(0.0, message.sent)), hash_id(message.id)
    sk = f"{meeting_prefix(meeting)}{time}#{hashed}"
    filed = primary_key(message.room, f"{FILED_SK_PREFIX}{hashed}#{sk}")
    return filed, {**primary_key(message.room, sk), **encode_stored(message)}


def meeting_prefix(meeting: str) -> str:
    """Returns how the keys of a meeting's messages begin."""
    return f"{MEETING_SK_PREFIX}{hash_id(meeting)}#"


def meeting_keys(room: str, filed: Sequence[Item]) -> list[Item]:
    """Returns the keys of both items of what is filed, from the items that say where it is."""
    filed_sks = [item["sk"]["S"] for item in filed]
    return [
        primary_key(room, sk)
        for filed_sk in filed_sks
        for sk in (f"{MEETING_SK_PREFIX}{filed_sk.partition(f'#{MEETING_SK_PREFIX}')[2]}", filed_sk)
    ]


def encode_stored(message: StoredMessage) -> dict[str, Any]:
    """Returns a message as the attributes of an item, cut if it is too long for one."""
    fitted = fit_stored(message)
    wire = WireStoredMessage(
        id=fitted.id,
        side=fitted.side,
        chat=fitted.chat,
        room=fitted.room,
        sender=fitted.sender,
        text=fitted.text,
        sent=fitted.sent,
        name=fitted.sender_name,
    )
    return {"payload": payload_attributes(wire)}


def decode_stored(item: Item) -> StoredMessage:
    """Returns the message of an item."""
    wire = decode_payload(item, WireStoredMessage)
    return StoredMessage(
        id=wire.id,
        side=wire.side,
        chat=wire.chat,
        room=wire.room,
        sender=wire.sender,
        text=wire.text,
        sent=wire.sent,
        sender_name=wire.name,
    )
