"""Messages as Weaviate's objects."""

from __future__ import annotations

import uuid
from typing import Any

from weaviate.classes.data import DataObject

from repartee.domain.message import Side, StoredMessage
from repartee.ports import Vector
from repartee.stores.search_tokens import split_stored_tokens

OBJECT_ID_NAMESPACE = uuid.UUID("6c0f3d3e-9a3b-4a55-8c35-6a8f1a9e4d10")
"""The name space of our objects' ids: one message has one id, however often it is written."""

MESSAGE_PROPERTIES = ["said", "chat", "room", "sender", "text", "sent", "sender_name"]
OWN_FIELDS = MESSAGE_PROPERTIES[1:-1]

DAY_SECONDS = 24 * 3600


def message_object(message: StoredMessage, vector: Vector | None) -> DataObject[Any, Any]:
    """Returns a message with its vector, and with what it is found by."""
    own = None if vector is None else list(vector)  # the client takes an array for a dictionary of vectors
    properties = message_properties(message) | {"bigrams": stored_tokens(message.text, message.sender_name)}
    return DataObject(uuid=uuid.uuid5(OBJECT_ID_NAMESPACE, message.id), properties=properties, vector=own)


def stored_tokens(text: str, sender_name: str) -> str:
    """Returns the property `bigrams`: all that a message is found by beside its words."""
    return " ".join(split_stored_tokens(text, sender_name))


def message_properties(message: StoredMessage) -> dict[str, Any]:
    """Returns a message's properties, with those that it is filtered by."""
    day = int(message.sent // DAY_SECONDS)
    properties = {field: getattr(message, field) for field in MESSAGE_PROPERTIES[1:]}
    return properties | {
        "said": message.id,
        "day": chat_day_key(message.chat, day),
        "room_day": chat_day_key(message.room, day),
    }


def decode_message(properties: Any, side: Side) -> StoredMessage:
    """Returns an object's properties as what was said. Those that were stored before names were kept have
    none."""
    return StoredMessage(
        id=properties["said"],
        side=side,
        sender_name=properties.get("sender_name") or "",
        **{field: properties[field] for field in OWN_FIELDS},
    )


def chat_day_key(chat: str, day: int) -> str:
    """Returns the value by which what was said in a chat on a day is found."""
    return f"{chat} {day}"
