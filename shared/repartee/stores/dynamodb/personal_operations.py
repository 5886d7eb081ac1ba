"""Rules of erasure for the console's data: sums of turns, and the acts of operators."""

from __future__ import annotations

import msgspec

from repartee.ports.operations import (
    AuditEntry,
    OperatorNote,
    OperatorSession,
    is_operator_person,
    operator_person,
)
from repartee.ports.operator_jobs import OperatorJob
from repartee.ports.personal_data import Footprint
from repartee.stores.dynamodb.item_rules import ItemChange, delete_item, partition_key
from repartee.stores.dynamodb.items import Item, decode_payload, payload_attributes

ROLLUP_PREFIX, AUDIT_PREFIX, SESSION_PREFIX = "rollup#", "audit#", "operator#"

FORGOTTEN_TARGET = "(forgotten)"
"""Stands in the audit log for a person or chat that was forgotten: the act and its time stay."""


def of_turn_record(item: Item, footprint: Footprint) -> ItemChange | None:
    """How long a turn took and what it cost: of no person, and of its chat."""
    return delete_item(item) if footprint.covers(item.get("chat", {"S": ""})["S"]) else None


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
    """The act of an operator. It stays, without the chat or the person that it was done to, and without the
    operator who is forgotten."""
    entry = told = decode_payload(item, AuditEntry)
    if entry.target in footprint.people or footprint.covers(entry.target):
        told = msgspec.structs.replace(told, target=FORGOTTEN_TARGET, detail="")
    if operator_person(entry.operator) in footprint.people:
        told = msgspec.structs.replace(told, operator=FORGOTTEN_TARGET)
    if told == entry:
        return None
    return ItemChange(
        msgspec.to_builtins(entry), deletes=False, replaced={"payload": payload_attributes(told)}
    )


def of_operator_session(item: Item, footprint: Footprint) -> ItemChange | None:
    """A session of an operator, who is signed out by its end. The token's hash is not handed out."""
    session = decode_payload(item, OperatorSession)
    if operator_person(session.operator) not in footprint.people:
        return None
    told = {name: value for name, value in msgspec.to_builtins(session).items() if name != "id"}
    return ItemChange(told, deletes=True)


def of_operator_job(item: Item, footprint: Footprint) -> ItemChange | None:
    """A job that an operator has started. It stays for its day, without the person whose data it was about
    and what was found of them, and without the operator who is forgotten."""
    job = told = decode_payload(item, OperatorJob)
    if job.person in footprint.people:
        told = msgspec.structs.replace(told, person="", file="", lines=())
    if operator_person(job.operator) in footprint.people:
        told = msgspec.structs.replace(told, operator=FORGOTTEN_TARGET)
    if told == job:
        return None
    return ItemChange(msgspec.to_builtins(job), deletes=False, replaced={"payload": payload_attributes(told)})


def of_note(item: Item, footprint: Footprint) -> ItemChange | None:
    """An operator's note about a conversation: it may say anything of those who take part in it. Of an
    operator who is forgotten goes the name, also where they took the conversation over."""
    chat = partition_key(item)
    is_operator = any(map(is_operator_person, footprint.people))
    if footprint.covers(chat) or (chat in footprint.chats and not is_operator):
        return delete_item(item)
    note = decode_payload(item, OperatorNote)
    if not note.author_id or operator_person(note.author_id) not in footprint.people:
        return None
    told = msgspec.structs.replace(note, author=FORGOTTEN_TARGET, author_id="")
    return ItemChange(
        msgspec.to_builtins(note), deletes=False, replaced={"payload": payload_attributes(told)}
    )
