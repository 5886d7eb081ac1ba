"""Which pictures were shown in rooms of late, on DynamoDB: an item each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from repartee.ports import EarlierPicture
from repartee.services.aws import translating
from repartee.stores.dynamodb.items import BACKEND, KEPT_FOR, decoded, key, number, payload, sortable, text

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PREFIX = "picture#"


class DynamoPictures:
    """`ports.Pictures` on DynamoDB."""

    def __init__(self, client: DynamoDBClient, table: str, clock: Callable[[], float]) -> None:
        self._client, self._table, self._clock = client, table, clock

    def keep(self, room: str, pictures: Sequence[EarlierPicture]) -> None:
        for picture in pictures:
            with translating(BACKEND):
                self._client.put_item(
                    TableName=self._table,
                    Item=key(room, f"{PREFIX}{sortable(picture.sent)}#{picture.id}")
                    | {"payload": payload(picture), "expires": number(int(picture.sent) + KEPT_FOR)},
                )

    def newest(self, room: str, limit: int) -> Sequence[EarlierPicture]:
        with translating(BACKEND):
            found = self._client.query(
                TableName=self._table,
                KeyConditionExpression="pk = :room AND begins_with(sk, :picture)",
                FilterExpression="expires > :now",
                ExpressionAttributeValues={
                    ":room": text(room),
                    ":picture": text(PREFIX),
                    ":now": number(self._clock()),
                },
                ConsistentRead=True,
                ScanIndexForward=False,
                Limit=limit,
            )
        return [decoded(item, EarlierPicture) for item in found["Items"]]
