"""How people are called before the model: by the names that their platform shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, tzinfo

from repartee.domain.message import Message, StoredMessage
from repartee.domain.names import KnownName
from repartee.domain.timezones import find_timezone

MAX_NAME_CHARS = 80


def clean_name(name: str) -> str:
    """The name without marks that could end a quotation or begin a line."""
    printable = "".join(character if character.isprintable() else " " for character in name)
    return " ".join(printable.translate({ord("["): "(", ord("]"): ")", ord(":"): " "}).split())[
        :MAX_NAME_CHARS
    ]


def display_name(person: str, name: str = "", names: Mapping[str, str] | None = None) -> str:
    """Returns what a person is called: their name as it is given or known, else the platform's id."""
    return clean_name(name or (names or {}).get(person, "")) or person.rpartition(":")[2]


def collect_names(said: Iterable[StoredMessage | Message]) -> dict[str, str]:
    """The names of all who said it, as they were called last."""
    dated = sorted((one.sent, one.sender, one.sender_name) for one in said if one.sender_name)
    return {sender: name for _, sender, name in dated}


def list_names(incoming: Iterable[Message], known: Mapping[str, KnownName]) -> list[str]:
    """The names of the senders, of those who are mentioned, and of those whom the room knows."""
    told = [name for one in incoming for name in (one.sender_name, *(person.name for person in one.mentions))]
    return sorted({*told, *(one.name for one in known.values())} - {""})


def to_local_time(message: Message, profile: Mapping[str, str]) -> datetime:
    """When the message was sent, on the clock of the person if their time zone is known, else in UTC."""
    return datetime.fromtimestamp(message.sent, find_timezone(profile.get("timezone", "")) or UTC)


def format_time(moment: float, timezone: tzinfo | None = None) -> str:
    """The hour and minute on the clock of that zone, or in UTC."""
    return f"{datetime.fromtimestamp(moment, timezone or UTC):%H:%M}"


def format_day_and_time(moment: float) -> str:
    """The day and the time, in UTC."""
    then = datetime.fromtimestamp(moment, UTC)
    return f"{then.day} {then:%B %Y, %H:%M} UTC"
