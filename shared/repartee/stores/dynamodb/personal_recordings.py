"""Finds recordings by the people whose words are in them; hands them out, and erases them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from repartee.aws.calls import translate_errors
from repartee.ports.personal_data import Footprint, PersonalRecord
from repartee.stores.dynamodb.items import BACKEND_NAME, Item
from repartee.stores.dynamodb.personal_items import find_rule

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from repartee.stores.dynamodb.recordings import DynamoRecordings


class PersonalRecordings:
    """`ports.PersonalDataStore` on the table of recordings. A recording goes whole with each person in it;
    of a shared one a person is handed out when and where it was made. `read_recordings` gives the store
    that can decrypt them, None where its key is not at hand: erasing needs none."""

    def __init__(
        self, client: DynamoDBClient, table: str, read_recordings: Callable[[], DynamoRecordings | None]
    ) -> None:
        self._client, self._table, self._read_recordings = client, table, read_recordings

    def export(self, footprint: Footprint) -> Iterator[PersonalRecord]:
        recordings = self._read_recordings()
        for item in self._owned(footprint):
            id = f"{item['pk']['S']} {item['sk']['S']}"
            found = recordings.read_item(item) if recordings else None
            is_whole = footprint.covers(item["pk"]["S"]) or set(_people_of(item)) <= footprint.people
            content: Any = msgspec.to_builtins(found) if found and is_whole else {"is_shared": not is_whole}
            yield PersonalRecord("recording", id, content)

    def forget(self, footprint: Footprint) -> int:
        erased = 0
        for item in self._owned(footprint):
            with translate_errors(BACKEND_NAME):
                self._client.delete_item(TableName=self._table, Key={"pk": item["pk"], "sk": item["sk"]})
            erased += 1
        return erased

    def _owned(self, footprint: Footprint) -> Iterator[Item]:
        pages = self._client.get_paginator("scan").paginate(TableName=self._table, ConsistentRead=True)
        with translate_errors(BACKEND_NAME):
            for page in pages:
                for item in page["Items"]:
                    rule = find_rule(item)
                    if rule and rule(item, footprint):
                        yield item


def _people_of(item: Item) -> list[str]:
    return list(item.get("people", {}).get("SS", ()))
