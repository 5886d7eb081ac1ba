"""The parts of hand-overs, and of a desk's events, that belong to a person: a customer, or a member of the
team."""

from __future__ import annotations

import msgspec

from repartee.domain.desk_event import EventBatch
from repartee.domain.handover import Customer, Handover
from repartee.domain.message import Person
from repartee.ports.personal_data import Footprint
from repartee.stores.dynamodb.item_rules import ItemChange, delete_item, partition_key
from repartee.stores.dynamodb.items import Item, decode_attribute, decode_payload, payload_attributes


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


def of_event_batch(item: Item, footprint: Footprint) -> ItemChange | None:
    """Events that wait for a receiver, or were given up: of the chat, and of its customer. Of a member goes
    that they acted."""
    if footprint.covers(partition_key(item)):
        return delete_item(item)
    batch, people = decode_payload(item, EventBatch), footprint.subject.people
    if any(event.customer in people for event in batch.events):
        return delete_item(item)
    cleaned = tuple(
        msgspec.structs.replace(event, member="") if event.member in people else event
        for event in batch.events
    )
    if cleaned == batch.events:
        return None
    told = {"pk": partition_key(item), "sk": item["sk"]["S"], "events": msgspec.to_builtins(batch.events)}
    kept = payload_attributes(msgspec.structs.replace(batch, events=cleaned))
    return ItemChange(told, deletes=False, replaced={"payload": kept})


def of_event_lane(item: Item, footprint: Footprint) -> ItemChange | None:
    """How far the events of a chat have come: of the chat."""
    chat = item["sk"]["S"].partition("#")[2]
    return delete_item(item) if footprint.covers(chat) else None


def of_ended_endpoint(item: Item, footprint: Footprint) -> ItemChange | None:
    """A receiver that wants no more events: of the workspace or room of its desk, and of no person."""
    number, subject = item["sk"]["S"].partition(" ")[0], footprint.subject
    return delete_item(item) if number in subject.ids and subject.kind != "person" else None
