"""Whose account in the ERP is whose, on DynamoDB: an item a person, apart from their profile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repartee.aws.calls import translate_errors
from repartee.ports import ErpAccount
from repartee.stores.dynamodb.items import BACKEND_NAME, primary_key, text_attribute

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoErpAccounts:
    """`ports.Accounts` on DynamoDB, which encrypts what it keeps."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client, self._table = client, table

    def find(self, person: str) -> ErpAccount | None:
        with translate_errors(BACKEND_NAME):
            answer = self._client.get_item(
                TableName=self._table, Key=primary_key(person, "account"), ConsistentRead=True
            )
        item = answer.get("Item")
        return ErpAccount(str(item["login"]["S"]), str(item["key"]["S"])) if item else None

    def link(self, person: str, account: ErpAccount) -> None:
        item = primary_key(person, "account") | {
            "login": text_attribute(account.login),
            "key": text_attribute(account.key),
        }
        with translate_errors(BACKEND_NAME):
            self._client.put_item(TableName=self._table, Item=item)

    def unlink(self, person: str) -> None:
        with translate_errors(BACKEND_NAME):
            self._client.delete_item(TableName=self._table, Key=primary_key(person, "account"))
