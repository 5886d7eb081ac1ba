"""Rules of erasure for the console's data: sums of turns, and the acts of operators."""

from __future__ import annotations

import msgspec

from repartee.ports.operations import AuditEntry
from repartee.ports.personal_data import Footprint
from repartee.stores.dynamodb.item_rules import ItemChange, delete_item, partition_key
from repartee.stores.dynamodb.items import Item, decode_payload, payload_attributes

ROLLUP_PREFIX, AUDIT_PREFIX, SESSION_PREFIX = "rollup#", "audit#", "operator#"

FORGOTTEN_TARGET = "(forgotten)"
"""Stands in the audit log for a person or chat that was forgotten: the act and its time stay."""


def of_chat_activity(item: Item, footprint: Footprint) -> ItemChange | None:
    """The number of turns that a chat had in an hour: of no person, and of its chat."""
    return delete_item(item) if footprint.covers(item["sk"]["S"].removeprefix("chat#")) else None


def of_rollup(item: Item, footprint: Footprint) -> ItemChange | None:
    """Sums of a day. Those of one workspace belong to it, all others to nobody."""
    kind, _, rest = item["sk"]["S"].partition("#")
    workspace = rest.partition("#")[2]
    subject = footprint.subject
    is_theirs = kind == "workspace" and subject.kind == "workspace" and workspace in subject.ids
    return delete_item(item) if is_theirs else None


def of_audit_entry(item: Item, footprint: Footprint) -> ItemChange | None:
    """The act of an operator. It stays, without the chat or the person that it was done to."""
    entry = decode_payload(item, AuditEntry)
    if not (entry.target in footprint.people or footprint.covers(entry.target)):
        return None
    told = msgspec.structs.replace(entry, target=FORGOTTEN_TARGET, detail="")
    return ItemChange(
        msgspec.to_builtins(entry), deletes=False, replaced={"payload": payload_attributes(told)}
    )


def of_note(item: Item, footprint: Footprint) -> ItemChange | None:
    """An operator's note about a conversation: it may say anything of those who take part in it."""
    chat = partition_key(item)
    return delete_item(item) if footprint.covers(chat) or chat in footprint.chats else None
