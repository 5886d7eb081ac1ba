"""The inbox and its leases on DynamoDB. Every write of a turn is conditional on its fence."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from repartee.aws.calls import translate_errors
from repartee.domain.feedback import Feedback
from repartee.domain.message import Exchange, Incoming, Message
from repartee.domain.stored_size import fit_message
from repartee.ports import AnswerStatus, JoinedWake, LeaseRecord, OpenItems, PutResult, Revised
from repartee.stores.dynamodb.chat_queries import list_latest, participates
from repartee.stores.dynamodb.codec import (
    MESSAGE_KEY_PREFIX,
    decode_exchange,
    decode_message,
)
from repartee.stores.dynamodb.deliveries import LaterDeliveries
from repartee.stores.dynamodb.earlier_messages import find_said
from repartee.stores.dynamodb.feedback import save_feedback
from repartee.stores.dynamodb.inbox_items import answer_status, message_item
from repartee.stores.dynamodb.items import (
    BACKEND_NAME,
    INBOX_TTL_SECONDS,
    ConditionFailed,
    Item,
    batch_get,
    decode_attribute,
    number_attribute,
    payload_attributes,
    primary_key,
    sortable_time,
    split_into_batches,
    text_attribute,
    translate_conditional_errors,
)
from repartee.stores.dynamodb.lease_items import (
    WakeNote,
    acquire_lease_update,
    decode_joined_wake,
    decode_lease,
    fenced_update,
    forget_wake_update,
    held_error,
    is_attended,
    join_wake_update,
    knock_update,
    lease_lost,
    release_lease_changes,
)
from repartee.stores.dynamodb.message_edits import erase_messages, find_exchange_of
from repartee.stores.dynamodb.turn_closing import TurnCloser

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from repartee.domain.desk_event import EventBatch
    from repartee.domain.turn_record import TurnRecord

TURN_RECORD_DAYS = 14
"""Days for which the record of a turn is kept, where nothing else is set."""


class DynamoInbox:
    """`ports.Inbox` on DynamoDB."""

    def __init__(self, client: DynamoDBClient, table: str, turn_record_days: int = TURN_RECORD_DAYS) -> None:
        self._client, self._table = client, table
        self._closer = TurnCloser(client, table, turn_record_days)
        self._deliveries = LaterDeliveries(client, table)

    def put(self, message: Incoming) -> PutResult:
        message = fit_message(message)
        item = message_item(message)
        try:
            with translate_conditional_errors():
                self._client.put_item(
                    TableName=self._table,
                    Item=item,
                    ConditionExpression="attribute_not_exists(pk)",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
        except ConditionFailed as failed:
            return self._deliveries.merge(failed.item, message)
        return PutResult(is_new=True, is_open=True)

    def revise(self, revision: Message) -> Revised:
        name = f"message#{revision.revises}"
        item = self._get_items(revision.chat, name).get(name)
        return self._deliveries.revise(item, revision) if item and "payload" in item else "unknown"

    def find_exchange_of(self, chat: str, id: str) -> Exchange | None:
        return find_exchange_of(self._client, self._table, chat, id)

    def erase_messages(self, chat: str, ids: Collection[str]) -> None:
        erase_messages(self._client, self._table, chat, ids)

    def list_latest(self, chat: str, limit: int) -> Sequence[Message]:
        return list_latest(self._client, self._table, chat, limit)

    def participates(self, chat: str) -> bool:
        return participates(self._client, self._table, chat)

    def read_answer_status(self, chat: str, id: str) -> AnswerStatus | None:
        items = self._get_items(chat, f"message#{id}", "turn")
        message = items.get(f"message#{id}")
        if message is None:
            return None
        if "open" in message:
            together = decode_attribute(items.get("turn", {}).get("messages"), tuple[str, ...], ())
            return AnswerStatus(is_open=True, message_ids=together if id in together else ())
        closed = f"exchange#{message['answered']['S']}"
        return answer_status(message, self._get_items(chat, closed).get(closed))

    def _get_items(self, chat: str, *names: str) -> dict[str, Item]:
        """Returns those of the chat's items that are there, by their names."""
        items = batch_get(self._client, self._table, [primary_key(chat, name) for name in names], 0.0)
        return {item["sk"]["S"]: item for item in items}

    def list_open(self, chat: str) -> OpenItems:
        messages: list[Incoming] = []
        exchanges: list[Exchange] = []
        for item in self._query_open(chat):
            if item["sk"]["S"].startswith(MESSAGE_KEY_PREFIX):
                messages.append(decode_message(item))
            else:
                exchanges.append(decode_exchange(item))
        return OpenItems(tuple(messages), tuple(exchanges))

    def find_said(self, chat: str, ids: Collection[str]) -> Mapping[str, Message | Exchange]:
        return find_said(self._client, self._table, chat, ids)

    def acquire_lease(
        self,
        chat: str,
        turn: str,
        now: float,
        until: float,
        *,
        message_id: str = "",
        successor_due: float = 0.0,
    ) -> LeaseRecord:
        claimed = (message_id,) if message_id else ()
        noted = WakeNote(successor_due or until, always=bool(successor_due))
        try:
            return self._acquire_lease(acquire_lease_update(chat, turn, now, until, claimed, noted))
        except ConditionFailed as failed:
            if successor_due or float(failed.item["until"]["N"]) > now:
                raise held_error(failed.item) from None
        try:  # it was the wake that is due before
            return self._acquire_lease(acquire_lease_update(chat, turn, now, until, claimed))
        except ConditionFailed as failed:
            raise held_error(failed.item) from None

    def knock(self, chat: str, now: float) -> bool:
        try:
            with translate_conditional_errors():
                self._client.update_item(TableName=self._table, **knock_update(chat, now))
        except ConditionFailed:
            return False
        return True

    def join_wake(self, chat: str, now: float, *, is_kept: bool = True) -> JoinedWake:
        with translate_errors(BACKEND_NAME):
            answer = self._client.update_item(
                TableName=self._table, **join_wake_update(chat, now, is_kept), ReturnValues="ALL_OLD"
            )
        return decode_joined_wake(answer.get("Attributes", {}), now)

    def forget_wake(self, chat: str) -> None:
        with suppress(ConditionFailed), translate_conditional_errors():
            self._client.update_item(TableName=self._table, **forget_wake_update(chat))

    def _acquire_lease(self, update: dict[str, Any]) -> LeaseRecord:
        with translate_conditional_errors():
            answer = self._client.update_item(
                TableName=self._table,
                **update,
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        return decode_lease(answer["Attributes"])

    def write_lease(self, record: LeaseRecord) -> None:
        self._update_lease(
            record,
            "SET #until = :until, messages = :messages, attempts = :attempts, phase = :phase, "
            "shown = :shown, outage = :outage",
            {
                ":until": number_attribute(record.until),
                ":messages": payload_attributes(record.messages),
                ":attempts": number_attribute(record.attempts),
                ":phase": text_attribute(record.phase),
                ":shown": payload_attributes(record.visible),
                ":outage": payload_attributes(record.outage),
            },
        )

    def release_lease(self, record: LeaseRecord) -> None:
        self._update_lease(record, *release_lease_changes(record))

    def _update_lease(self, holding: LeaseRecord, expression: str, values: dict[str, Any]) -> None:
        try:
            with translate_conditional_errors():
                self._client.update_item(TableName=self._table, **fenced_update(holding, expression, values))
        except ConditionFailed:
            raise lease_lost(holding) from None

    def close_turn(
        self,
        record: LeaseRecord,
        exchange: Exchange,
        *,
        failed: str = "",
        turn_record: TurnRecord | None = None,
        events: Sequence[EventBatch] = (),
    ) -> bool:
        return self._closer.close_turn(record, exchange, failed, turn_record, events)

    def reopen(self, chat: str, ids: Iterable[str]) -> Sequence[str]:
        items = self._get_items(chat, *(f"message#{id}" for id in ids))
        return [name.partition("#")[2] for name, item in items.items() if self._reopen_message(item)]

    def _reopen_message(self, item: Item) -> bool:
        message = decode_message(item)
        try:
            with translate_conditional_errors():
                self._client.update_item(
                    TableName=self._table,
                    Key=primary_key(message.chat, item["sk"]["S"]),
                    UpdateExpression="SET #open = :open REMOVE answered, failed",
                    ConditionExpression="attribute_exists(failed)",
                    ExpressionAttributeNames={"#open": "open"},
                    ExpressionAttributeValues={
                        ":open": text_attribute(f"{sortable_time(message.sent)}#{message.id}")
                    },
                )
        except ConditionFailed:
            return False
        return True

    def schedule_wake(self, chat: str, due: float, now: float) -> bool:
        try:
            with translate_conditional_errors():
                self._client.update_item(
                    TableName=self._table,
                    Key=primary_key(chat, "turn"),
                    UpdateExpression="SET wake_due = :due, expires = :expires, "
                    "#until = if_not_exists(#until, :none)",
                    ConditionExpression="attribute_not_exists(wake_due) OR wake_due <= :now "
                    "OR wake_due > :due",
                    ExpressionAttributeNames={"#until": "until"},
                    ExpressionAttributeValues={
                        ":due": number_attribute(due),
                        ":now": number_attribute(now),
                        ":none": number_attribute(0),
                        ":expires": number_attribute(int(now) + INBOX_TTL_SECONDS),
                    },
                )
        except ConditionFailed:
            return False
        return True

    def save_feedback(self, feedback: Feedback) -> bool:
        return save_feedback(self._client, self._table, feedback)

    def mark_persisted(self, exchange: Exchange) -> None:
        with translate_errors(BACKEND_NAME):
            self._client.update_item(
                TableName=self._table,
                Key=primary_key(exchange.chat, f"exchange#{exchange.turn}"),
                UpdateExpression="REMOVE #open",
                ExpressionAttributeNames={"#open": "open"},
            )

    def list_stale_chats(self, before: float, now: float) -> Iterator[str]:
        seen: set[str] = set()
        for chats in split_into_batches(self._chats_open_since(before)):
            new = [chat for chat in dict.fromkeys(chats) if chat not in seen]
            seen.update(new)
            leases = self._leases_of(new, now)
            free = [chat for chat in new if chat not in leases or not is_attended(leases[chat], now)]
            yield from sorted(free, key=lambda chat: "messages" not in leases.get(chat, {}))

    def _chats_open_since(self, before: float) -> Iterator[str]:
        pages = self._client.get_paginator("scan").paginate(
            TableName=self._table,
            IndexName="open",
            FilterExpression="kept < :before",
            ProjectionExpression="pk",
            ExpressionAttributeValues={":before": number_attribute(before)},
        )
        with translate_errors(BACKEND_NAME):
            for page in pages:
                yield from (item["pk"]["S"] for item in page["Items"])

    def _leases_of(self, chats: Sequence[str], now: float) -> dict[str, Item]:
        leases = batch_get(self._client, self._table, [primary_key(chat, "turn") for chat in chats], now)
        return {lease["pk"]["S"]: lease for lease in leases}

    def _query_open(self, chat: str) -> Iterator[Item]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            IndexName="open",
            KeyConditionExpression="pk = :chat",
            ExpressionAttributeValues={":chat": text_attribute(chat)},
            ConsistentRead=True,
        )
        with translate_errors(BACKEND_NAME):
            for page in pages:
                yield from page["Items"]
