"""The names of a room's people, in one item: it comes with the chat's state in the same round trip."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from repartee.domain.names import KnownName, merge_names
from repartee.stores.dynamodb.chat_state import NAMES_KEY, decode_names
from repartee.stores.dynamodb.items import (
    INBOX_TTL_SECONDS,
    ConditionFailed,
    batch_get,
    number_attribute,
    payload_attributes,
    primary_key,
    translate_conditional_errors,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MAX_WRITE_TRIES = 3
"""Tries to write the item while others change it. What is lost is looked up again."""


class RoomNames:
    """The part of `ports.Records` that keeps names."""

    _client: DynamoDBClient
    _table: str
    _clock: Callable[[], float]

    def read_names(self, room: str) -> Mapping[str, KnownName]:
        return self._read_names_item(room)[0]

    def save_names(self, room: str, names: Mapping[str, KnownName]) -> None:
        for _ in range(MAX_WRITE_TRIES):
            kept, version = self._read_names_item(room)
            merged = merge_names(kept, names)
            if merged == kept or self._write_names(room, merged, version):
                return

    def _read_names_item(self, room: str) -> tuple[dict[str, KnownName], float]:
        items = batch_get(self._client, self._table, [primary_key(room, NAMES_KEY)], self._clock())
        item = items[0] if items else {}
        return decode_names(item), float(item.get("version", number_attribute(0))["N"])

    def _write_names(self, room: str, names: Mapping[str, KnownName], version: float) -> bool:
        """Writes the names, unless another one has written them since."""
        item = primary_key(room, NAMES_KEY) | {
            "payload": payload_attributes(names),
            "version": number_attribute(version + 1),
            "expires": number_attribute(int(self._clock()) + INBOX_TTL_SECONDS),
        }
        try:
            with translate_conditional_errors():
                self._client.put_item(
                    TableName=self._table,
                    Item=item,
                    ConditionExpression="attribute_not_exists(pk) OR version = :version",
                    ExpressionAttributeValues={":version": number_attribute(version)},
                )
        except ConditionFailed:
            return False
        return True
