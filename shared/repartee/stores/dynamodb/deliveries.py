"""Changes by what is told later of a message that is in the inbox: more of it, other words, or that it is
deleted.

A message that waits is changed only while nobody holds its chat's lease and no turn has claimed it: a turn
that has read it would not see the change. One transaction checks that, writes, and leaves a mark at the lease
for a worker that reads before it has that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from repartee.aws.calls import translate_errors
from repartee.domain.merging import apply_revision, merge_deliveries, supplement_of
from repartee.domain.message import Incoming, Message
from repartee.domain.stored_size import fit_message
from repartee.errors import Throttled
from repartee.ports import PutResult, Revised
from repartee.stores.dynamodb.codec import decode_message, message_attributes
from repartee.stores.dynamodb.items import (
    BACKEND_NAME,
    ConditionFailed,
    Item,
    TransactionCancelled,
    translate_conditional_errors,
)
from repartee.stores.dynamodb.lease_items import touch_update
from repartee.stores.dynamodb.message_edits import revise_exchange

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SET_PAYLOAD = "SET payload = :payload, #format = :format"


class LaterDeliveries:
    """Changes messages that are in the table."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client, self._table = client, table

    def merge(self, item: Item, later: Incoming) -> PutResult:
        """Adds to the message of the item what the later delivery of it knows more."""
        is_open = "open" in item
        if "payload" not in item:
            return PutResult(is_new=False, is_open=is_open)
        known = decode_message(item)
        if not (isinstance(known, Message) and isinstance(later, Message)):
            return PutResult(is_new=False, is_open=is_open)
        merged = fit_message(merge_deliveries(known, later))
        if merged == known or (is_open and self._change_waiting(item, merged, later.received)):
            return PutResult(is_new=False, is_open=is_open)
        return PutResult(is_new=False, is_open=is_open, supplement=supplement_of(known, later))

    def revise(self, item: Item, revision: Message) -> Revised:
        """Gives the message of the item other words, or deletes it."""
        known = decode_message(item)
        if not isinstance(known, Message):
            return "unknown"
        revised = fit_message(apply_revision(known, revision))
        changed = None if revision.is_deletion else revised
        if "open" in item and self._change_waiting(item, changed, revision.received):
            return "waiting"
        self._replace_payload(item, revised)
        if changed is not None and "answered" in item:
            revise_exchange(self._client, self._table, item["answered"]["S"], revised)
        return "answered"

    def _change_waiting(self, item: Item, message: Message | None, now: float) -> bool:
        """Replaces a message that waits, or deletes it. False where a turn may have read it by now."""
        touched = {"TableName": self._table} | touch_update(item["pk"]["S"], now)
        try:
            with translate_errors(BACKEND_NAME):
                self._write_transaction([{"Update": touched}, self._waiting_action(item, message)])
        except TransactionCancelled as canceled:
            if "ConditionalCheckFailed" in canceled.reasons:
                return False
            raise Throttled(BACKEND_NAME, ", ".join(canceled.reasons)) from canceled
        return True

    def _waiting_action(self, item: Item, message: Message | None) -> dict[str, Any]:
        waits: dict[str, Any] = {
            "TableName": self._table,
            "Key": {"pk": item["pk"], "sk": item["sk"]},
            "ConditionExpression": "attribute_exists(#open)",
            "ExpressionAttributeNames": {"#open": "open"},
        }
        if message is None:
            return {"Delete": waits}
        overheard = "" if message.overheard else " REMOVE overheard"
        return {
            "Update": waits
            | {
                "UpdateExpression": f"{SET_PAYLOAD}{overheard}",
                "ExpressionAttributeNames": {"#open": "open", "#format": "format"},
                "ExpressionAttributeValues": _payload_values(message),
            }
        }

    def _write_transaction(self, actions: list[Any]) -> None:
        try:
            self._client.transact_write_items(TransactItems=actions)
        except self._client.exceptions.TransactionCanceledException as error:
            raise TransactionCancelled(error) from error

    def _replace_payload(self, item: Item, message: Message) -> None:
        try:
            with translate_conditional_errors():
                self._client.update_item(
                    TableName=self._table,
                    Key={"pk": item["pk"], "sk": item["sk"]},
                    UpdateExpression=SET_PAYLOAD,
                    ConditionExpression="attribute_exists(payload)",
                    ExpressionAttributeNames={"#format": "format"},
                    ExpressionAttributeValues=_payload_values(message),
                )
        except ConditionFailed:
            return  # it has expired since it was read


def _payload_values(message: Message) -> dict[str, Any]:
    return {f":{name}": value for name, value in message_attributes(message).items()}
