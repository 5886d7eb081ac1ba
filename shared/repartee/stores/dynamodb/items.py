"""How our values are written as DynamoDB items, and how its refusals read."""

from __future__ import annotations

import random
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from botocore.exceptions import ClientError

from repartee.aws.calls import translate_errors
from repartee.domain.stored_size import encode_compact
from repartee.errors import Throttled
from repartee.plan import deadline

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Item = Mapping[str, Any]
T = TypeVar("T")

BACKEND_NAME = "dynamodb"

DAY_SECONDS = 24 * 3600
INBOX_TTL_SECONDS = 30 * DAY_SECONDS
"""Seconds an inbox item lives: longer than any platform redelivers and any dead letter waits."""

ZLIB_HEADER = b"\x78"
"""The first byte of compressed data, with which no JSON begins."""

MAX_BATCH_KEYS = 100
"""Keys in one BatchGetItem, by DynamoDB's limit."""


UNPROCESSED_PAUSES_SECONDS = (0.05, 0.1, 0.2, 0.4, 0.8)
"""Seconds, at the most, before each further try for keys that were left out."""


class ConditionFailed(Exception):
    """The write's condition does not hold. `item` is what is there instead, where it was asked for."""

    def __init__(self, item: Item) -> None:
        super().__init__("the condition does not hold")
        self.item = item


class TransactionCancelled(Exception):
    """None of the transaction's writes took place. `reasons` are DynamoDB's codes, without the Nones."""

    def __init__(self, error: ClientError) -> None:
        super().__init__("the transaction was canceled")
        found: Sequence[Mapping[str, str]] = error.response.get("CancellationReasons", ())  # type: ignore[assignment]
        self.reasons = [reason["Code"] for reason in found if reason.get("Code", "None") != "None"]
        self._items: list[Item] = [reason["Item"] for reason in found if "Item" in reason]  # type: ignore[misc]

    def is_held_by(self, fence: int) -> bool:
        """Returns whether a lease that kept it from being written has this fence."""
        return any(int(item["fence"]["N"]) == fence for item in self._items if "fence" in item)


@contextmanager
def translate_conditional_errors() -> Iterator[None]:
    """Translates errors, and turns a failed condition into `ConditionFailed` with the old item."""
    with translate_errors(BACKEND_NAME):
        try:
            yield
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            old: Item = error.response.get("Item", {})  # type: ignore[assignment]
            raise ConditionFailed(old) from None


def batch_get(
    client: DynamoDBClient,
    table: str,
    keys: Iterable[Item],
    now: float,
    projection: str = "",
    optional: Item | None = None,
) -> list[Item]:
    """Returns the items that are there and not expired, consistent, in no order; with a projection only those
    of their attributes. An `optional` key, which is one of them, is not asked for again."""
    found: list[Item] = []
    for some in split_into_batches(keys):
        found += _batch_get_page(client, table, some, projection, optional)
    return [
        item for item in found if float(item.get("expires", number_attribute(now + DAY_SECONDS))["N"]) > now
    ]


def _batch_get_page(
    client: DynamoDBClient, table: str, keys: Sequence[Item], projection: str, optional: Item | None
) -> Iterator[Item]:
    """Asks again for what DynamoDB leaves out under load, after ever longer pauses."""
    projected = {"ProjectionExpression": projection} if projection else {}
    left_out: Sequence[Any] = keys
    for pause in (*UNPROCESSED_PAUSES_SECONDS, None):
        asked: Any = {table: {"Keys": left_out, "ConsistentRead": True, **projected}}
        with translate_errors(BACKEND_NAME):
            answer: Any = client.batch_get_item(RequestItems=asked)
        yield from answer["Responses"].get(table, ())
        unread = answer["UnprocessedKeys"].get(table, {}).get("Keys", ())
        left_out = [key for key in unread if key != optional]
        if not left_out:
            return
        if pause is None or not has_time_for(pause):
            break
        time.sleep(random.uniform(pause / 2, pause))  # noqa: S311 - it only spreads the load
    raise Throttled(BACKEND_NAME, "keys left unprocessed")


def has_time_for(seconds: float) -> bool:
    """Returns whether the deadline leaves so many seconds."""
    left = deadline.remaining()
    return left is None or left > seconds


def split_into_batches(values: Iterable[T]) -> Iterator[list[T]]:
    """Yields the values in lists of as many as one BatchGetItem takes."""
    rest = iter(values)
    while some := list(islice(rest, MAX_BATCH_KEYS)):
        yield some


def primary_key(pk: str, sk: str) -> dict[str, Any]:
    """Returns an item's primary key."""
    return {"pk": text_attribute(pk), "sk": text_attribute(sk)}


def text_attribute(value: str) -> dict[str, str]:
    """Returns a text as an attribute."""
    return {"S": value}


def number_attribute(value: float) -> dict[str, str]:
    """Returns a number as an attribute, exactly as it is."""
    return {"N": repr(value)}


def payload_attributes(value: object) -> dict[str, Any]:
    """Returns a value as JSON text; compressed where it is large, for an item has at most 400 KB."""
    written = encode_compact(value)
    return {"S": written.decode()} if written[:1] != ZLIB_HEADER else {"B": written}


def fit_text(text: str, max_bytes: int) -> str:
    """Returns the text, or its beginning of at most so many bytes: an item is measured in bytes, and a
    character of Chinese has three."""
    written = text.encode("utf-8", "surrogatepass")
    return text if len(written) <= max_bytes else written[:max_bytes].decode("utf-8", "ignore")


def decode_payload(item: Item, kind: type[T]) -> T:
    """Returns the value that an item was written with."""
    return msgspec.json.decode(_attribute_content(item["payload"]), type=kind)


def decode_attribute(attribute: Item | None, kind: type[T], default: T) -> T:
    """Returns the value of one attribute, if it is there."""
    return msgspec.json.decode(_attribute_content(attribute), type=kind) if attribute else default


def _attribute_content(attribute: Item) -> str | bytes:
    return zlib.decompress(attribute["B"]) if "B" in attribute else str(attribute["S"])


def sortable_time(seconds: float) -> str:
    """Returns a time whose text sorts as the time does, for as long as seconds have ten digits."""
    return f"{seconds:017.6f}"
