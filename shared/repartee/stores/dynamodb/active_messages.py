"""Records what workers show at the same time, and which backends fail them, on DynamoDB: it paces replies,
and no reply needs it.

A workspace is one item. A platform that is one workspace for all of its chats has an item for each of several
shards, by the chat, so that hundreds of replies at once stay far below what one partition takes. How many
there are in all is estimated from the shard.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Any
from zlib import crc32

import msgspec

from repartee.aws.calls import translate_errors
from repartee.domain.message import workspace_of
from repartee.domain.reply import ActiveMessage, ActiveMessages
from repartee.errors import BackendError
from repartee.stores.dynamodb.backend_failures import (
    begin_count,
    begin_probe,
    count_failure,
    decode_failures,
    forget_failures,
)
from repartee.stores.dynamodb.items import (
    BACKEND_NAME,
    INBOX_TTL_SECONDS,
    ConditionFailed,
    Item,
    batch_get,
    number_attribute,
    primary_key,
    text_attribute,
    translate_conditional_errors,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ACTIVE_MESSAGE_PREFIX = "shown:"
"""Begins the names of the attributes that say what is being shown in a workspace."""

ITEM_NAME = "crowd"
"""The sort key of the items."""

MAX_SHARDS = 16
"""Items of a platform that is one workspace."""

MAX_AGE_SECONDS = 3.5
"""Seconds for which a process goes by what it has read."""

MAX_CACHED_ITEMS = 200

MAX_REMOVED_MESSAGES = 200
"""Messages that one update removes, by DynamoDB's limits on an expression. The next one removes more."""

MIN_REMOVED_MESSAGES = 10
"""Messages that are over, from which they are removed from their item: each removal is a write."""


class ActiveMessageItems:
    """The items. Has state: what this process has read last, and when."""

    def __init__(self, client: DynamoDBClient, table: str, clock: Callable[[], float]) -> None:
        self._client, self._table, self._clock = client, table, clock
        self._read: dict[str, tuple[float, ActiveMessages]] = {}

    def read(self, room: str) -> ActiveMessages:
        """Who else shows something where this room is. Nobody, if that cannot be known now."""
        key, workspace = _room_key(room)
        if (recent := self._recent(key)) is not None:
            return recent
        _, known = self._read.get(key, (0.0, ActiveMessages()))
        with suppress(BackendError), translate_errors(BACKEND_NAME):
            answer = self._client.batch_get_item(
                RequestItems={self._table: {"Keys": [primary_key(key, ITEM_NAME)]}}
            )
            if not answer["UnprocessedKeys"]:
                found = answer["Responses"].get(self._table) or [{}]
                return self._remember(key, found[0], workspace)
        return known

    def read_beside(self, room: str, keys: Sequence[Item]) -> tuple[list[Item], ActiveMessages]:
        """Reads these items, and beside them who else shows something where this room is, unless that was
        read of late."""
        shared = self.unread_key(room)
        items = batch_get(
            self._client,
            self._table,
            [*keys, *([shared] if shared else ())],
            self._clock(),
            optional=shared,
        )
        self.remember_items(room, items)
        return items, self.read_known(room)

    def unread_key(self, room: str) -> Item | None:
        """Returns the key of the item where this room is, to be read beside others. None if it was read of
        late."""
        key, _ = _room_key(room)
        return primary_key(key, ITEM_NAME) if self._recent(key) is None else None

    def remember_items(self, room: str, items: Iterable[Item]) -> None:
        """Takes the item out of those that were read, if it is there."""
        key, workspace = _room_key(room)
        for item in items:
            if item["pk"]["S"] == key and item["sk"]["S"] == ITEM_NAME:
                self._remember(key, item, workspace)

    def read_known(self, room: str) -> ActiveMessages:
        """Returns what this process has read last, however long ago."""
        return self._read.get(_room_key(room)[0], (0.0, ActiveMessages()))[1]

    def _recent(self, key: str) -> ActiveMessages | None:
        read_at, known = self._read.get(key, (float("-inf"), ActiveMessages()))
        return known if self._clock() - read_at < MAX_AGE_SECONDS else None

    def publish(self, workspace: str, active: ActiveMessage) -> ActiveMessages:
        """Notes what is being shown, and gives who is there then."""
        key = _item_key(workspace, active.kind)
        noted = text_attribute(f"{active.kind} {active.started_at:.6f} {active.ends_at:.6f}")
        shown = self._update(
            key,
            "SET #name = :value, expires = :expires",
            {"#name": ACTIVE_MESSAGE_PREFIX + active.key},
            {":value": noted, ":expires": _expiry_attribute(active.ends_at)},
        )
        crowd = self._remember(key, shown, workspace)
        known = _decode_active_messages(shown).messages
        ended = (one.key for one in known if _has_ended(one, self._clock()))
        gone = list(islice(ended, MAX_REMOVED_MESSAGES))
        if len(gone) >= MIN_REMOVED_MESSAGES:
            names = {f"#{number}": ACTIVE_MESSAGE_PREFIX + name for number, name in enumerate(gone)}
            crowd = self._remember(key, self._update(key, "REMOVE " + ", ".join(names), names, {}), workspace)
        return crowd

    def disable_streaming(self, workspace: str, until: float) -> None:
        """Notes that nothing streams in the workspace until then."""
        key = _item_key(workspace, "")
        values = {":value": number_attribute(until), ":expires": _expiry_attribute(until)}
        self._update(key, "SET #name = :value, expires = :expires", {"#name": "no_streams_until"}, values)

    def report_failure(self, backend: str, room: str, retry_at: float) -> None:
        """Counts a failure of the backend for those who share the room's item."""
        key, workspace = _room_key(room)
        now = self._clock()
        try:
            changed = self._write_failures(key, count_failure(backend, now, retry_at))
        except ConditionFailed:
            changed = self._write_failures(key, begin_count(backend, now, retry_at))
        self._remember(key, changed, workspace)

    def report_success(self, backend: str, room: str) -> None:
        """Forgets the failures of the backend."""
        key, workspace = _room_key(room)
        self._remember(key, self._write_failures(key, forget_failures(backend)), workspace)

    def begin_probe(self, backend: str, room: str, until: float) -> bool:
        """Lets this worker try a backend that is down, if no other one does."""
        key, workspace = _room_key(room)
        try:
            changed = self._write_failures(key, begin_probe(backend, self._clock(), until))
        except ConditionFailed:
            return False
        self._remember(key, changed, workspace)
        return True

    def _write_failures(self, key: str, update: dict[str, Any]) -> Item:
        if ":expires" in update["UpdateExpression"]:
            update["ExpressionAttributeValues"][":expires"] = _expiry_attribute(self._clock())
        with translate_conditional_errors():
            changed = self._client.update_item(
                TableName=self._table, Key=primary_key(key, ITEM_NAME), ReturnValues="ALL_NEW", **update
            )
        return changed.get("Attributes", {})

    def _update(
        self, key: str, expression: str, names: Mapping[str, str], values: Mapping[str, Item]
    ) -> Item:
        """Changes the item, and gives it as it is then."""
        given = {"ExpressionAttributeValues": values} if values else {}
        with translate_errors(BACKEND_NAME):
            changed = self._client.update_item(
                TableName=self._table,
                Key=primary_key(key, ITEM_NAME),
                UpdateExpression=expression,
                ExpressionAttributeNames=names,
                ReturnValues="ALL_NEW",
                **given,  # type: ignore[arg-type]
            )
        return changed["Attributes"]

    def _remember(self, key: str, item: Item, workspace: str) -> ActiveMessages:
        decoded, now = _decode_active_messages(item), self._clock()
        counted = tuple(one for one in decoded.messages if not _has_ended(one, now))
        crowd = msgspec.structs.replace(decoded, messages=counted, shards=_shards_of(workspace))
        for old in list(self._read)[: len(self._read) + 1 - MAX_CACHED_ITEMS]:
            self._read.pop(old, None)
        self._read[key] = (self._clock(), crowd)
        return crowd


class ChatStateStore:
    """A store that reads what workers share beside the states of chats: `active_messages`, one for all such
    stores of a process."""

    def __init__(
        self,
        client: DynamoDBClient,
        table: str,
        clock: Callable[[], float],
        active_messages: ActiveMessageItems | None = None,
    ) -> None:
        self._client, self._table, self._clock = client, table, clock
        self._active_messages = active_messages or ActiveMessageItems(client, table, clock)


def _shards_of(workspace: str) -> int:
    """How many items the workspace has: a platform without workspaces has one name for all chats."""
    return 1 if ":" in workspace else MAX_SHARDS


def list_item_keys(workspace: str) -> list[str]:
    """Returns the partitions of all items of a workspace."""
    shards = _shards_of(workspace)
    return [workspace] if shards == 1 else [_shard_key(workspace, shard) for shard in range(shards)]


def _item_key(workspace: str, chat: str) -> str:
    shards = _shards_of(workspace)
    return workspace if shards == 1 else _shard_key(workspace, crc32(chat.encode()) % shards)


def _shard_key(workspace: str, shard: int) -> str:
    return f"{workspace}#crowd#{shard}"


def _room_key(room: str) -> tuple[str, str]:
    """The key of the item that a room's workers share, and the workspace."""
    workspace = workspace_of(room)
    return _item_key(workspace, room.removeprefix(workspace).lstrip(":")), workspace


def _decode_active_messages(item: Item) -> ActiveMessages:
    shown = tuple(
        _decode_active_message(name, value["S"])
        for name, value in item.items()
        if name.startswith(ACTIVE_MESSAGE_PREFIX)
    )
    no_streams_until = float(item.get("no_streams_until", number_attribute(0))["N"])
    return ActiveMessages(shown, no_streams_until, failing_backends=decode_failures(item))


def _decode_active_message(name: str, value: str) -> ActiveMessage:
    kind, since, until = value.split()
    return ActiveMessage(
        key=name.removeprefix(ACTIVE_MESSAGE_PREFIX), kind=kind, started_at=float(since), ends_at=float(until)
    )


def _has_ended(showing: ActiveMessage, now: float) -> bool:
    return showing.ends_at <= now and showing.started_at < now - 60


def _expiry_attribute(when: float) -> Item:
    return number_attribute(int(when) + INBOX_TTL_SECONDS)
