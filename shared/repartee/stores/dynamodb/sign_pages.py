"""Reads the signs of a room's vectors from their index, thousands in a moment.

botocore takes 20 microseconds to parse a small item, which would be half of relevance's time for a room of
20,000 messages; msgspec takes half a microsecond. botocore's event `before-parse` hands out the body of an
answer, and lets us put our own beside what it parses.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from repartee.aws.calls import translate_errors
from repartee.domain.message import Side
from repartee.plan import deadline
from repartee.stores.dynamodb.items import BACKEND_NAME, text_attribute
from repartee.stores.dynamodb.message_items import MESSAGE_SK_PREFIX, SIGNS_INDEX_NAME

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

READ_UNIT_BYTES = 4096
PARTITION_READ_UNITS_PER_SECOND = 3000
"""DynamoDB's limit for a partition, in consistent reads of 4 KB. A room is one partition."""

SEARCH_SECONDS = 1.0
"""Seconds of relevance's 1.5 that signs are read for; the rest is for words and for the closest."""

SEARCHES_AT_ONCE_NUMBER = 2
"""Both sides of a room are searched at the same time."""

MAX_SIGN_BYTES = int(
    PARTITION_READ_UNITS_PER_SECOND * READ_UNIT_BYTES * SEARCH_SECONDS / SEARCHES_AT_ONCE_NUMBER
)
"""Bytes of signs and their keys that one search reads."""

MIN_REMAINING_SECONDS = 0.4
"""Seconds before the deadline at which no further page is read."""

KEY_BYTES = 110
"""Bytes that the keys of a usual message have in the index of signs, with the names of its attributes."""

_raw_answers: ContextVar[bool] = ContextVar("raw_answers", default=False)


class _Binary(msgspec.Struct):
    B: bytes = b""


class _Text(msgspec.Struct):
    S: str = ""


class _SignItem(msgspec.Struct):
    sk: _Text
    signed: _Text
    signs: _Binary = msgspec.field(default_factory=_Binary)


class _SignPage(msgspec.Struct):
    Items: list[_SignItem] = []
    LastEvaluatedKey: dict[str, Any] | None = None


_page_decoder = msgspec.json.Decoder(_SignPage)


@dataclass
class RoomSigns:
    """The signs of a side's newest vectors in a room, by the hash of the message's id. `compared_since` is
    the side and time of the oldest where there are older ones that were not read, else empty."""

    signs: dict[str, bytes] = field(default_factory=dict)
    compared_since: str = ""


def max_compared_messages(dimensions: int) -> int:
    """Returns how many messages of a side are compared by vectors of that length; older ones by words."""
    return MAX_SIGN_BYTES // (-(-dimensions // 8) + KEY_BYTES)


def read_room_signs(
    client: DynamoDBClient, table: str, room: str, side: Side, max_bytes: int = MAX_SIGN_BYTES
) -> RoomSigns:
    """Returns the newest signs, as many as fit into relevance's time."""
    read, size = RoomSigns(), 0
    for page in _query_pages(client, table, room, side):
        for item in page.Items:
            read.signs[item.sk.S.removeprefix(MESSAGE_SK_PREFIX)] = item.signs.B
            size += len(item.signs.B) + len(room) + len(item.sk.S) + len(item.signed.S)
        left = deadline.remaining()
        is_late = left is not None and left < MIN_REMAINING_SECONDS
        if page.LastEvaluatedKey and (size >= max_bytes or is_late):
            read.compared_since = page.Items[-1].signed.S if page.Items else ""
            break
    return read


def _query_pages(client: DynamoDBClient, table: str, room: str, side: Side) -> Iterator[_SignPage]:
    _register_parser(client)
    start: dict[str, Any] = {}
    while True:
        token = _raw_answers.set(True)
        try:
            with translate_errors(BACKEND_NAME):
                answer: Any = client.query(
                    TableName=table,
                    IndexName=SIGNS_INDEX_NAME,
                    KeyConditionExpression="pk = :room AND begins_with(signed, :side)",
                    Select="ALL_PROJECTED_ATTRIBUTES",  # an expression would read the table as well
                    ExpressionAttributeValues={
                        ":room": text_attribute(room),
                        ":side": text_attribute(f"{side}#"),
                    },
                    ScanIndexForward=False,
                    ConsistentRead=True,
                    **start,
                )
        finally:
            _raw_answers.reset(token)
        page: _SignPage = answer["SignPage"]
        yield page
        if not page.LastEvaluatedKey:
            return
        start = {"ExclusiveStartKey": _decode_key(page.LastEvaluatedKey)}


def _decode_key(key: dict[str, Any]) -> dict[str, Any]:
    return {
        name: {kind: _decode_value(kind, value)} for name, at in key.items() for kind, value in at.items()
    }


def _decode_value(kind: str, value: Any) -> Any:
    return base64.b64decode(value) if kind == "B" else value


def _register_parser(client: DynamoDBClient) -> None:
    """Lets the client's answers to this module's queries be parsed here. Repeating it changes nothing."""
    client.meta.events.register("before-parse.dynamodb.Query", _parse_page, unique_id="repartee-sign-pages")


def _parse_page(response_dict: Any, customized_response_dict: Any, **_: Any) -> None:
    if _raw_answers.get() and response_dict["status_code"] < 300:
        customized_response_dict["SignPage"] = _page_decoder.decode(response_dict["body"])
        response_dict["body"] = b"{}"
