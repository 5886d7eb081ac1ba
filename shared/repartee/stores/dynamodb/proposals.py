"""Proposals and what people decided on them, on DynamoDB: an item each, whose every change is conditional."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from repartee.aws.calls import translate_errors
from repartee.domain.proposal import Proposal, ProposalDecision, ProposalRecord, Verdict
from repartee.stores.dynamodb.items import (
    BACKEND_NAME,
    INBOX_TTL_SECONDS,
    ConditionFailed,
    Item,
    batch_get,
    decode_payload,
    fit_text,
    number_attribute,
    payload_attributes,
    primary_key,
    text_attribute,
    translate_conditional_errors,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

RESERVED_ATTRIBUTE_NAMES = {"#state": "state", "#until": "until"}
"""DynamoDB reserves these words."""


PROPOSED_PREFIX = "proposed#"
"""Beginning of the sort key, under a person, that names a proposal for their decision."""

MAX_LISTED_PROPOSALS = 20

MAX_RESULT_BYTES = 64 * 1024
"""Bytes of what is kept of what was said about a proposal: every channel shows less."""


class DynamoProposals:
    """`ports.Proposals` on DynamoDB."""

    def __init__(self, client: DynamoDBClient, table: str, clock: Callable[[], float]) -> None:
        self._client, self._table, self._clock = client, table, clock

    def put(self, proposal: Proposal) -> None:
        self._list_under_person(proposal)
        item = _proposal_key(proposal.id) | {
            "payload": payload_attributes(proposal),
            "state": text_attribute("open"),
            "person": text_attribute(proposal.approver),
            "until": number_attribute(proposal.expires_at),
            "expires": number_attribute(int(proposal.expires_at) + INBOX_TTL_SECONDS),
        }
        with suppress(ConditionFailed), translate_conditional_errors():
            self._client.put_item(
                TableName=self._table, Item=item, ConditionExpression="attribute_not_exists(pk)"
            )

    def find(self, proposal_id: str) -> ProposalRecord | None:
        with translate_errors(BACKEND_NAME):
            answer = self._client.get_item(
                TableName=self._table, Key=_proposal_key(proposal_id), ConsistentRead=True
            )
        return _decode_proposal(answer.get("Item", {}), self._clock())

    def _list_under_person(self, proposal: Proposal) -> None:
        """Notes the proposal's id with its person. It comes first: an id without a proposal is passed
        over."""
        item = primary_key(proposal.approver, f"{PROPOSED_PREFIX}{proposal.id}") | {
            "expires": number_attribute(int(proposal.expires_at) + 1)
        }
        with translate_errors(BACKEND_NAME):
            self._client.put_item(TableName=self._table, Item=item)

    def list_open(self, person: str, now: float) -> Sequence[Proposal]:
        with translate_errors(BACKEND_NAME):
            answer = self._client.query(
                TableName=self._table,
                KeyConditionExpression="pk = :person AND begins_with(sk, :prefix)",
                ExpressionAttributeValues={
                    ":person": text_attribute(person),
                    ":prefix": text_attribute(PROPOSED_PREFIX),
                },
                Limit=MAX_LISTED_PROPOSALS * 5,
                ConsistentRead=True,
            )
        keys = [_proposal_key(item["sk"]["S"].removeprefix(PROPOSED_PREFIX)) for item in answer["Items"]]
        found = [_decode_proposal(item, now) for item in batch_get(self._client, self._table, keys, now)]
        waiting = [
            one.proposal for one in found if one and one.state == "open" and one.proposal.expires_at > now
        ]
        return sorted(waiting, key=lambda one: (one.expires_at, one.id))[:MAX_LISTED_PROPOSALS]

    def record_decision(self, press: ProposalDecision) -> Verdict:
        try:
            self._update_proposal(
                press.proposal_id,
                "SET #state = :decided, press = :press",
                "#state = :open AND person = :by AND #until >= :at",
                {
                    ":decided": text_attribute("approved" if press.approved else "declined"),
                    ":press": text_attribute(press.id),
                    ":open": text_attribute("open"),
                    ":by": text_attribute(press.decided_by),
                    ":at": number_attribute(press.decided_at),
                },
                RESERVED_ATTRIBUTE_NAMES,
            )
        except ConditionFailed as failed:
            found = _decode_proposal(failed.item, self._clock())
            return found.judge_decision(press) if found else "unknown"
        return "taken"

    def begin_execution(self, proposal_id: str) -> bool:
        values = {":begun": text_attribute("begun"), ":approved": text_attribute("approved")}
        try:
            self._update_proposal(proposal_id, "SET #state = :begun", "#state = :approved", values)
        except ConditionFailed:
            return False
        return True

    def finish_execution(self, proposal_id: str, result_text: str) -> None:
        values = {
            ":done": text_attribute("done"),
            ":told": text_attribute(fit_text(result_text, MAX_RESULT_BYTES)),
        }
        with suppress(ConditionFailed):
            self._update_proposal(
                proposal_id, "SET #state = :done, told = :told", "attribute_exists(#state)", values
            )

    def _update_proposal(
        self,
        subject: str,
        expression: str,
        condition: str,
        values: dict[str, Any],
        names: dict[str, str] | None = None,
    ) -> None:
        with translate_conditional_errors():
            self._client.update_item(
                TableName=self._table,
                Key=_proposal_key(subject),
                UpdateExpression=expression,
                ConditionExpression=condition,
                ExpressionAttributeNames=names or {"#state": "state"},
                ExpressionAttributeValues=values,
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )


def _proposal_key(subject: str) -> dict[str, Any]:
    return primary_key(f"proposal#{subject}", "proposal")


def _decode_proposal(item: Item, now: float) -> ProposalRecord | None:
    """Returns the proposal in an item; None if there is none, or it has expired and is not yet deleted."""
    if not item or float(item["expires"]["N"]) <= now:
        return None
    return ProposalRecord(
        proposal=decode_payload(item, Proposal),
        state=item["state"]["S"],
        press_id=item.get("press", text_attribute(""))["S"],
        result_text=item.get("told", text_attribute(""))["S"],
    )
