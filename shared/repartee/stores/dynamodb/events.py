"""What web clients are told, on DynamoDB: one item a chunk of events, named after its last one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from repartee.ports import Event
from repartee.services.aws import translating
from repartee.stores.dynamodb.items import BACKEND, Item, decoded, key, number, payload, text

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEPT_FOR = 3600
"""Seconds that a reply can be read on."""

LARGEST_CHUNK = 60_000
"""Characters of text in one item. DynamoDB takes 400 KB, and JSON may write one character in six bytes."""

FIRST = " "
"""Sorts before every id."""


class DynamoEvents:
    """`ports.Events` on DynamoDB."""

    def __init__(self, client: DynamoDBClient, table: str, clock: Callable[[], float]) -> None:
        self._client, self._table, self._clock = client, table, clock

    def append(self, log: str, events: Sequence[Event]) -> None:
        expires = number(int(self._clock()) + KEPT_FOR)
        for chunk in _chunks(events):
            item = key(f"events#{log}", chunk[-1].id) | {"payload": payload(chunk), "expires": expires}
            with translating(BACKEND):
                self._client.put_item(TableName=self._table, Item=item)

    def after(self, log: str, id: str) -> Sequence[Event]:
        found = chain.from_iterable(decoded(item, list[Event]) for item in self._chunks_after(log, id))
        return list(_each_once(found, id))

    def _chunks_after(self, log: str, id: str) -> Iterator[Item]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :log AND sk > :id",
            FilterExpression="expires > :now",
            ExpressionAttributeValues={
                ":log": text(f"events#{log}"),
                ":id": text(id or FIRST),
                ":now": number(self._clock()),
            },
            ConsistentRead=True,
        )
        with translating(BACKEND):
            for page in pages:
                yield from page["Items"]


def _chunks(events: Sequence[Event]) -> Iterator[list[Event]]:
    """The events in chunks that an item can hold."""
    chunk: list[Event] = []
    size = 0
    for event in events:
        if chunk and size + len(event.text) > LARGEST_CHUNK:
            yield chunk
            chunk, size = [], 0
        chunk.append(event)
        size += len(event.text)
    if chunk:
        yield chunk


def _each_once(events: Iterator[Event], id: str) -> Iterator[Event]:
    """The events after that one: chunks that were written twice overlap."""
    for event in events:
        if event.id > id:
            id = event.id
            yield event
