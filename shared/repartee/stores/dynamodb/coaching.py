"""The coach's records on DynamoDB."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from repartee.conversation.message import Exchange, Said, workspace_of
from repartee.ports import Coached
from repartee.services.aws import translating
from repartee.stores.dynamodb.items import (
    BACKEND,
    KEPT_FOR,
    Item,
    batch_get,
    decoded_text,
    key,
    number,
    payload,
    sortable,
)
from repartee.stores.dynamodb.standings import keys_of, standing_of, texts

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SAID = "said:"
"""What begins the names of the attributes that are exchanges of a conversation: they sort by time."""

EXCHANGES = 12
LONGEST_SAID = 4_000


class DynamoCoaching:
    """`ports.Coaching` on DynamoDB."""

    def __init__(self, client: DynamoDBClient, table: str, clock: Callable[[], float]) -> None:
        self._client, self._table, self._clock = client, table, clock

    def coached(self, room: str, chat: str, sender: str) -> Coached:
        keys = [*keys_of(room, chat, sender, self._clock()), key(sender, "course"), key(chat, "conversation")]
        keys.append(key(workspace_of(room), "coach"))
        items = batch_get(self._client, self._table, keys, self._clock())
        named = {item["sk"]["S"]: item for item in items}
        standing = standing_of(items)
        return Coached(
            **msgspec.structs.asdict(standing),
            coach=texts(named.get("coach", {})),
            course=texts(named.get("course", {})),
            conversation=_conversation(named.get("conversation", {})),
        )

    def converse(self, exchange: Exchange) -> None:
        name = f"{SAID}{sortable(exchange.at)}:{exchange.turn}"
        values = {
            ":said": payload([_short(said) for said in exchange.said()]),
            ":expires": number(int(exchange.at) + KEPT_FOR),
        }
        after = self._update(exchange.chat, "SET #said = :said, expires = :expires", {"#said": name}, values)
        if old := _names(after)[:-EXCHANGES]:
            names = {f"#{number}": name for number, name in enumerate(old)}
            self._update(exchange.chat, "REMOVE " + ", ".join(names), names)

    def _update(
        self, chat: str, expression: str, names: Mapping[str, str], values: Mapping[str, Any] | None = None
    ) -> Item:
        given: dict[str, Any] = {"ExpressionAttributeValues": values} if values else {}
        with translating(BACKEND):
            changed = self._client.update_item(
                TableName=self._table,
                Key=key(chat, "conversation"),
                UpdateExpression=expression,
                ExpressionAttributeNames=names,
                ReturnValues="ALL_NEW",
                **given,
            )
        return changed["Attributes"]


def _conversation(item: Item) -> tuple[Said, ...]:
    return tuple(said for name in _names(item) for said in _decoded(item[name]))


def _decoded(attribute: Item) -> Sequence[Said]:
    return decoded_text(attribute, tuple[Said, ...], ())


def _names(item: Item) -> list[str]:
    return sorted(name for name in item if name.startswith(SAID))


def _short(said: Said) -> Said:
    return msgspec.structs.replace(said, text=said.text[:LONGEST_SAID])
