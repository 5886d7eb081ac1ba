"""The event log of web clients on DynamoDB: one item a chunk of events, named after its last one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from repartee.aws.calls import translate_errors
from repartee.ports import WebEvent
from repartee.stores.dynamodb.items import (
    BACKEND_NAME,
    Item,
    decode_payload,
    number_attribute,
    payload_attributes,
    primary_key,
    text_attribute,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

EVENTS_TTL_SECONDS = 3600
"""Seconds that a reply can be read on."""

MAX_CHUNK_CHARS = 60_000
"""Characters of text in one item. DynamoDB takes 400 KB, and JSON may write one character in six bytes."""

LOWEST_EVENT_ID = " "
"""Sorts before every id."""


class DynamoEvents:
    """`ports.Events` on DynamoDB."""

    def __init__(self, client: DynamoDBClient, table: str, clock: Callable[[], float]) -> None:
        self._client, self._table, self._clock = client, table, clock

    def append(self, log: str, events: Sequence[WebEvent]) -> None:
        expires = number_attribute(int(self._clock()) + EVENTS_TTL_SECONDS)
        for chunk in _split_into_chunks(events):
            item = primary_key(f"events#{log}", chunk[-1].id) | {
                "payload": payload_attributes(chunk),
                "expires": expires,
            }
            with translate_errors(BACKEND_NAME):
                self._client.put_item(TableName=self._table, Item=item)

    def read_after(self, log: str, id: str) -> Sequence[WebEvent]:
        found = chain.from_iterable(
            decode_payload(item, list[WebEvent]) for item in self._read_chunks_after(log, id)
        )
        return list(_skip_repeated(found, id))

    def _read_chunks_after(self, log: str, id: str) -> Iterator[Item]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :log AND sk > :id",
            FilterExpression="expires > :now",
            ExpressionAttributeValues={
                ":log": text_attribute(f"events#{log}"),
                ":id": text_attribute(id or LOWEST_EVENT_ID),
                ":now": number_attribute(self._clock()),
            },
            ConsistentRead=True,
        )
        with translate_errors(BACKEND_NAME):
            for page in pages:
                yield from page["Items"]


def _split_into_chunks(events: Sequence[WebEvent]) -> Iterator[list[WebEvent]]:
    """Yields the events in chunks that an item can hold."""
    chunk: list[WebEvent] = []
    size = 0
    for event in events:
        if chunk and size + len(event.text) > MAX_CHUNK_CHARS:
            yield chunk
            chunk, size = [], 0
        chunk.append(event)
        size += len(event.text)
    if chunk:
        yield chunk


def _skip_repeated(events: Iterator[WebEvent], id: str) -> Iterator[WebEvent]:
    """Yields the events after that one: chunks that were written twice overlap."""
    for event in events:
        if event.id > id:
            id = event.id
            yield event
