"""Whose account in the ERP is whose, on DynamoDB: an item a person, apart from their profile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repartee.ports import Account
from repartee.services.aws import translating
from repartee.stores.dynamodb.items import BACKEND, key, text

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoAccounts:
    """`ports.Accounts` on DynamoDB, which encrypts what it keeps."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client, self._table = client, table

    def of(self, person: str) -> Account | None:
        with translating(BACKEND):
            answer = self._client.get_item(
                TableName=self._table, Key=key(person, "account"), ConsistentRead=True
            )
        item = answer.get("Item")
        return Account(str(item["login"]["S"]), str(item["key"]["S"])) if item else None

    def link(self, person: str, account: Account) -> None:
        item = key(person, "account") | {"login": text(account.login), "key": text(account.key)}
        with translating(BACKEND):
            self._client.put_item(TableName=self._table, Item=item)

    def unlink(self, person: str) -> None:
        with translating(BACKEND):
            self._client.delete_item(TableName=self._table, Key=key(person, "account"))
