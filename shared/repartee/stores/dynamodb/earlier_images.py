"""Which pictures were shown in rooms of late, on DynamoDB: an item each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from repartee.aws.calls import translate_errors
from repartee.ports import EarlierImage
from repartee.stores.dynamodb.items import (
    BACKEND_NAME,
    INBOX_TTL_SECONDS,
    decode_payload,
    number_attribute,
    payload_attributes,
    primary_key,
    sortable_time,
    text_attribute,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

IMAGE_KEY_PREFIX = "picture#"


class DynamoEarlierImages:
    """`ports.Pictures` on DynamoDB."""

    def __init__(self, client: DynamoDBClient, table: str, clock: Callable[[], float]) -> None:
        self._client, self._table, self._clock = client, table, clock

    def put(self, room: str, images: Sequence[EarlierImage]) -> None:
        for picture in images:
            with translate_errors(BACKEND_NAME):
                self._client.put_item(
                    TableName=self._table,
                    Item=_image_key(room, picture)
                    | {
                        "payload": payload_attributes(picture),
                        "expires": number_attribute(int(picture.sent) + INBOX_TTL_SECONDS),
                    },
                )

    def remove(self, room: str, images: Sequence[EarlierImage]) -> None:
        for picture in images:
            with translate_errors(BACKEND_NAME):
                self._client.delete_item(TableName=self._table, Key=_image_key(room, picture))

    def list_newest(self, room: str, limit: int) -> Sequence[EarlierImage]:
        with translate_errors(BACKEND_NAME):
            found = self._client.query(
                TableName=self._table,
                KeyConditionExpression="pk = :room AND begins_with(sk, :picture)",
                FilterExpression="expires > :now",
                ExpressionAttributeValues={
                    ":room": text_attribute(room),
                    ":picture": text_attribute(IMAGE_KEY_PREFIX),
                    ":now": number_attribute(self._clock()),
                },
                ConsistentRead=True,
                ScanIndexForward=False,
                Limit=limit,
            )
        return [decode_payload(item, EarlierImage) for item in found["Items"]]


def _image_key(room: str, picture: EarlierImage) -> dict[str, Any]:
    return primary_key(room, f"{IMAGE_KEY_PREFIX}{sortable_time(picture.sent)}#{picture.id}")
