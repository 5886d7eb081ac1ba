"""The stores of briefs, reminders and e-mail, all on the table of records."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from repartee.wiring import process
from repartee.wiring.container import Wiring, part

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from repartee.ports.briefs import BriefLinkStore, BriefRuns, BriefStore, OrderLog
    from repartee.ports.emails import BriefTexts, EmailContacts, EmailRuns
    from repartee.ports.reminders import ReminderStore

StoreT = TypeVar("StoreT")


def _open_on_records(
    wiring: Wiring, make: Callable[[DynamoDBClient, str, Callable[[], float]], StoreT]
) -> StoreT:
    table = wiring.get(process.settings).records_table
    return make(wiring.get(process.dynamodb_client), table, wiring.get(process.clock))


@part
def briefs(wiring: Wiring) -> BriefStore:
    from repartee.stores.dynamodb.briefs import DynamoBriefs

    return _open_on_records(wiring, DynamoBriefs)


@part
def brief_runs(wiring: Wiring) -> BriefRuns:
    from repartee.stores.dynamodb.brief_runs import DynamoBriefRuns

    return _open_on_records(wiring, DynamoBriefRuns)


@part
def brief_texts(wiring: Wiring) -> BriefTexts:
    from repartee.stores.dynamodb.brief_runs import DynamoBriefRuns

    return _open_on_records(wiring, DynamoBriefRuns)


@part
def order_log(wiring: Wiring) -> OrderLog:
    from repartee.stores.dynamodb.order_log import DynamoOrderLog

    return _open_on_records(wiring, DynamoOrderLog)


@part
def brief_links(wiring: Wiring) -> BriefLinkStore:
    from repartee.stores.dynamodb.brief_links import DynamoBriefLinks

    return _open_on_records(wiring, DynamoBriefLinks)


@part
def reminders(wiring: Wiring) -> ReminderStore:
    from repartee.stores.dynamodb.reminders import DynamoReminders

    return DynamoReminders(wiring.get(process.dynamodb_client), wiring.get(process.settings).records_table)


@part
def email_contacts(wiring: Wiring) -> EmailContacts:
    from repartee.stores.dynamodb.emails import DynamoEmailContacts

    return _open_on_records(wiring, DynamoEmailContacts)


@part
def email_runs(wiring: Wiring) -> EmailRuns:
    from repartee.stores.dynamodb.emails import DynamoEmailRuns

    return _open_on_records(wiring, DynamoEmailRuns)
