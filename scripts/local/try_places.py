"""The places of the local stack in which a person can say something, and the people there."""

from __future__ import annotations

from dataclasses import dataclass

from repartee.console.try_it_stage import TryChoice, TryPlace

SLACK_PEOPLE = (("U0ADA", "Ada"), ("U0BEN", "Ben"), ("U0CARLA", "Carla"), ("U0DMITRI", "Dmitri"))
TELEGRAM_PEOPLE = (("4200042", "Ada"), ("4200043", "Grace"), ("4200044", "Ben"), ("4200045", "Carla"))
WHATSAPP_PEOPLE = (
    ("US.13491208655302741918", "Ada"),
    ("US.13491208655302741920", "Grace"),
    ("US.13491208655302741921", "Ben"),
)
WHATSAPP_NUMBERS = {
    "US.13491208655302741918": "16505551234",
    "US.13491208655302741920": "16505551235",
    "US.13491208655302741921": "16505551236",
}
WEB_PEOPLE = (("ada", "Ada"), ("grace", "Grace"), ("ben", "Ben"))
ADA_DIRECT_CHANNEL, SLACK_CHANNEL, TELEGRAM_GROUP = "D0ADA", "C0GENERAL", -1001234567890

PLACES = (
    TryPlace("slack", "slack", "Slack channel", SLACK_PEOPLE, has_threads=True),
    TryPlace("slack-direct", "slack", "Slack direct message", SLACK_PEOPLE, has_threads=True),
    TryPlace("telegram", "telegram", "Telegram chat", TELEGRAM_PEOPLE),
    TryPlace("telegram-group", "telegram", "Telegram group", TELEGRAM_PEOPLE),
    TryPlace("whatsapp", "whatsapp", "WhatsApp chat", WHATSAPP_PEOPLE),
    TryPlace("web", "web", "Web chat", WEB_PEOPLE, has_threads=True),
)

SAMPLES = {
    "office": (
        "when does the Lisbon office open, and who has the keys?",
        "how many desks for Lisbon?",
        "which invoices are overdue?",
        "mute until tomorrow",
    ),
    "coach": (
        "Squats today: 5x5 at 100 kg, RPE 8",
        "how is my bench press going?",
        "how much protein do I need?",
    ),
}


COMMANDS = {"slack": ("/repartee help",), "telegram": ("/help",)}
"""Commands to begin with, by channel: those that its clients complete."""


@dataclass(frozen=True)
class RoomAddress:
    """Where a choice is: the platform's own id of the room, and where the stand-in shows it."""

    room: str
    path: str


def place_of(choice: TryChoice) -> TryPlace:
    """Returns the place that was chosen."""
    return next(place for place in PLACES if place.key == choice.place)


def address_of(choice: TryChoice) -> RoomAddress:
    """Returns where the choice is."""
    if choice.place == "slack":
        return RoomAddress(SLACK_CHANNEL, f"channel/{SLACK_CHANNEL}")
    if choice.place == "slack-direct":
        channel = f"D0{choice.person.removeprefix('U0')}"
        return RoomAddress(channel, f"channel/{channel}")
    if choice.place == "telegram":
        return RoomAddress(choice.person, f"telegram/chat/{choice.person}")
    if choice.place == "telegram-group":
        return RoomAddress(str(TELEGRAM_GROUP), f"telegram/chat/{TELEGRAM_GROUP}")
    if choice.place == "whatsapp":
        return RoomAddress(choice.person, f"whatsapp/chat/{choice.person}")
    return RoomAddress(choice.person, "")
