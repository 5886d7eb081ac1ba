"""Closes a turn on DynamoDB: messages, exchange, lease and the turn's record in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_OID, uuid5

from repartee.aws.calls import translate_errors
from repartee.domain.message import Exchange
from repartee.errors import InvalidArgument, LeaseLost, Throttled
from repartee.ports import LeaseRecord
from repartee.stores.dynamodb.inbox_items import exchange_item
from repartee.stores.dynamodb.items import BACKEND_NAME, TransactionCancelled
from repartee.stores.dynamodb.lease_items import close_message_action, end_lease_action, lease_lost
from repartee.stores.dynamodb.outbox_items import batch_item
from repartee.stores.dynamodb.turn_records import record_key_attribute, turn_record_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from repartee.domain.desk_event import EventBatch
    from repartee.domain.turn_record import TurnRecord


class TurnCloser:
    """The part of the inbox that ends turns. Their records live `turn_record_days`."""

    def __init__(self, client: DynamoDBClient, table: str, turn_record_days: int) -> None:
        self._client, self._table, self._turn_record_days = client, table, turn_record_days

    def close_turn(
        self,
        record: LeaseRecord,
        exchange: Exchange,
        failed: str,
        turn_record: TurnRecord | None,
        events: Sequence[EventBatch],
    ) -> bool:
        """Carries out `ports.Inbox.close_turn`."""
        table = {"TableName": self._table}
        actions = [{"Update": table | close_message_action(record, id, failed)} for id in record.messages]
        item = exchange_item(exchange)
        if turn_record:
            item |= record_key_attribute(turn_record)
            kept = turn_record_item(turn_record, self._turn_record_days)
            actions.append({"Put": table | {"Item": kept}})
        actions.append({"Put": table | {"Item": item}})
        actions += [{"Put": table | {"Item": batch_item(batch, record.fence)}} for batch in events]
        # of several messages the others' wakes find the chat held: a condition would fail, and cost a write
        return self._close(record, actions, failed, unless_knocked=len(record.messages) == 1)

    def _close(
        self, record: LeaseRecord, actions: Sequence[Any], failed: str, *, unless_knocked: bool
    ) -> bool:
        ending = {"Update": {"TableName": self._table} | end_lease_action(record, unless_knocked)}
        token = self._close_token(record, failed, unless_knocked)
        try:
            with translate_errors(BACKEND_NAME):
                self._write_transaction([*actions, ending], token)
        except TransactionCancelled as canceled:
            if unless_knocked and canceled.is_held_by(record.fence):
                return self._close(record, actions, failed, unless_knocked=False)
            if "ConditionalCheckFailed" in canceled.reasons:
                raise lease_lost(record) from None
            kind = InvalidArgument if "ValidationError" in canceled.reasons else Throttled
            raise kind(BACKEND_NAME, ", ".join(canceled.reasons)) from canceled
        return not unless_knocked

    def _close_token(self, holding: LeaseRecord, failed: str, unless_knocked: bool) -> str:
        """By which DynamoDB knows a close that is repeated because its answer was lost."""
        close = f"{self._table} {holding.chat} {holding.turn} {holding.fence} {failed}".rstrip()
        close += f" {holding.knocks}" if unless_knocked else ""
        return str(uuid5(NAMESPACE_OID, close))

    def _write_transaction(self, actions: Sequence[Any], token: str) -> None:
        try:
            self._client.transact_write_items(TransactItems=actions, ClientRequestToken=token)
        except self._client.exceptions.TransactionCanceledException as error:
            raise TransactionCancelled(error) from error
        except self._client.exceptions.IdempotentParameterMismatchException:
            raise LeaseLost("the turn was closed with other words") from None
