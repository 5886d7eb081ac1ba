"""The places of the local stack in which a person can say something, and the events that say it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from local.sample_events import samples
from repartee.console.try_it import TryChoice, TryPlace

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


class PostedMessages:
    """Makes the signed posts of people, of the sample events."""

    def __init__(self, secret_of: Callable[[str], str], new_id: Callable[[], str]) -> None:
        self._secret_of, self._new_id = secret_of, new_id

    def build(self, choice: TryChoice, text: str, at: float, thread: str) -> samples.PostedRequest:
        """Returns what the platform posts when the person says this there."""
        name, change = EVENTS[choice.place]
        event = json.loads(samples.find_event(name).read_text())
        change(event, choice)
        secret = self._secret_of(place_of(choice).channel)
        with TemporaryDirectory() as folder:
            path = Path(folder) / "event.json"
            path.write_text(json.dumps(event))
            return samples.build_request(path, at, secret, self._new_id, text, thread)


def _change_slack(event: dict[str, Any], choice: TryChoice) -> None:
    event["event"] |= {"user": choice.person, "channel": address_of(choice).room}


def _change_telegram(event: dict[str, Any], choice: TryChoice) -> None:
    message, name = event["message"], dict(TELEGRAM_PEOPLE)[choice.person]
    message["from"] |= {"id": int(choice.person), "first_name": name}
    for field in ("last_name", "username"):
        message["from"].pop(field, None)
    if choice.place == "telegram":
        message["chat"] = {"id": int(choice.person), "first_name": name, "type": "private"}
    else:
        message["chat"]["id"] = TELEGRAM_GROUP


def _change_whatsapp(event: dict[str, Any], choice: TryChoice) -> None:
    value, number = event["entry"][0]["changes"][0]["value"], WHATSAPP_NUMBERS[choice.person]
    name = dict(WHATSAPP_PEOPLE)[choice.person]
    value["contacts"] = [{"profile": {"name": name}, "wa_id": number, "user_id": choice.person}]
    value["messages"][0] |= {"from": number, "from_user_id": choice.person}


EVENTS: Mapping[str, tuple[str, Callable[[dict[str, Any], TryChoice], None]]] = {
    "slack": ("slack/app_mention", _change_slack),
    "slack-direct": ("slack/direct_message", _change_slack),
    "telegram": ("telegram/private_message", _change_telegram),
    "telegram-group": ("telegram/group_mention", _change_telegram),
    "whatsapp": ("whatsapp/text", _change_whatsapp),
}
