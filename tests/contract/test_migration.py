"""The migration of stored items, on DynamoDB Local and on moto."""

from __future__ import annotations

from typing import Any

import pytest

from repartee.stores.dynamodb.inbox import DynamoInbox
from repartee.stores.dynamodb.migration import migrate_items
from repartee.stores.dynamodb.wire import FORMAT_VERSION
from tests.support import aws
from tests.support.inbox_builders import make_message

MESSAGES = 120


@pytest.fixture(params=["moto", "dynamodb_local"])
def dynamodb(request: pytest.FixtureRequest) -> Any:
    return aws.make_client("dynamodb", request.getfixturevalue(request.param))


def test_the_migration_is_safe_to_repeat(dynamodb: Any) -> None:
    """Every item of an earlier format is rewritten once and reads as before; a second run changes nothing."""
    table = aws.make_table(dynamodb)
    inbox = DynamoInbox(dynamodb, table)
    messages = [make_message(f"number {n}", id=f"{n:03}", sent=float(n)) for n in range(MESSAGES)]
    for one in messages:
        inbox.put(one)
        _forget_format(dynamodb, table, f"message#{one.id}", one.chat)

    rewritten = migrate_items(dynamodb, table)
    once = _scan(dynamodb, table)
    again = migrate_items(dynamodb, table)

    assert (rewritten, again) == (MESSAGES, 0)
    assert _scan(dynamodb, table) == once
    assert {item["format"]["N"] for item in once} == {str(FORMAT_VERSION)}
    assert list(inbox.list_open(messages[0].chat).messages) == messages


def test_what_changes_meanwhile_is_left_to_the_next_run(dynamodb: Any) -> None:
    """An item of this version is never overwritten by what was read of it before."""
    table = aws.make_table(dynamodb)
    inbox = DynamoInbox(dynamodb, table)
    inbox.put(make_message("first", id="1"))
    inbox.put(make_message("second", id="2"))
    _forget_format(dynamodb, table, "message#1", make_message().chat)

    assert migrate_items(dynamodb, table) == 1

    assert [one.text for one in inbox.list_latest(make_message().chat, 5)] == ["first", "second"]


def _forget_format(dynamodb: Any, table: str, name: str, chat: str) -> None:
    """Makes the item one of a version that wrote no format."""
    dynamodb.update_item(
        TableName=table,
        Key={"pk": {"S": chat}, "sk": {"S": name}},
        UpdateExpression="REMOVE #format",
        ExpressionAttributeNames={"#format": "format"},
    )


def _scan(dynamodb: Any, table: str) -> list[dict[str, Any]]:
    pages = dynamodb.get_paginator("scan").paginate(TableName=table)
    found = [item for page in pages for item in page["Items"]]
    return sorted(found, key=lambda item: (item["pk"]["S"], item["sk"]["S"]))
