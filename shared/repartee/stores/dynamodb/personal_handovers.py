"""The parts of hand-overs that belong to a person: a customer, or the member who has the conversation."""

from __future__ import annotations

import msgspec

from repartee.domain.handover import Customer, Handover
from repartee.domain.message import Person
from repartee.ports.personal_data import Footprint
from repartee.stores.dynamodb.item_rules import ItemChange, delete_item, partition_key
from repartee.stores.dynamodb.items import Item, decode_attribute, payload_attributes


def of_control(item: Item, footprint: Footprint) -> ItemChange | None:
    """The commands of a room or chat, and its hand-over: of the member who has it, and of the customer."""
    if footprint.covers(partition_key(item)):
        return delete_item(item)
    found, people = decode_attribute(item.get("handover"), Handover, Handover()), footprint.subject.people
    cleaned = found
    if found.member.id in people:
        cleaned = msgspec.structs.replace(cleaned, member=Person())
    if found.customer.person.id in people:
        cleaned = msgspec.structs.replace(cleaned, customer=Customer(), summary="")
    if cleaned == found:
        return None
    told = {"pk": partition_key(item), "handover": msgspec.to_builtins(found)}
    return ItemChange(told, deletes=False, replaced={"handover": payload_attributes(cleaned)})


def of_team_link(item: Item, footprint: Footprint) -> ItemChange | None:
    """The customer's chat that a thread of the team is about: of that chat, and of the team's room."""
    is_theirs = footprint.covers(item["chat"]["S"]) or footprint.covers(partition_key(item).partition("#")[0])
    return delete_item(item) if is_theirs else None


def of_listed_handover(item: Item, footprint: Footprint) -> ItemChange | None:
    """A conversation that a person has or is to have: of its chat."""
    chat = item["sk"]["S"].partition("#")[2]
    return delete_item(item) if footprint.covers(chat) else None
