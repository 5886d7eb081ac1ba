"""Rules that say what an erasure changes in an item, and what all of them are made of."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from repartee.ports.personal_data import Footprint
from repartee.stores.dynamodb.items import Item, decode_attribute


class ItemChange(msgspec.Struct, frozen=True):
    """A change of one item. `removed` is what of it belongs to the subject. Unless it is deleted, the
    attributes in `replaced` are written and those in `dropped` removed."""

    removed: Any
    deletes: bool = True
    replaced: Mapping[str, Any] = {}
    dropped: tuple[str, ...] = ()


ItemRule = Callable[[Item, Footprint], ItemChange | None]
"""Returns what an erasure changes in an item. None if nothing in it belongs to the subject."""


def readable_item(item: Item) -> dict[str, Any]:
    """Returns an item as JSON can hold it, with its payload decoded."""
    return {name: _readable_value(value) for name, value in item.items()}


def _readable_value(value: Any) -> Any:
    ((kind, content),) = value.items()
    if kind == "M":
        return readable_item(content)
    if kind == "SS":
        return sorted(content)
    if kind == "B" or (kind == "S" and content[:1] in ("{", "[")):
        try:
            return decode_attribute(value, object, None)
        except (msgspec.DecodeError, ValueError, zlib.error):
            return str(content)
    return content


def delete_item(item: Item) -> ItemChange:
    """Returns the change that deletes the item."""
    return ItemChange(readable_item(item))


def partition_key(item: Item) -> str:
    """Returns the value of the item's partition key."""
    return str(item["pk"]["S"])
