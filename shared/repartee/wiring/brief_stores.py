"""The stores of briefs and reminders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repartee.wiring import process
from repartee.wiring.container import Wiring, part

if TYPE_CHECKING:
    from repartee.ports.briefs import BriefLinkStore, BriefRuns, BriefStore
    from repartee.ports.emails import EmailContacts, EmailRuns
    from repartee.ports.reminders import ReminderStore


@part
def briefs(wiring: Wiring) -> BriefStore:
    from repartee.stores.dynamodb.briefs import DynamoBriefs

    return DynamoBriefs(
        wiring.get(process.dynamodb_client),
        wiring.get(process.settings).records_table,
        wiring.get(process.clock),
    )


@part
def brief_runs(wiring: Wiring) -> BriefRuns:
    from repartee.stores.dynamodb.brief_runs import DynamoBriefRuns

    return DynamoBriefRuns(
        wiring.get(process.dynamodb_client),
        wiring.get(process.settings).records_table,
        wiring.get(process.clock),
    )


@part
def brief_links(wiring: Wiring) -> BriefLinkStore:
    from repartee.stores.dynamodb.brief_links import DynamoBriefLinks

    return DynamoBriefLinks(
        wiring.get(process.dynamodb_client),
        wiring.get(process.settings).records_table,
        wiring.get(process.clock),
    )


@part
def reminders(wiring: Wiring) -> ReminderStore:
    from repartee.stores.dynamodb.reminders import DynamoReminders

    return DynamoReminders(wiring.get(process.dynamodb_client), wiring.get(process.settings).records_table)


@part
def email_contacts(wiring: Wiring) -> EmailContacts:
    from repartee.stores.dynamodb.emails import DynamoEmailContacts

    return DynamoEmailContacts(
        wiring.get(process.dynamodb_client),
        wiring.get(process.settings).records_table,
        wiring.get(process.clock),
    )


@part
def email_runs(wiring: Wiring) -> EmailRuns:
    from repartee.stores.dynamodb.emails import DynamoEmailRuns

    return DynamoEmailRuns(
        wiring.get(process.dynamodb_client),
        wiring.get(process.settings).records_table,
        wiring.get(process.clock),
    )
