"""Where the links of briefs lead, on DynamoDB: an item for each brief as it was sent to one place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from repartee.domain.brief_links import BriefLinks
from repartee.stores.dynamodb.items import (
    ConditionFailed,
    batch_get,
    decode_attribute,
    number_attribute,
    payload_attributes,
    primary_key,
    text_attribute,
    translate_conditional_errors,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

LINKS_KEY = "brieflinks"


class DynamoBriefLinks:
    """`ports.BriefLinkStore` on DynamoDB."""

    def __init__(self, client: DynamoDBClient, table: str, clock: Callable[[], float]) -> None:
        self._client, self._table, self._clock = client, table, clock

    def put_links(self, id: str, person: str, addresses: Sequence[str], now: float, until: float) -> None:
        with translate_conditional_errors():
            self._client.update_item(
                TableName=self._table,
                Key=_links_key(id),
                UpdateExpression="SET person = :person, addresses = :addresses, expires = :expires, "
                "sent = if_not_exists(sent, :now)",
                ExpressionAttributeValues={
                    ":person": text_attribute(person),
                    ":addresses": payload_attributes(tuple(addresses)),
                    ":expires": number_attribute(int(until)),
                    ":now": number_attribute(now),
                },
            )

    def find_links(self, id: str) -> BriefLinks | None:
        found = batch_get(self._client, self._table, [_links_key(id)], self._clock())
        if not found:
            return None
        (item,) = found
        return BriefLinks(
            person=item["person"]["S"],
            addresses=decode_attribute(item["addresses"], tuple[str, ...], ()),
            sent_at=float(item["sent"]["N"]),
            clicked_at=float(item.get("clicked", number_attribute(0))["N"]),
        )

    def mark_clicked(self, id: str, at: float) -> bool:
        try:
            with translate_conditional_errors():
                self._client.update_item(
                    TableName=self._table,
                    Key=_links_key(id),
                    UpdateExpression="SET clicked = :at",
                    ConditionExpression="attribute_exists(pk) AND attribute_not_exists(clicked)",
                    ExpressionAttributeValues={":at": number_attribute(at)},
                )
        except ConditionFailed:
            return False
        return True


def _links_key(id: str) -> dict[str, Any]:
    return primary_key(f"{LINKS_KEY}:{id}", LINKS_KEY)
