"""Rules of the items of the inbox: what of a message and of an exchange belongs to a person or a chat."""

from __future__ import annotations

from typing import Any

import msgspec

from repartee.domain.message import Exchange, Message
from repartee.ports.personal_data import Footprint
from repartee.stores.dynamodb.codec import (
    decode_exchange,
    decode_message,
    exchange_attributes,
    message_attributes,
)
from repartee.stores.dynamodb.item_rules import ItemChange, delete_item, partition_key, readable_item
from repartee.stores.dynamodb.items import Item

FEEDBACK_PREFIX = "feedback:"
RATERS_ATTRIBUTE = "raters"


def of_message(item: Item, footprint: Footprint) -> ItemChange | None:
    """A message: the person's own goes; of another one's, what it quotes of the person."""
    if footprint.covers(partition_key(item)):
        return delete_item(item)
    if "payload" not in item:
        return None
    message, people = decode_message(item), footprint.subject.people
    if message.sender in people:
        return delete_item(item)
    cleaned = _without_person(message, people) if isinstance(message, Message) else message
    if cleaned == message:
        return None
    removed = readable_item({name: item[name] for name in ("pk", "sk", "payload")})
    return ItemChange(removed, deletes=False, replaced=message_attributes(cleaned))


def _without_person(message: Message, people: frozenset[str]) -> Message:
    return msgspec.structs.replace(
        message,
        context=tuple(part for part in message.context if part.author.id not in people),
        mentions=tuple(person for person in message.mentions if person.id not in people),
    )


def of_exchange(item: Item, footprint: Footprint) -> ItemChange | None:
    """Both sides of a turn: the person's messages, the answer to them, and their feedback."""
    if footprint.covers(partition_key(item)):
        return delete_item(item)
    people, exchange = footprint.subject.people, decode_exchange(item)
    cleaned = _clean_exchange(exchange, people)
    if not cleaned.messages:
        return delete_item(item)
    feedback = tuple(name for name in item if name.removeprefix(FEEDBACK_PREFIX) in people)
    if cleaned == exchange and not feedback:
        return None
    replaced = exchange_attributes(cleaned) if cleaned != exchange else {}
    others, own = _split_raters(item, people)
    replaced |= {RATERS_ATTRIBUTE: {"SS": others}} if own and others else {}
    dropped = (*feedback, RATERS_ATTRIBUTE) if own and not others else feedback
    return ItemChange(_removed_from_exchange(item, exchange, people), False, replaced, dropped)


def _split_raters(item: Item, people: frozenset[str]) -> tuple[list[str], list[str]]:
    """Returns who gave feedback on the reply: others, and the subject."""
    raters = item.get(RATERS_ATTRIBUTE, {"SS": []})["SS"]
    return [one for one in raters if one not in people], [one for one in raters if one in people]


def _clean_exchange(exchange: Exchange, people: frozenset[str]) -> Exchange:
    others = tuple(one for one in exchange.messages if one.sender not in people)
    return msgspec.structs.replace(
        exchange,
        messages=tuple(_without_person(one, people) if isinstance(one, Message) else one for one in others),
        reply=exchange.reply if len(others) == len(exchange.messages) else "",
    )


def _removed_from_exchange(item: Item, exchange: Exchange, people: frozenset[str]) -> Any:
    own = [one for one in exchange.messages if one.sender in people]
    return {
        "pk": exchange.chat,
        "sk": item["sk"]["S"],
        "messages": msgspec.to_builtins(own),
        "reply": exchange.reply if own else "",
        "feedback": readable_item(
            {name: item[name] for name in item if name.removeprefix(FEEDBACK_PREFIX) in people}
        ),
    }
