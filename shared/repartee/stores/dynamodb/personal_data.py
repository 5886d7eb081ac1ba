"""Finds what the table holds of a person, a room or a workspace by one scan; hands it out, and erases it.

There is no index by person: a turn never asks for one, and it would hold people's ids once more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from repartee.aws.calls import translate_errors
from repartee.domain.message import Exchange, Incoming, Message, TeamAction, workspace_of
from repartee.errors import InvalidArgument
from repartee.ports import EarlierImage
from repartee.ports.personal_data import Footprint, PersonalRecord, Subject
from repartee.stores.dynamodb.codec import MESSAGE_KEY_PREFIX, decode_exchange, decode_message
from repartee.stores.dynamodb.item_rules import ItemChange
from repartee.stores.dynamodb.items import (
    BACKEND_NAME,
    ConditionFailed,
    Item,
    decode_payload,
    translate_conditional_errors,
)
from repartee.stores.dynamodb.personal_items import find_rule

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PERSON_KEYS = ("profile", "account", "course", "engagement", "email")
"""Sort keys of items whose partition key is a person."""

PERSON_KEY_PREFIXES = ("workout#", "profile#", "stream#", "briefjob#", "briefrun#", "emailrun#", "proposed#")

MAX_REWRITE_TRIES = 5
"""Tries to change an item that others change meanwhile."""


class DynamoPersonalData:
    """`ports.PersonalDataStore` on the table of inbox and records, and on others with items like its."""

    def __init__(self, client: DynamoDBClient, *tables: str) -> None:
        self._client, self._tables = client, tables

    def trace(self, subject: Subject) -> Footprint:
        """Returns what the other stores have to know of the subject. To be asked before anything is erased,
        and the table is erased last: so one that was broken off is traced again."""
        return _FootprintTrace(subject).read(item for _, item in self._scan())

    def export(self, footprint: Footprint) -> Iterator[PersonalRecord]:
        for _, item, change in self._changes(footprint):
            kind = item["sk"]["S"].partition("#")[0]
            yield PersonalRecord(kind, f"{item['pk']['S']} {item['sk']['S']}", change.removed)

    def forget(self, footprint: Footprint) -> int:
        return sum(self._apply(*found, footprint) for found in self._changes(footprint))

    def _changes(self, footprint: Footprint) -> Iterator[tuple[str, Item, ItemChange]]:
        for table, item in self._scan():
            rule = find_rule(item)
            if rule is None:
                raise InvalidArgument(
                    BACKEND_NAME, f"items of the kind {item['sk']['S'][:20]!r} are not declared in ITEM_KINDS"
                )
            if change := rule(item, footprint):
                yield table, item, change

    def _apply(self, table: str, item: Item, change: ItemChange, footprint: Footprint) -> bool:
        """Changes the item. One that was changed since is read and judged again."""
        key = {"pk": item["pk"], "sk": item["sk"]}
        for _ in range(MAX_REWRITE_TRIES):
            try:
                with translate_conditional_errors():
                    if change.deletes:
                        self._client.delete_item(TableName=table, Key=key)
                    else:
                        self._client.update_item(TableName=table, Key=key, **_update(item, change))
            except ConditionFailed:
                with translate_errors(BACKEND_NAME):
                    found = self._client.get_item(TableName=table, Key=key, ConsistentRead=True)
                item = found.get("Item", {})
                rule = find_rule(item) if item else None
                again = rule(item, footprint) if rule else None
                if again is None:
                    return True
                change = again
            else:
                return True
        raise InvalidArgument(BACKEND_NAME, "an item kept changing: run it again")

    def _scan(self) -> Iterator[tuple[str, Item]]:
        for table in self._tables:
            pages = self._client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
            with translate_errors(BACKEND_NAME):
                for page in pages:
                    yield from ((table, item) for item in page["Items"])


def _update(item: Item, change: ItemChange) -> dict[str, Any]:
    """Returns the arguments of the write, which fails if the payload is another by now."""
    names = {f"#{n}": name for n, name in enumerate((*change.replaced, *change.dropped))}
    places = {name: place for place, name in names.items()}
    values = {f":{n}": value for n, value in enumerate(change.replaced.values())}
    sets = ", ".join(f"{places[name]} = :{n}" for n, name in enumerate(change.replaced))
    drops = ", ".join(places[name] for name in change.dropped)
    parts = [f"{verb} {what}" for verb, what in (("SET", sets), ("REMOVE", drops)) if what]
    condition = "attribute_exists(pk)"
    if change.replaced and "payload" in item:
        condition, values = "payload = :earlier", values | {":earlier": item["payload"]}
    given = {"ExpressionAttributeValues": values} if values else {}
    return {
        "UpdateExpression": " ".join(parts),
        "ConditionExpression": condition,
        "ExpressionAttributeNames": names,
        **given,
    }


class _FootprintTrace:
    """Collects a footprint while the table is read."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._spoken: dict[str, set[str]] = {}  # people who spoke, by chat
        self._rooms: dict[str, set[str]] = {}  # people who spoke, by room
        self._people: set[str] = set()
        self._messages: list[tuple[str, str, str, tuple[str, ...]]] = []
        self._images: list[EarlierImage] = []
        self._replies: dict[str, set[str]] = {}

    def read(self, items: Iterable[Item]) -> Footprint:
        for item in items:
            self._note(item)
        return self._footprint()

    def _note(self, item: Item) -> None:
        sk = item["sk"]["S"]
        if sk.startswith(MESSAGE_KEY_PREFIX) and "payload" in item:
            self._note_message(decode_message(item))
        elif sk.startswith("exchange#"):
            self._note_exchange(decode_exchange(item))
        elif sk.startswith("picture#"):
            self._images.append(decode_payload(item, EarlierImage))
        elif sk in PERSON_KEYS or sk.startswith(PERSON_KEY_PREFIXES):
            self._people.add(item["pk"]["S"])

    def _note_exchange(self, exchange: Exchange) -> None:
        for message in exchange.messages:
            self._note_message(message)
        senders = {message.sender for message in exchange.messages}
        self._replies[f"{exchange.chat}#{exchange.turn}"] = senders

    def _note_message(self, message: Incoming) -> None:
        if message.sender:
            self._people.add(message.sender)
            self._spoken.setdefault(message.chat, set()).add(message.sender)
        if not isinstance(message, TeamAction):  # a member of the team is not in the customer's room
            self._rooms.setdefault(message.room, set()).add(message.sender)
        attached = message.attachments if isinstance(message, Message) else ()
        keys = tuple(one.download_ref["key"] for one in attached if "key" in one.download_ref)
        self._messages.append((message.stored_id, message.chat, message.sender, keys))

    def _footprint(self) -> Footprint:
        subject = self._subject
        found = Footprint(subject=subject, rooms=frozenset(self._direct_rooms()))
        owned = [
            message for message in self._messages if found.covers(message[1]) or message[2] in subject.people
        ]
        ids = frozenset(message[0] for message in owned)
        own_keys, other_keys = self._media_keys(found, ids)
        answered = {id for id, senders in self._replies.items() if senders & subject.people}
        return msgspec.structs.replace(
            found,
            chats=frozenset(chat for chat, who in self._spoken.items() if who & subject.people),
            people=subject.people or self._people_of_workspace(found),
            reply_ids=frozenset(answered),
            other_reply_ids=frozenset(self._replies.keys() - answered),
            message_ids=ids,
            media_keys=frozenset(own_keys - other_keys),
        )

    def _media_keys(self, found: Footprint, ids: frozenset[str]) -> tuple[set[str], set[str]]:
        """The files of the subject's messages, and those of all others."""
        own: set[str] = set()
        others: set[str] = set()
        for id, _, _, keys in self._messages:
            (own if id in ids else others).update(keys)
        for image in self._images:
            is_own = f"{image.chat}#{image.message_id}" in ids or found.covers(image.chat)
            (own if is_own else others).add(image.media.key)
        return own, others

    def _people_of_workspace(self, found: Footprint) -> frozenset[str]:
        return frozenset(one for one in self._people if self._is_of_workspace(one, found))

    def _is_of_workspace(self, person: str, found: Footprint) -> bool:
        """Whether a person goes with the workspace: WhatsApp's people have none of their own, and go with the
        business's number if they write to no other one."""
        if self._subject.kind != "workspace":
            return False
        if workspace_of(person) != person:
            return workspace_of(person) in self._subject.ids
        rooms = [room for room, people in self._rooms.items() if person in people]
        return bool(rooms) and all(map(found.covers, rooms))

    def _direct_rooms(self) -> Iterator[str]:
        """Yields the rooms that nobody but the person and the assistant is in."""
        for person in self._subject.people:
            yield from direct_rooms(person, self._rooms)


def direct_rooms(person: str, rooms: dict[str, set[str]]) -> Iterator[str]:
    """Yields a person's direct conversations: on the web and in Telegram they are called as the person is, in
    WhatsApp by the business's number and the person, and in Slack they have a channel of their own."""
    channel, _, own_id = person.partition(":")
    if channel in ("web", "telegram"):
        yield person
    for room, people in rooms.items():
        last = room.rpartition(":")[2]
        is_direct = (
            (channel == "whatsapp" and last == own_id)
            or (channel == "slack" and last.startswith("D"))
            or (channel == "telegram" and last == f"e{own_id}")
        )
        if is_direct and person in people:
            yield room
