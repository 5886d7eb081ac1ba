"""A brief that Ada has ordered on one machine, and a customer of the desk who waits."""

from __future__ import annotations

from datetime import UTC, datetime

from local import desk_seeds
from repartee.domain.brief import Address, Project, SourceRef, Subscription
from repartee.domain.handover import Customer, HandoverRequest
from repartee.domain.message import Person
from repartee.domain.reminder import Reminder
from repartee.domain.schedule import Schedule
from repartee.wiring import Wiring, brief_stores, stores
from standins.slack.posts import BOT_USER_ID

WORKSPACE = "slack:T0BUTLER"
ADA, DIRECT_CHANNEL = f"{WORKSPACE}:U0ADA", "D0ADA"
DAY_SECONDS = 86_400.0

PROJECTS = (
    Project("#general", (SourceRef("room", f"{WORKSPACE}:C0GENERAL", "#general"),)),
    Project("Tasks", (SourceRef("erp", "tasks", "tasks"),)),
    Project("Leads", (SourceRef("erp", "leads", "leads"),)),
    Project("Customers", (SourceRef("escalations", "", "escalations"),)),
    Project("Approvals", (SourceRef("proposals", "", "approvals"),)),
)
"""The projects of the brief: a room, the company's records, the desk, and what waits for a decision."""


def subscribe(parts: Wiring, now: float, id: str = "local") -> None:
    """Orders a brief that is due now, about the last two weeks, and lets a customer wait for a person."""
    due = datetime.fromtimestamp(now - 60, UTC)
    parts.get(brief_stores.briefs).put_subscription(
        Subscription(
            id=id,
            person=ADA,
            address=make_address(),
            schedule=Schedule(at=f"{due:%H:%M}"),
            timezone="UTC",
            projects=PROJECTS,
            created_at=now - 30 * DAY_SECONDS,
            last_at=now - 14 * DAY_SECONDS,
        )
    )
    _let_customer_wait(parts, now)


def make_address() -> Address:
    """Returns where the person of the samples is spoken to."""
    room = f"{WORKSPACE}:{DIRECT_CHANNEL}"
    platform = {
        "channel": DIRECT_CHANNEL,
        "thread": "",
        "user": "U0ADA",
        "team": "T0BUTLER",
        "self": BOT_USER_ID,
    }
    return Address(channel="slack", chat=room, room=room, platform=platform, language="en")


def make_reminder(id: str, now: float) -> Reminder:
    """Returns a reminder that is due now, once."""
    due = datetime.fromtimestamp(now, UTC)
    return Reminder(
        id=id,
        person=ADA,
        address=make_address(),
        schedule=Schedule(period="once", at=f"{due:%H:%M}", day=f"{due:%Y-%m-%d}"),
        timezone="UTC",
        text="call the landlord",
        created_at=now - 60,
        due_at=now,
    )


def _let_customer_wait(parts: Wiring, now: float) -> None:
    config = next(desk_seeds.sample_configs())
    parts.get(stores.desk_records).save_config(config)
    chat = f"{config.number}:eva"
    customer = Customer(room=chat, channel="whatsapp", person=Person(chat, "Eva"), language="en")
    summary = "A parcel has not come."
    request = HandoverRequest(chat=chat, customer=customer, reason="asked", at=now - 5400, summary=summary)
    parts.get(stores.handovers).open(request)
