"""Proposals and what people decided on them, on DynamoDB: an item each, whose every change is conditional."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from repartee.conversation.proposal import Press, Proposal, Proposed, Verdict
from repartee.services.aws import translating
from repartee.stores.dynamodb.items import (
    BACKEND,
    KEPT_FOR,
    ConditionFailed,
    Item,
    conditionally,
    decoded,
    key,
    number,
    payload,
    text,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NAMES = {"#state": "state", "#until": "until"}
"""DynamoDB reserves these words."""


class DynamoProposals:
    """`ports.Proposals` on DynamoDB."""

    def __init__(self, client: DynamoDBClient, table: str, clock: Callable[[], float]) -> None:
        self._client, self._table, self._clock = client, table, clock

    def keep(self, proposal: Proposal) -> None:
        item = _key(proposal.subject) | {
            "payload": payload(proposal),
            "state": text("open"),
            "person": text(proposal.person),
            "until": number(proposal.until),
            "expires": number(int(proposal.until) + KEPT_FOR),
        }
        with suppress(ConditionFailed), conditionally():
            self._client.put_item(
                TableName=self._table, Item=item, ConditionExpression="attribute_not_exists(pk)"
            )

    def find(self, subject: str) -> Proposed | None:
        with translating(BACKEND):
            answer = self._client.get_item(TableName=self._table, Key=_key(subject), ConsistentRead=True)
        return _proposed(answer.get("Item", {}), self._clock())

    def decide(self, press: Press) -> Verdict:
        try:
            self._change(
                press.subject,
                "SET #state = :decided, press = :press",
                "#state = :open AND person = :by AND #until >= :at",
                {
                    ":decided": text("approved" if press.approved else "declined"),
                    ":press": text(press.id),
                    ":open": text("open"),
                    ":by": text(press.by),
                    ":at": number(press.at),
                },
                NAMES,
            )
        except ConditionFailed as failed:
            found = _proposed(failed.item, self._clock())
            return found.verdict(press) if found else "unknown"
        return "taken"

    def begin(self, subject: str) -> bool:
        values = {":begun": text("begun"), ":approved": text("approved")}
        try:
            self._change(subject, "SET #state = :begun", "#state = :approved", values)
        except ConditionFailed:
            return False
        return True

    def done(self, subject: str, told: str) -> None:
        values = {":done": text("done"), ":told": text(told)}
        with suppress(ConditionFailed):
            self._change(subject, "SET #state = :done, told = :told", "attribute_exists(#state)", values)

    def _change(
        self,
        subject: str,
        expression: str,
        condition: str,
        values: dict[str, Any],
        names: dict[str, str] | None = None,
    ) -> None:
        with conditionally():
            self._client.update_item(
                TableName=self._table,
                Key=_key(subject),
                UpdateExpression=expression,
                ConditionExpression=condition,
                ExpressionAttributeNames=names or {"#state": "state"},
                ExpressionAttributeValues=values,
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )


def _key(subject: str) -> dict[str, Any]:
    return key(f"proposal#{subject}", "proposal")


def _proposed(item: Item, now: float) -> Proposed | None:
    """What an item says, unless it is not there, or has expired and is not yet deleted."""
    if not item or float(item["expires"]["N"]) <= now:
        return None
    return Proposed(
        proposal=decoded(item, Proposal),
        state=item["state"]["S"],
        press=item.get("press", text(""))["S"],
        told=item.get("told", text(""))["S"],
    )
