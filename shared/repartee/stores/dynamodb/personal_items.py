"""Declares every kind of item in the table, and what of it belongs to a person, a room or a workspace.

A new kind of item is one line in `ITEM_KINDS`. A test holds that every sort key of this package is there, and
`DynamoPersonalData` refuses a table with an item of another kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from repartee.domain.message import StoredMessage
from repartee.domain.names import platform_id
from repartee.ports import EarlierImage
from repartee.ports.personal_data import Footprint
from repartee.stores.dynamodb.chat_state import decode_names
from repartee.stores.dynamodb.desk import DESKS_KEY
from repartee.stores.dynamodb.item_rules import (
    ItemChange,
    ItemRule,
    delete_item,
    partition_key,
    readable_item,
)
from repartee.stores.dynamodb.items import Item, decode_attribute, decode_payload, payload_attributes
from repartee.stores.dynamodb.operator_jobs import JOBS_KEY
from repartee.stores.dynamodb.outbox_items import ENDED_KEY, LANES_PREFIX
from repartee.stores.dynamodb.personal_briefs import of_owner, of_subscription
from repartee.stores.dynamodb.personal_exchanges import of_exchange, of_message
from repartee.stores.dynamodb.personal_handovers import (
    of_control,
    of_ended_endpoint,
    of_event_batch,
    of_event_lane,
    of_listed_handover,
    of_team_link,
)
from repartee.stores.dynamodb.personal_operations import (
    AUDIT_PREFIX,
    ROLLUP_PREFIX,
    SESSION_PREFIX,
    of_audit_entry,
    of_chat_activity,
    of_note,
    of_operator_job,
    of_operator_session,
    of_rollup,
    of_turn_record,
)

EVENTS_PREFIX = "events#"
TURN_RECORDS_PREFIX = "turns#"
HISTORY_PREFIX = "said:"


def of_scope(item: Item, footprint: Footprint) -> ItemChange | None:
    """The item of a room or chat."""
    return delete_item(item) if footprint.covers(partition_key(item)) else None


def of_person(item: Item, footprint: Footprint) -> ItemChange | None:
    """The item of a person."""
    return delete_item(item) if partition_key(item) in footprint.people else None


def of_rate(item: Item, footprint: Footprint) -> ItemChange | None:
    """A counter or a slot of a person or a room; others are called `<person>#<what it counts>`."""
    owner = partition_key(item).partition("#")[0]
    return delete_item(item) if owner in footprint.people else of_scope_or_person(item, footprint)


def of_account(item: Item, footprint: Footprint) -> ItemChange | None:
    """A linked account. Its key is a secret, and is not handed out."""
    if partition_key(item) not in footprint.people:
        return None
    return ItemChange(readable_item({name: value for name, value in item.items() if name != "key"}))


def of_scope_or_person(item: Item, footprint: Footprint) -> ItemChange | None:
    """An item that rooms, workspaces and people have."""
    return of_scope(item, footprint) or of_person(item, footprint) or of_workspace(item, footprint)


def of_workspace(item: Item, footprint: Footprint) -> ItemChange | None:
    """An item of a workspace as a whole, or of one of its shards."""
    subject, owner = footprint.subject, partition_key(item).partition("#")[0]
    return delete_item(item) if subject.kind == "workspace" and owner in subject.ids else None


def of_summary(item: Item, footprint: Footprint) -> ItemChange | None:
    """A summary holds the words of everybody who took part. It is written anew as the chat goes on."""
    return delete_item(item) if partition_key(item) in footprint.chats else of_scope(item, footprint)


def of_names(item: Item, footprint: Footprint) -> ItemChange | None:
    """The names of a room's people: the person's own."""
    if footprint.covers(partition_key(item)):
        return delete_item(item)
    names, own = decode_names(item), {platform_id(person) for person in footprint.subject.people}
    removed = {id: name for id, name in names.items() if id in own}
    if not removed:
        return None
    kept = {id: name for id, name in names.items() if id not in own}
    told = {"pk": partition_key(item), "names": msgspec.to_builtins(removed)}
    return ItemChange(told, deletes=False, replaced={"payload": payload_attributes(kept)})


def of_conversation(item: Item, footprint: Footprint) -> ItemChange | None:
    """The coach's newest exchanges in a chat: those in which the person spoke."""
    if footprint.covers(partition_key(item)):
        return delete_item(item)
    own = tuple(
        name
        for name in item
        if name.startswith(HISTORY_PREFIX)
        and any(
            one.sender in footprint.subject.people
            for one in decode_attribute(item[name], tuple[StoredMessage, ...], ())
        )
    )
    if not own:
        return None
    removed = readable_item({name: item[name] for name in ("pk", *own)})
    return ItemChange(removed, deletes=False, dropped=own)


def of_image(item: Item, footprint: Footprint) -> ItemChange | None:
    """A picture that was shown in a room: it is of its sender."""
    if footprint.covers(partition_key(item)):
        return delete_item(item)
    image = decode_payload(item, EarlierImage)
    return delete_item(item) if f"{image.chat}#{image.message_id}" in footprint.message_ids else None


def of_recording(item: Item, footprint: Footprint) -> ItemChange | None:
    """A recording holds, redacted, the words of everybody who took part: it goes with each of them, and with
    a chat in which they took part."""
    people = set(item.get("people", {}).get("SS", ()))
    if people & (footprint.people | footprint.subject.people) or (
        item.get("chat", {}).get("S") in footprint.chats
    ):
        return delete_item(item)
    return of_scope(item, footprint)


def of_proposal(item: Item, footprint: Footprint) -> ItemChange | None:
    """A proposal is of the person who may decide on it, and of its chat."""
    chat = decode_attribute(item["payload"], dict[str, Any], {}).get("chat", "")
    owned = item["person"]["S"] in footprint.people or footprint.covers(chat)
    return delete_item(item) if owned else None


def of_events(item: Item, footprint: Footprint) -> ItemChange | None:
    """The events of a reply on the web, or of a conversation, which has the words of all who wrote there."""
    log = partition_key(item).removeprefix(EVENTS_PREFIX)
    chat, _, message_id = log.rpartition("#")
    took_part = log in footprint.message_ids if message_id else chat in footprint.chats
    return delete_item(item) if took_part or footprint.covers(chat) else None


def of_desk(item: Item, footprint: Footprint) -> ItemChange | None:
    """The configuration of a service desk: of the workspace or room that it is for, and of no person."""
    number = item["sk"]["S"]
    is_theirs = number in footprint.subject.ids and footprint.subject.kind != "person"
    return delete_item(item) if is_theirs else None


def of_nobody(item: Item, footprint: Footprint) -> ItemChange | None:
    """Holds nothing that a person said or is."""
    return None


ITEM_KINDS: Mapping[str, ItemRule] = {
    "message#": of_message,
    "exchange#": of_exchange,
    "turn": of_scope,
    "control": of_control,
    "serves": of_team_link,
    "handover#": of_listed_handover,
    "outbox#": of_event_batch,
    "dead-event#": of_event_batch,
    "note#": of_note,
    "answers": of_scope,
    "meeting": of_scope,
    "moved": of_scope,
    "names": of_names,
    "summary": of_summary,
    "conversation": of_conversation,
    "picture#": of_image,
    "spent#": of_scope_or_person,
    "rate#": of_rate,
    "stream#": of_rate,
    "coach": of_workspace,
    "crowd": of_workspace,
    "profile": of_person,
    "profile#": of_person,
    "account": of_account,
    "course": of_person,
    "workout#": of_person,
    "proposal": of_proposal,
    "proposed#": of_person,
    "recording#": of_recording,
    "repetition#": of_recording,
    "recorded#": of_scope,
    "subscription#": of_subscription,
    "reminder#": of_subscription,
    "briefjob#": of_person,
    "briefrun#": of_person,
    "brieflinks": of_owner,
    "noticeorder#": of_person,
    "engagement": of_person,
    "email": of_person,
    "emailrun#": of_person,
    "briefcursor": of_nobody,
    "chat#": of_chat_activity,
    "watermark": of_nobody,
    "vectors": of_nobody,
    "session": of_nobody,  # an operator's, for hours
}
"""By sort key, or by its beginning up to `#`. Items whose sort keys are ids or times are told by their
partition key, in `PARTITION_KINDS`. The shared breaker's failures are attributes of `crowd`."""

PARTITION_KINDS: Mapping[str, ItemRule] = {
    EVENTS_PREFIX: of_events,
    TURN_RECORDS_PREFIX: of_turn_record,
    DESKS_KEY: of_desk,
    LANES_PREFIX: of_event_lane,
    ENDED_KEY: of_ended_endpoint,
    ROLLUP_PREFIX: of_rollup,
    AUDIT_PREFIX: of_audit_entry,
    SESSION_PREFIX: of_operator_session,
    JOBS_KEY: of_operator_job,
}
"""By the beginning of the partition key."""

MESSAGES_TABLE_KINDS = frozenset({"message#", "meeting#", "filed#", "words#", "rooms#"})
"""Beginnings of keys in the table of messages, which goes through the messages store that it belongs to."""


def find_rule(item: Item) -> ItemRule | None:
    """Returns the rule of an item's kind. None for a kind that is not declared."""
    for prefix, rule in PARTITION_KINDS.items():
        if partition_key(item).startswith(prefix):
            return rule
    name, mark, _ = item["sk"]["S"].partition("#")
    return ITEM_KINDS.get(name + mark)
