"""Whose account in the ERP is whose, on DynamoDB: an item a person, in a table that only a turn can read.

The webhook and the sweep, which read and write the records' table, have no right to this one. Versions before
kept the accounts among the records: one that is found there is moved here when it is read.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from repartee.aws.calls import translate_errors
from repartee.ports import ErpAccount
from repartee.stores.dynamodb.items import (
    BACKEND_NAME,
    ConditionFailed,
    Item,
    primary_key,
    text_attribute,
    translate_conditional_errors,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ACCOUNT_KEY = "account"


class DynamoErpAccounts:
    """`ports.ErpAccountStore` on DynamoDB. `former_table` is the records' table, where they were before."""

    def __init__(self, client: DynamoDBClient, table: str, former_table: str) -> None:
        self._client, self._table, self._former_table = client, table, former_table

    def find(self, person: str) -> ErpAccount | None:
        item = self._read_item(self._table, person) or self._move_former(person)
        return ErpAccount(str(item["login"]["S"]), str(item["key"]["S"])) if item else None

    def link(self, person: str, account: ErpAccount) -> None:
        item = primary_key(person, ACCOUNT_KEY) | {
            "login": text_attribute(account.login),
            "key": text_attribute(account.key),
        }
        with translate_errors(BACKEND_NAME):
            self._client.put_item(TableName=self._table, Item=item)
        self._delete_item(self._former_table, person)

    def unlink(self, person: str) -> None:
        self._delete_item(self._former_table, person)
        self._delete_item(self._table, person)

    def _move_former(self, person: str) -> Item | None:
        """Moves the person's account out of the records' table. None where it has none."""
        if not (item := self._read_item(self._former_table, person)):
            return None
        move_account(self._client, item, self._former_table, self._table)
        return item

    def _read_item(self, table: str, person: str) -> Item | None:
        with translate_errors(BACKEND_NAME):
            answer = self._client.get_item(
                TableName=table, Key=primary_key(person, ACCOUNT_KEY), ConsistentRead=True
            )
        return answer.get("Item")

    def _delete_item(self, table: str, person: str) -> None:
        with translate_errors(BACKEND_NAME):
            self._client.delete_item(TableName=table, Key=primary_key(person, ACCOUNT_KEY))


def move_account(client: DynamoDBClient, item: Item, former_table: str, table: str) -> None:
    """Moves an account's item to the accounts' table, where a newer one stands. Repeating it changes
    nothing."""
    with suppress(ConditionFailed), translate_conditional_errors():
        client.put_item(TableName=table, Item=item, ConditionExpression="attribute_not_exists(pk)")
    with translate_errors(BACKEND_NAME):
        client.delete_item(TableName=former_table, Key={"pk": item["pk"], "sk": item["sk"]})


def move_accounts(client: DynamoDBClient, former_table: str, table: str) -> int:
    """Moves every account that is still in the records' table. Returns how many there were."""
    pages = client.get_paginator("scan").paginate(
        TableName=former_table,
        FilterExpression="sk = :account",
        ExpressionAttributeValues={":account": text_attribute(ACCOUNT_KEY)},
    )
    moved = 0
    for page in pages:
        for item in page["Items"]:
            move_account(client, item, former_table, table)
            moved += 1
    return moved
