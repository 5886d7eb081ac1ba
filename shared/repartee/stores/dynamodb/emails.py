"""E-mail on DynamoDB, under its person: where they get it, and one item a mail that was sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec

from repartee.aws.calls import translate_errors
from repartee.domain.brief_run import RunHeld
from repartee.domain.email import (
    FINAL_EMAIL_STATUSES,
    EmailContact,
    EmailJob,
    EmailRun,
    EmailStatus,
    EndReason,
)
from repartee.errors import BackendError, LeaseLost
from repartee.stores.dynamodb.brief_runs import RUN_TTL_SECONDS
from repartee.stores.dynamodb.items import (
    BACKEND_NAME,
    ConditionFailed,
    Item,
    number_attribute,
    primary_key,
    text_attribute,
    translate_conditional_errors,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

CONTACT_KEY = "email"
MAIL_PREFIX = "emailrun#"

PENDING_NAMES = "pending_address, pending_nonce, pending_until, expires"
ASKED = "SET pending_address = :address, pending_nonce = :nonce, pending_until = :until, spoken = :spoken"
ADDED = "ADD subscriptions :added"

NAMES = {"#until": "until", "#status": "status"}


class DynamoEmailContacts:
    """`ports.EmailContacts` on DynamoDB."""

    def __init__(self, client: DynamoDBClient, table: str, clock: Callable[[], float]) -> None:
        self._client, self._table, self._clock = client, table, clock

    def find(self, person: str) -> EmailContact | None:
        with translate_errors(BACKEND_NAME):
            answer = self._client.get_item(
                TableName=self._table, Key=_contact_key(person), ConsistentRead=True
            )
        item = answer.get("Item")
        if item is None or 0 < _number(item, "expires") <= self._clock():
            return None
        contact = _decode_contact(item)
        return self._forget_pending(contact) if 0 < contact.pending_until <= self._clock() else contact

    def _forget_pending(self, contact: EmailContact) -> EmailContact:
        """Forgets an address that was not confirmed in time beside what is kept; without another one also
        which briefs were to go there."""
        left = contact.subscriptions if contact.address else frozenset[str]()
        names = PENDING_NAMES if contact.address else f"{PENDING_NAMES}, subscriptions"
        with suppress(BackendError):  # the next read tries it again
            self._update(
                contact.person,
                f"REMOVE {names}",
                "pending_nonce = :nonce",
                nonce=text_attribute(contact.pending_nonce),
            )
        return msgspec.structs.replace(
            contact, pending_address="", pending_nonce="", pending_until=0.0, subscriptions=left
        )

    def ask(
        self, person: str, subscription_id: str, address: str, nonce: str, until: float, language: str
    ) -> None:
        asked: dict[str, Any] = {
            "address": text_attribute(address),
            "nonce": text_attribute(nonce),
            "until": number_attribute(until),
            "spoken": text_attribute(language),
            "added": {"SS": [subscription_id]},
        }
        expires = number_attribute(int(until))  # an address that nobody confirms is not kept
        alone = "attribute_not_exists(address) AND attribute_not_exists(ended)"
        if not self._update(person, f"{ASKED}, expires = :expires {ADDED}", alone, **asked, expires=expires):
            self._update(person, f"{ASKED} REMOVE expires {ADDED}", **asked)

    def add(self, person: str, subscription_id: str) -> None:
        self._update(
            person,
            ADDED,
            "attribute_exists(address)",
            added={"SS": [subscription_id]},
        )

    def remove(self, person: str, subscription_id: str, reason: EndReason | None = None) -> None:
        taken = {"SS": [subscription_id]}
        if not self._update(person, "DELETE subscriptions :taken", "attribute_exists(pk)", taken=taken):
            return
        note = "SET ended = if_not_exists(ended, :reason) " if reason else ""
        self._update(
            person,
            f"{note}REMOVE address, nonce, {PENDING_NAMES}",
            "attribute_exists(pk) AND attribute_not_exists(subscriptions)",
            **({"reason": text_attribute(reason)} if reason else {}),
        )

    def confirm(self, person: str, nonce: str, now: float) -> bool:
        confirmed = self._update(
            person,
            f"SET address = pending_address, nonce = pending_nonce REMOVE {PENDING_NAMES}, ended",
            "pending_nonce = :nonce AND pending_until > :now",
            nonce=text_attribute(nonce),
            now=number_attribute(now),
        )
        return confirmed or self._update(
            person,
            "SET nonce = :nonce",
            "nonce = :nonce AND attribute_exists(address)",
            nonce=text_attribute(nonce),
        )

    def trust(self, person: str, subscription_id: str, address: str, nonce: str, language: str) -> bool:
        return self._update(
            person,
            f"SET address = :address, nonce = :nonce, spoken = :spoken REMOVE {PENDING_NAMES} {ADDED}",
            "attribute_not_exists(ended)",
            address=text_attribute(address),
            nonce=text_attribute(nonce),
            spoken=text_attribute(language),
            added={"SS": [subscription_id]},
        )

    def end(self, person: str, nonce: str, reason: EndReason) -> bool:
        given = {"nonce": text_attribute(nonce), "reason": text_attribute(reason)}
        ended, in_use = (
            "SET ended = :reason REMOVE address, nonce",
            "nonce = :nonce AND attribute_exists(address)",
        )
        waits = f"{in_use} AND attribute_exists(pending_nonce)"  # for another address, with these briefs
        return self._update(person, ended, waits, **given) or self._update(
            person, f"{ended}, subscriptions", f"{in_use} AND attribute_not_exists(pending_nonce)", **given
        )

    def _update(self, person: str, change: str, condition: str = "", **values: Any) -> bool:
        """Changes the item, and returns whether the condition held."""
        given: Any = {"ConditionExpression": condition} if condition else {}
        if values:
            given["ExpressionAttributeValues"] = {f":{name}": value for name, value in values.items()}
        try:
            with translate_conditional_errors():
                self._client.update_item(
                    TableName=self._table,
                    Key=_contact_key(person),
                    UpdateExpression=change,
                    **given,
                )
        except ConditionFailed:
            return False
        return True


class DynamoEmailRuns:
    """`ports.EmailRuns` on DynamoDB."""

    def __init__(self, client: DynamoDBClient, table: str, clock: Callable[[], float]) -> None:
        self._client, self._table, self._clock = client, table, clock

    def claim(self, job: EmailJob, now: float, until: float) -> EmailRun | None:
        values = {
            ":one": number_attribute(1),
            ":now": number_attribute(now),
            ":until": number_attribute(until),
            ":claimed": text_attribute("claimed"),
            ":sending": text_attribute("sending"),
            ":expires": number_attribute(int(now) + RUN_TTL_SECONDS),
        }
        try:
            with translate_conditional_errors():
                answer = self._client.update_item(
                    TableName=self._table,
                    Key=_mail_key(job.person, job.run_id),
                    UpdateExpression="ADD fence :one SET #until = :until, expires = :expires, "
                    "#status = if_not_exists(#status, :claimed)",
                    ConditionExpression="attribute_not_exists(pk) "
                    "OR (#status IN (:claimed, :sending) AND #until <= :now)",
                    ExpressionAttributeNames=NAMES,
                    ExpressionAttributeValues=values,
                    ReturnValues="ALL_NEW",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
        except ConditionFailed as failed:
            if failed.item.get("status", {}).get("S") in FINAL_EMAIL_STATUSES:
                return None
            raise RunHeld(_number(failed.item, "until")) from None
        return EmailRun(
            person=job.person,
            run_id=job.run_id,
            fence=int(_number(answer["Attributes"], "fence")),
            sending_at=_number(answer["Attributes"], "sending_at"),
        )

    def mark_sending(self, run: EmailRun, now: float) -> None:
        self._change(run, "#status = :status, sending_at = :at", "sending", {":at": number_attribute(now)})

    def finish(self, run: EmailRun, status: EmailStatus) -> None:
        self._change(run, "#status = :status", status, {})

    def _change(self, run: EmailRun, change: str, status: EmailStatus, values: Mapping[str, Any]) -> None:
        try:
            with translate_conditional_errors():
                self._client.update_item(
                    TableName=self._table,
                    Key=_mail_key(run.person, run.run_id),
                    UpdateExpression=f"SET {change}",
                    ConditionExpression="fence = :fence AND #status IN (:claimed, :sending)",
                    ExpressionAttributeNames={"#status": "status"},
                    ExpressionAttributeValues={
                        ":fence": number_attribute(run.fence),
                        ":status": text_attribute(status),
                        ":claimed": text_attribute("claimed"),
                        ":sending": text_attribute("sending"),
                        **values,
                    },
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
        except ConditionFailed as failed:
            if failed.item.get("status", {}).get("S") == status:
                return
            raise LeaseLost("the mail is another worker's, or was sent") from None

    def note_sent(self, person: str, run_id: str) -> None:
        with suppress(ConditionFailed), translate_conditional_errors():
            self._client.update_item(
                TableName=self._table,
                Key=_mail_key(person, run_id),
                UpdateExpression="SET #status = :sent",
                ConditionExpression="#status IN (:claimed, :sending)",
                ExpressionAttributeNames={"#status": "status"},
                ExpressionAttributeValues={
                    f":{name}": text_attribute(name) for name in ("sent", "claimed", "sending")
                },
            )


def _contact_key(person: str) -> dict[str, Any]:
    return primary_key(person, CONTACT_KEY)


def _mail_key(person: str, run_id: str) -> dict[str, Any]:
    return primary_key(person, f"{MAIL_PREFIX}{run_id}")


def _number(item: Item, name: str) -> float:
    return float(item.get(name, {"N": "0"})["N"])


def _decode_contact(item: Item) -> EmailContact:
    def text(name: str) -> str:
        return str(item.get(name, {}).get("S", ""))

    return EmailContact(
        person=text("pk"),
        address=text("address"),
        nonce=text("nonce"),
        pending_address=text("pending_address"),
        pending_nonce=text("pending_nonce"),
        pending_until=_number(item, "pending_until"),
        subscriptions=frozenset(item.get("subscriptions", {}).get("SS", ())),
        language=text("spoken"),
        ended=text("ended"),
    )
