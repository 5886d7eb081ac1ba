"""Brings items over in whose keys an earlier version wrote telephone numbers and addresses.

Chats in which something waits, or is being answered, are left to the next run.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from repartee.aws.calls import translate_errors
from repartee.privacy.identifiers import IdentifierHasher
from repartee.stores.dynamodb.codec import decode_exchange, exchange_attributes
from repartee.stores.dynamodb.items import (
    BACKEND_NAME,
    ZLIB_HEADER,
    ConditionFailed,
    Item,
    translate_conditional_errors,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

WHATSAPP_WORKSPACE = re.compile(r"(whatsapp:\d+):", re.ASCII)

Rename = Callable[[str], str]
"""Returns a text with the personal ids in it hashed."""


class RehashedItems(msgspec.Struct, frozen=True):
    """How many items were brought over, and how many wait for the next run. `workspaces` are the ids of
    businesses' numbers."""

    moved: int
    waiting: int
    workspaces: frozenset[str]


def rehash_items(
    client: DynamoDBClient, table: str, identifiers: IdentifierHasher, now: float
) -> RehashedItems:
    """Hashes the personal ids in all keys and payloads. It may be repeated, and broken off."""
    workspaces: set[str] = set()
    busy: set[str] = set()
    for item in _scan(client, table):
        workspaces.update(WHATSAPP_WORKSPACE.findall(item["pk"]["S"]))
        if _is_busy(item, now):
            busy.add(item["pk"]["S"])
    moved = waiting = 0
    for item in _scan(client, table):
        renamed = rename_item(item, lambda text: identifiers.hash_ids_in(text, workspaces))
        if renamed == item:
            continue
        if item["pk"]["S"] in busy:
            waiting += 1
        else:
            moved += _replace_item(client, table, item, renamed)
    return RehashedItems(moved, waiting, frozenset(workspaces))


def _is_busy(item: Item, now: float) -> bool:
    if item["sk"]["S"] == "turn":
        return "messages" in item or float(item.get("until", {"N": "0"})["N"]) > now
    return "open" in item


def rename_item(item: Item, rename: Rename) -> Item:
    """Returns the item with the ids in its keys, names and values renamed; an exchange loses addresses."""
    renamed = {rename(name): _rename_value(value, rename) for name, value in item.items()}
    if renamed != item and item["sk"]["S"].startswith("exchange#"):
        exchange = decode_exchange(renamed)
        messages = tuple(one.without_address() for one in exchange.messages)
        renamed |= exchange_attributes(msgspec.structs.replace(exchange, messages=messages))
    return renamed


def _rename_value(value: Any, rename: Rename) -> Any:
    ((kind, content),) = value.items()
    if kind == "S":
        return {kind: rename(content)}
    if kind == "SS":
        return {kind: [rename(one) for one in content]}
    if kind == "M":
        return {kind: {rename(name): _rename_value(one, rename) for name, one in content.items()}}
    if kind == "B" and bytes(content)[:1] == ZLIB_HEADER:
        return {kind: _rename_compressed(bytes(content), rename)}
    return value


def _rename_compressed(content: bytes, rename: Rename) -> bytes:
    try:
        text = zlib.decompress(content).decode()
    except (zlib.error, UnicodeDecodeError):
        return content  # vectors, which happen to begin as compressed data do
    renamed = rename(text)
    return content if renamed == text else zlib.compress(renamed.encode())


def _replace_item(client: DynamoDBClient, table: str, item: Item, renamed: Item) -> bool:
    """Writes the item under its new key and deletes the earlier one. What this version has written there by
    now stands, and is completed by the earlier item's attributes."""
    old_key, new_key = ({"pk": one["pk"], "sk": one["sk"]} for one in (item, renamed))
    if old_key == new_key:
        return _rewrite_item(client, table, item, renamed)
    if item["sk"]["S"] != "turn":  # a fence alone, which the new chat has its own of
        rest = [name for name in renamed if name not in ("pk", "sk")]
        with translate_errors(BACKEND_NAME):
            client.update_item(
                TableName=table,
                Key=new_key,
                UpdateExpression="SET "
                + ", ".join(f"#{n} = if_not_exists(#{n}, :{n})" for n in range(len(rest))),
                ExpressionAttributeNames={f"#{n}": name for n, name in enumerate(rest)},
                ExpressionAttributeValues={f":{n}": renamed[name] for n, name in enumerate(rest)},
            )
    with translate_errors(BACKEND_NAME):
        client.delete_item(TableName=table, Key=old_key)
    return True


def _rewrite_item(client: DynamoDBClient, table: str, item: Item, renamed: Item) -> bool:
    """Rewrites an item whose key stays, unless it has changed since it was read."""
    given: dict[str, Any] = {"ConditionExpression": "attribute_exists(pk)"}
    if "payload" in item:
        given = {
            "ConditionExpression": "payload = :earlier",
            "ExpressionAttributeValues": {":earlier": item["payload"]},
        }
    try:
        with translate_conditional_errors():
            client.put_item(TableName=table, Item=dict(renamed), **given)
    except ConditionFailed:
        return False
    return True


def _scan(client: DynamoDBClient, table: str) -> Iterator[Item]:
    pages = client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    with translate_errors(BACKEND_NAME):
        for page in pages:
            yield from page["Items"]
