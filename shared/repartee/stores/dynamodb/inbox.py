"""The inbox and its leases on DynamoDB. Every write of a turn is conditional on its fence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_OID, uuid5

from repartee.conversation.message import Exchange, Message
from repartee.conversation.reply import Shown
from repartee.errors import LeaseLost, Throttled
from repartee.ports import Busy, Holding, Kept, Progress, Waiting
from repartee.services.aws import translating
from repartee.stores.dynamodb.items import (
    BACKEND,
    KEPT_FOR,
    ConditionFailed,
    Item,
    TransactionCanceled,
    batch_get,
    batched,
    conditionally,
    decoded,
    decoded_text,
    key,
    number,
    payload,
    sortable,
    text,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import QueryOutputTypeDef

ACQUIRED = (
    "SET #until = :until, expires = :expires, fence = if_not_exists(fence, :none) + :one, "
    "turn = if_not_exists(turn, :turn), phase = if_not_exists(phase, :phase), "
    "attempts = if_not_exists(attempts, :none) + :one"
)
"""A lease taken: what an unfinished turn has left stays."""

LEASE_ENDED = "SET #until = :over REMOVE turn, messages, attempts, phase, shown"
"""What is left of a lease when its turn is closed: the fence."""


class DynamoInbox:
    """`ports.Inbox` on DynamoDB."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client, self._table = client, table

    def put(self, message: Message) -> Kept:
        item = (
            key(message.chat, f"message#{message.id}")
            | {
                "room": text(message.room),
                "open": text(f"{sortable(message.sent)}#{message.id}"),
                "kept": number(message.received),
                "payload": payload(message),
                "expires": number(int(message.received) + KEPT_FOR),
            }
            | ({"overheard": {"BOOL": True}} if message.overheard else {})
        )
        try:
            with conditionally():
                self._client.put_item(
                    TableName=self._table,
                    Item=item,
                    ConditionExpression="attribute_not_exists(pk)",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
        except ConditionFailed as failed:
            return Kept(new=False, open="open" in failed.item)
        return Kept(new=True, open=True)

    def known(self, chat: str) -> bool:
        first = self._addressed(chat, Limit=1)
        if first["Items"] or "LastEvaluatedKey" not in first:
            return bool(first["Items"])
        return self._known_after(chat, first["LastEvaluatedKey"])

    def _known_after(self, chat: str, start: Any) -> bool:
        """Whether anybody has spoken to the assistant in a chat that begins with what it overheard."""
        while start:
            page = self._addressed(chat, ExclusiveStartKey=start)
            if page["Items"]:
                return True
            start = page.get("LastEvaluatedKey")
        return False

    def _addressed(self, chat: str, **page: Any) -> QueryOutputTypeDef:
        """A page of the chat's messages, without those that were overheard."""
        with translating(BACKEND):
            return self._client.query(
                TableName=self._table,
                KeyConditionExpression="pk = :chat AND begins_with(sk, :message)",
                FilterExpression="attribute_not_exists(overheard)",
                ExpressionAttributeValues={":chat": text(chat), ":message": text("message#")},
                ProjectionExpression="pk",
                ConsistentRead=True,
                **page,
            )

    def progress(self, chat: str, id: str) -> Progress | None:
        items = self._get(chat, f"message#{id}", "turn")
        message = items.get(f"message#{id}")
        if message is None:
            return None
        if "open" in message:
            together = decoded_text(items.get("turn", {}).get("messages"), tuple[str, ...], ())
            return Progress(open=True, messages=together if id in together else ())
        closed = f"exchange#{message['answered']['S']}"
        return _answered(message, self._get(chat, closed).get(closed))

    def _get(self, chat: str, *names: str) -> dict[str, Item]:
        """Those of the chat's items that are there, by their names."""
        items = batch_get(self._client, self._table, [key(chat, name) for name in names], 0.0)
        return {item["sk"]["S"]: item for item in items}

    def waiting(self, chat: str) -> Waiting:
        messages: list[Message] = []
        exchanges: list[Exchange] = []
        for item in self._open(chat):
            if item["sk"]["S"].startswith("message#"):
                messages.append(decoded(item, Message))
            else:
                exchanges.append(decoded(item, Exchange))
        return Waiting(tuple(messages), tuple(exchanges))

    def acquire(self, chat: str, turn: str, now: float, until: float) -> Holding:
        try:
            with conditionally():
                answer = self._client.update_item(
                    TableName=self._table,
                    Key=key(chat, "turn"),
                    UpdateExpression=ACQUIRED,
                    ConditionExpression="attribute_not_exists(#until) OR #until <= :now",
                    ExpressionAttributeNames={"#until": "until"},
                    ExpressionAttributeValues={
                        ":now": number(now),
                        ":until": number(until),
                        ":expires": number(int(now) + KEPT_FOR),
                        ":turn": text(turn),
                        ":phase": text("gathering"),
                        ":none": number(0),
                        ":one": number(1),
                    },
                    ReturnValues="ALL_NEW",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
        except ConditionFailed as failed:
            raise Busy(float(failed.item["until"]["N"])) from None
        return _holding(answer["Attributes"])

    def write(self, holding: Holding) -> None:
        self._update_lease(
            holding,
            "SET #until = :until, messages = :messages, attempts = :attempts, phase = :phase, shown = :shown",
            {
                ":until": number(holding.until),
                ":messages": payload(holding.messages),
                ":attempts": number(holding.attempts),
                ":phase": text(holding.phase),
                ":shown": payload(holding.shown),
            },
        )

    def release(self, holding: Holding) -> None:
        if holding.messages:
            self._update_lease(holding, "SET #until = :over", {":over": number(0)})
        else:
            self._update_lease(holding, LEASE_ENDED, {":over": number(0)})

    def _update_lease(self, holding: Holding, expression: str, values: dict[str, Any]) -> None:
        try:
            with conditionally():
                self._client.update_item(TableName=self._table, **_fenced(holding, expression, values))
        except ConditionFailed:
            raise _lost(holding) from None

    def close(self, holding: Holding, exchange: Exchange, *, failed: str = "") -> None:
        table = {"TableName": self._table}
        actions = [{"Update": table | _closed(holding, id, failed)} for id in holding.messages]
        actions.append({"Put": table | {"Item": _exchange_item(exchange)}})
        actions.append({"Update": table | _fenced(holding, LEASE_ENDED, {":over": number(0)})})
        try:
            with translating(BACKEND):
                self._transact(actions, self._token(holding))
        except TransactionCanceled as canceled:
            if "ConditionalCheckFailed" in canceled.reasons:
                raise _lost(holding) from None
            raise Throttled(BACKEND, ", ".join(canceled.reasons)) from canceled

    def _token(self, holding: Holding) -> str:
        """By which DynamoDB knows a close that is repeated because its answer was lost."""
        return str(uuid5(NAMESPACE_OID, f"{self._table} {holding.chat} {holding.turn} {holding.fence}"))

    def _transact(self, actions: Sequence[Any], token: str) -> None:
        try:
            self._client.transact_write_items(TransactItems=actions, ClientRequestToken=token)
        except self._client.exceptions.TransactionCanceledException as error:
            raise TransactionCanceled(error) from error
        except self._client.exceptions.IdempotentParameterMismatchException:
            raise LeaseLost("the turn was closed with other words") from None

    def reopen(self, chat: str, ids: Iterable[str]) -> Sequence[str]:
        items = self._get(chat, *(f"message#{id}" for id in ids))
        return [name.partition("#")[2] for name, item in items.items() if self._reopened(item)]

    def _reopened(self, item: Item) -> bool:
        message = decoded(item, Message)
        try:
            with conditionally():
                self._client.update_item(
                    TableName=self._table,
                    Key=key(message.chat, item["sk"]["S"]),
                    UpdateExpression="SET #open = :open REMOVE answered, failed",
                    ConditionExpression="attribute_exists(failed)",
                    ExpressionAttributeNames={"#open": "open"},
                    ExpressionAttributeValues={":open": text(f"{sortable(message.sent)}#{message.id}")},
                )
        except ConditionFailed:
            return False
        return True

    def remembered(self, exchange: Exchange) -> None:
        with translating(BACKEND):
            self._client.update_item(
                TableName=self._table,
                Key=key(exchange.chat, f"exchange#{exchange.turn}"),
                UpdateExpression="REMOVE #open",
                ExpressionAttributeNames={"#open": "open"},
            )

    def forgotten(self, before: float, now: float) -> Iterator[str]:
        seen: set[str] = set()
        for chats in batched(self._chats_open_since(before)):
            new = [chat for chat in dict.fromkeys(chats) if chat not in seen]
            seen.update(new)
            held = self._held(new, now)
            yield from (chat for chat in new if chat not in held)

    def _chats_open_since(self, before: float) -> Iterator[str]:
        pages = self._client.get_paginator("scan").paginate(
            TableName=self._table,
            IndexName="open",
            FilterExpression="kept < :before",
            ProjectionExpression="pk",
            ExpressionAttributeValues={":before": number(before)},
        )
        with translating(BACKEND):
            for page in pages:
                yield from (item["pk"]["S"] for item in page["Items"])

    def _held(self, chats: Sequence[str], now: float) -> set[str]:
        leases = batch_get(self._client, self._table, [key(chat, "turn") for chat in chats], now)
        return {lease["pk"]["S"] for lease in leases if float(lease["until"]["N"]) > now}

    def _open(self, chat: str) -> Iterator[Item]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            IndexName="open",
            KeyConditionExpression="pk = :chat",
            ExpressionAttributeValues={":chat": text(chat)},
            ConsistentRead=True,
        )
        with translating(BACKEND):
            for page in pages:
                yield from page["Items"]


def _answered(message: Item, closed: Item | None) -> Progress:
    failed = message.get("failed", text(""))["S"]
    if closed is None:
        return Progress(open=False, failed=failed)
    exchange = decoded(closed, Exchange)
    together = tuple(answered.id for answered in exchange.messages)
    return Progress(open=False, messages=together, reply=exchange.reply, failed=failed)


def _exchange_item(exchange: Exchange) -> dict[str, Any]:
    return key(exchange.chat, f"exchange#{exchange.turn}") | {
        "room": text(exchange.room),
        "open": text(f"{sortable(exchange.at)}#exchange#{exchange.turn}"),
        "kept": number(exchange.at),
        "payload": payload(exchange),
        "expires": number(int(exchange.at) + KEPT_FOR),
    }


def _closed(holding: Holding, id: str, failed: str) -> dict[str, Any]:
    return {
        "Key": key(holding.chat, f"message#{id}"),
        "UpdateExpression": "SET answered = :turn"
        + (", failed = :failed" if failed else "")
        + " REMOVE #open",
        "ExpressionAttributeNames": {"#open": "open"},
        "ExpressionAttributeValues": {":turn": text(holding.turn)}
        | ({":failed": text(failed)} if failed else {}),
    }


def _fenced(holding: Holding, expression: str, values: dict[str, Any]) -> dict[str, Any]:
    return {
        "Key": key(holding.chat, "turn"),
        "UpdateExpression": expression,
        "ConditionExpression": "fence = :fence",
        "ExpressionAttributeNames": {"#until": "until"},
        "ExpressionAttributeValues": values | {":fence": number(holding.fence)},
    }


def _holding(item: Item) -> Holding:
    messages = decoded_text(item.get("messages"), tuple[str, ...], ())
    return Holding(
        chat=item["pk"]["S"],
        fence=int(item["fence"]["N"]),
        until=float(item["until"]["N"]),
        turn=item["turn"]["S"],
        messages=messages,
        attempts=int(item["attempts"]["N"]) if messages else 1,
        phase=item["phase"]["S"],
        shown=decoded_text(item.get("shown"), Shown, Shown()),
    )


def _lost(holding: Holding) -> LeaseLost:
    return LeaseLost(f"fence {holding.fence} is not the chat's any more")
