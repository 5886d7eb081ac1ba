"""Copies of a table: what one subject of a bench writes is not read by another."""

from __future__ import annotations

from typing import Any

INDEX_FIELDS = ("IndexName", "KeySchema", "Projection")


def copy_table(dynamodb: Any, name: str, copy: str) -> None:
    """Makes a table with the keys, the indexes and the items of another, which has few."""
    known = dynamodb.describe_table(TableName=name)["Table"]
    indexes = {
        kind: [{field: index[field] for field in INDEX_FIELDS} for index in known[kind]]
        for kind in ("LocalSecondaryIndexes", "GlobalSecondaryIndexes")
        if known.get(kind)
    }
    dynamodb.create_table(
        TableName=copy,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=known["AttributeDefinitions"],
        KeySchema=known["KeySchema"],
        **indexes,
    )
    for item in dynamodb.scan(TableName=name)["Items"]:
        dynamodb.put_item(TableName=copy, Item=item)
