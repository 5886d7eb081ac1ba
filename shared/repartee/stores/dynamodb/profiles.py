"""Facts about people, on DynamoDB: an item a person, and one for each room in which they told of it.

The person's own item has all of it. A room's item has what the person told there, where others read: what has
no such item, as everything that versions before kept, is private.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from repartee.aws.calls import translate_errors
from repartee.domain.message import is_shared_room
from repartee.ports.records import SPOKEN_PROFILE_KEYS
from repartee.stores.dynamodb.chat_state import PROFILE_KEY, ROOM_PROFILE_PREFIX, room_profile_key
from repartee.stores.dynamodb.items import BACKEND_NAME, fit_text, primary_key, text_attribute

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MAX_FACT_BYTES = 2_000
"""Bytes of one fact. Forty notes and what else is known stay far below the 400 KB of an item."""


class ProfileItems:
    """The part of `ports.Records` that keeps what is known about people."""

    _client: DynamoDBClient
    _table: str

    def update_profile(self, person: str, facts: Mapping[str, str], room: str = "") -> None:
        if not facts:
            return
        self._update_facts(person, PROFILE_KEY, facts)
        if room and is_shared_room(room):
            self._update_facts(person, room_profile_key(room), facts)
            return
        for key in self._room_keys(person) if facts.keys() - SPOKEN_PROFILE_KEYS else ():
            self._update_facts(person, key, dict.fromkeys(facts, ""))

    def _room_keys(self, person: str) -> Iterator[str]:
        """Yields the keys of the person's items of rooms: what is changed elsewhere is no longer as it was
        told there."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :person AND begins_with(sk, :profile)",
            ProjectionExpression="sk",
            ExpressionAttributeValues={
                ":person": text_attribute(person),
                ":profile": text_attribute(ROOM_PROFILE_PREFIX),
            },
            ConsistentRead=True,
        )
        with translate_errors(BACKEND_NAME):
            for page in pages:
                yield from (item["sk"]["S"] for item in page["Items"])

    def _update_facts(self, person: str, key: str, facts: Mapping[str, str]) -> None:
        names = {f"#{place}": name for place, name in enumerate(facts)}
        values = {
            at.replace("#", ":"): text_attribute(fit_text(facts[name], MAX_FACT_BYTES))
            for at, name in names.items()
            if facts[name]
        }
        kept = ", ".join(f"{at} = {at.replace('#', ':')}" for at, name in names.items() if facts[name])
        gone = ", ".join(at for at, name in names.items() if not facts[name])
        given: Any = {"ExpressionAttributeValues": values} if values else {}
        with translate_errors(BACKEND_NAME):
            self._client.update_item(
                TableName=self._table,
                Key=primary_key(person, key),
                UpdateExpression=" ".join(
                    f"{verb} {what}" for verb, what in (("SET", kept), ("REMOVE", gone)) if what
                ),
                ExpressionAttributeNames=names,
                **given,
            )
