"""The event log of web clients on DynamoDB: one item a chunk of events, named after its last one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from repartee.aws.calls import translate_errors
from repartee.ports import WebEvent
from repartee.ports.web import REPLY_EVENTS_SECONDS
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

MAX_CHUNK_CHARS = 60_000
"""Characters of text in one item. DynamoDB takes 400 KB, and JSON may write one character in six bytes."""

LOWEST_EVENT_ID = " "
"""Sorts before every id."""


class DynamoEvents:
    """`ports.Events` on DynamoDB."""

    def __init__(self, client: DynamoDBClient, table: str, clock: Callable[[], float]) -> None:
        self._client, self._table, self._clock = client, table, clock

    def append(self, log: str, events: Sequence[WebEvent], ttl_seconds: float = REPLY_EVENTS_SECONDS) -> None:
        expires = number_attribute(int(self._clock() + ttl_seconds))
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

    def read_page(self, log: str, id: str) -> Sequence[WebEvent]:
        for page in self._iterate_pages(log, id):
            found = chain.from_iterable(decode_payload(item, list[WebEvent]) for item in page)
            if events := list(_skip_repeated(found, id)):
                return events
        return ()

    def find_newest_id(self, log: str) -> str:
        with translate_errors(BACKEND_NAME):
            found = self._client.query(
                TableName=self._table,
                KeyConditionExpression="pk = :log",
                ExpressionAttributeValues={":log": text_attribute(f"events#{log}")},
                ProjectionExpression="sk",
                ScanIndexForward=False,
                Limit=1,
                ConsistentRead=True,
            )["Items"]
        return found[0]["sk"]["S"] if found else ""

    def _read_chunks_after(self, log: str, id: str) -> Iterator[Item]:
        return chain.from_iterable(self._iterate_pages(log, id))

    def _iterate_pages(self, log: str, id: str) -> Iterator[Sequence[Item]]:
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
                yield page["Items"]


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
