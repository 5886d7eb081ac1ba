"""Keeps people's feedback on a reply as attributes of the turn's exchange: one a person."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING
from zlib import crc32

from repartee.domain.feedback import Feedback
from repartee.errors import BackendError
from repartee.stores.dynamodb.items import (
    ConditionFailed,
    Item,
    number_attribute,
    primary_key,
    translate_conditional_errors,
)
from repartee.stores.dynamodb.turn_records import record_key_of

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

EXCHANGE_KEY_PREFIX = "exchange#"
FEEDBACK_ATTRIBUTE_PREFIX = "feedback:"

MAX_FEEDBACK_PERSONS = 100
"""People whose feedback on one reply is kept: an exchange's item leaves room for 40 KB of it."""


def save_feedback(client: DynamoDBClient, table: str, feedback: Feedback) -> bool:
    """Writes it beside the exchange, unless that is gone, has something later of the person, or has the
    feedback of as many people as are kept."""
    value = {
        "M": {"helpful": {"BOOL": feedback.helpful}, "at": number_attribute(feedback.given_at)},
    }
    try:
        with translate_conditional_errors():
            exchange = client.update_item(
                TableName=table,
                Key=primary_key(feedback.chat, EXCHANGE_KEY_PREFIX + feedback.turn),
                ReturnValues="ALL_OLD",
                UpdateExpression="SET #own = :value ADD raters :person",
                ConditionExpression=(
                    "attribute_exists(pk) AND (#own.#at <= :at OR (attribute_not_exists(#own)"
                    " AND (attribute_not_exists(raters) OR size(raters) < :people)))"
                ),
                ExpressionAttributeNames={"#own": FEEDBACK_ATTRIBUTE_PREFIX + feedback.person, "#at": "at"},
                ExpressionAttributeValues={
                    ":value": value,
                    ":at": number_attribute(feedback.given_at),
                    ":person": {"SS": [feedback.person]},
                    ":people": number_attribute(MAX_FEEDBACK_PERSONS),
                },
            )
    except ConditionFailed:
        return False
    _note_in_turn_record(client, table, exchange["Attributes"], feedback)
    return True


def _note_in_turn_record(client: DynamoDBClient, table: str, exchange: Item, feedback: Feedback) -> None:
    """Writes it into the turn's record too, which names nobody. One that is gone stays so."""
    if (key := record_key_of(exchange)) is None:
        return
    person = crc32(feedback.person.encode())
    with suppress(BackendError, ConditionFailed), translate_conditional_errors():
        client.update_item(
            TableName=table,
            Key=key,
            UpdateExpression="SET #own = :helpful",
            ConditionExpression="attribute_exists(pk)",
            ExpressionAttributeNames={"#own": f"{FEEDBACK_ATTRIBUTE_PREFIX}{person:08x}"},
            ExpressionAttributeValues={":helpful": {"BOOL": feedback.helpful}},
        )


def list_feedback(item: Item) -> tuple[Feedback, ...]:
    """Returns the feedback on the exchange's reply, the earliest first."""
    found = [
        Feedback(
            chat=item["pk"]["S"],
            turn=item["sk"]["S"].removeprefix(EXCHANGE_KEY_PREFIX),
            person=name.removeprefix(FEEDBACK_ATTRIBUTE_PREFIX),
            helpful=value["M"]["helpful"]["BOOL"],
            given_at=float(value["M"]["at"]["N"]),
        )
        for name, value in item.items()
        if name.startswith(FEEDBACK_ATTRIBUTE_PREFIX)
    ]
    return tuple(sorted(found, key=lambda one: one.given_at))
