"""Rules of the items of briefs and reminders: what of them belongs to a person or a room."""

from __future__ import annotations

from typing import Any

from repartee.ports.personal_data import Footprint
from repartee.stores.dynamodb.item_rules import ItemChange, delete_item
from repartee.stores.dynamodb.items import Item, decode_attribute


def of_subscription(item: Item, footprint: Footprint) -> ItemChange | None:
    """A subscription to briefs, or a reminder: of its person, and of the room in which it is said."""
    if item["person"]["S"] in footprint.people:
        return delete_item(item)
    room = decode_attribute(item["payload"], dict[str, Any], {}).get("address", {}).get("room", "")
    return delete_item(item) if footprint.covers(room) else None


def of_owner(item: Item, footprint: Footprint) -> ItemChange | None:
    """An item that names its person."""
    return delete_item(item) if item["person"]["S"] in footprint.people else None
