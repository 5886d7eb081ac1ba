"""Runs of briefs on DynamoDB, under their person: one item says that a run is queued, one how far it is
written.

They are two, because what is queued is noted in batches, which know no condition: the note of a second
scheduler must not undo what a worker has written meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from repartee.aws.calls import translate_errors
from repartee.domain.brief import BriefJob
from repartee.domain.brief_run import (
    FINAL_STATUSES,
    MAX_SECTION_BYTES,
    BriefRun,
    BriefSection,
    RunHeld,
    RunStatus,
)
from repartee.domain.reply import VisibleState
from repartee.errors import LeaseLost
from repartee.stores.dynamodb.items import (
    BACKEND_NAME,
    DAY_SECONDS,
    ConditionFailed,
    Item,
    batch_get,
    decode_attribute,
    fit_text,
    number_attribute,
    payload_attributes,
    primary_key,
    text_attribute,
    translate_conditional_errors,
)
from repartee.stores.dynamodb.writes import write_items

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

RUN_TTL_SECONDS = 14 * DAY_SECONDS
"""Seconds that a run is kept: as long as a dead letter waits."""

MAX_BRIEF_BYTES = 100 * 1024
"""Bytes of the whole text, which is kept twice: as it is to be sent, and as it is visible."""

QUEUED_PREFIX = "briefjob#"
RUN_PREFIX = "briefrun#"
SECTION_PREFIX = "section:"
"""Beginning of the attributes that hold finished sections, followed by the project's number."""


class DynamoBriefRuns:
    """`ports.BriefRuns` on DynamoDB."""

    def __init__(self, client: DynamoDBClient, table: str, clock: Callable[[], float]) -> None:
        self._client, self._table, self._clock = client, table, clock

    def find_queued(self, jobs: Sequence[BriefJob]) -> frozenset[str]:
        keys = {job.key: _queued_key(job) for job in jobs}
        items = batch_get(self._client, self._table, keys.values(), self._clock(), "pk, sk, expires")
        found = {(item["pk"]["S"], item["sk"]["S"]) for item in items}
        return frozenset(name for name, key in keys.items() if (key["pk"]["S"], key["sk"]["S"]) in found)

    def note_queued(self, jobs: Sequence[BriefJob]) -> None:
        expires = {"expires": number_attribute(int(self._clock()) + RUN_TTL_SECONDS)}
        write_items(self._client, self._table, [_queued_key(job) | expires for job in jobs])

    def claim(self, job: BriefJob, now: float, until: float) -> BriefRun | None:
        try:
            with translate_conditional_errors():
                answer = self._client.update_item(
                    TableName=self._table,
                    Key=_run_key(job.person, job.run_id),
                    UpdateExpression="ADD fence :one SET #until = :until, expires = :expires, "
                    "#status = :writing, gathered = if_not_exists(gathered, :now)",
                    ConditionExpression="attribute_not_exists(pk) OR (#status = :writing AND #until <= :now)",
                    ExpressionAttributeNames={"#until": "until", "#status": "status"},
                    ExpressionAttributeValues={
                        ":one": number_attribute(1),
                        ":now": number_attribute(now),
                        ":until": number_attribute(until),
                        ":writing": text_attribute("writing"),
                        ":expires": number_attribute(int(now) + RUN_TTL_SECONDS),
                    },
                    ReturnValues="ALL_NEW",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
        except ConditionFailed as failed:
            if failed.item.get("status", {}).get("S") in FINAL_STATUSES:
                return None
            raise RunHeld(float(failed.item.get("until", number_attribute(until))["N"])) from None
        return _decode_run(job, answer["Attributes"])

    def save_section(self, run: BriefRun, number: int, section: BriefSection) -> None:
        kept = msgspec.structs.replace(section, text=fit_text(section.text, MAX_SECTION_BYTES))
        self._update(run, "#section = :section", {"#section": f"{SECTION_PREFIX}{number}"}, section=kept)

    def find_text(self, person: str, run_id: str) -> str:
        """Returns the text of a run (`ports.BriefTexts`)."""
        with translate_errors(BACKEND_NAME):
            answer = self._client.get_item(
                TableName=self._table, Key=_run_key(person, run_id), ConsistentRead=True
            )
        return decode_attribute(answer.get("Item", {}).get("said"), str, "")

    def save_visible(self, run: BriefRun, text: str, visible: VisibleState) -> None:
        kept = fit_text(text, MAX_BRIEF_BYTES)
        shown = msgspec.structs.replace(visible, text=fit_text(visible.text, MAX_BRIEF_BYTES))
        self._update(run, "said = :said, visible = :visible", {}, said=kept, visible=shown)

    def finish(self, run: BriefRun, status: RunStatus) -> None:
        names = {"#status": "status"}
        self._update(run, "#status = :status", names, raw={":status": text_attribute(status)})

    def _update(
        self, run: BriefRun, change: str, names: dict[str, str], *, raw: Any = None, **values: object
    ) -> None:
        written = {f":{name}": payload_attributes(value) for name, value in values.items()} | (raw or {})
        given: Any = {"ExpressionAttributeNames": names} if names else {}
        try:
            with translate_conditional_errors():
                self._client.update_item(
                    TableName=self._table,
                    Key=_run_key(run.person, f"{run.subscription_id}#{run.day}"),
                    UpdateExpression=f"SET {change}",
                    ConditionExpression="fence = :fence",
                    ExpressionAttributeValues=written | {":fence": number_attribute(run.fence)},
                    **given,
                )
        except ConditionFailed:
            raise LeaseLost("the run is another worker's") from None


def _queued_key(job: BriefJob) -> dict[str, Any]:
    return primary_key(job.person, f"{QUEUED_PREFIX}{job.run_id}")


def _run_key(person: str, run_id: str) -> dict[str, Any]:
    return primary_key(person, f"{RUN_PREFIX}{run_id}")


def _decode_run(job: BriefJob, item: Item) -> BriefRun:
    sections = {
        int(name.removeprefix(SECTION_PREFIX)): decode_attribute(value, BriefSection, BriefSection(""))
        for name, value in item.items()
        if name.startswith(SECTION_PREFIX)
    }
    return BriefRun(
        person=job.person,
        subscription_id=job.subscription_id,
        day=job.day,
        fence=int(item["fence"]["N"]),
        until=float(item["until"]["N"]),
        gathered_at=float(item["gathered"]["N"]),
        sections=sections,
        text=decode_attribute(item.get("said"), str, ""),
        visible=decode_attribute(item.get("visible"), VisibleState, VisibleState()),
    )
