"""Who is asking: what is known of them, in which language they are answered, and what time it is for them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from repartee.conversation.message import Message

TOLD = ("role", "team", "location", "language", "timezone", "preferences")
"""What of a profile the model is told, beside the name and the notes. Whatever else is kept there stays."""

NOTE = "note:"
"""What begins the names of what somebody asked to be remembered."""

NOTES = 40
"""So many of a person are kept at the most: all of them are in every prompt."""


def about(message: Message, profile: Mapping[str, str]) -> list[str]:
    """Who is asking, as lines for the model."""
    name = profile.get("name") or message.name or message.sender.rpartition(":")[2]
    known = [f"{what}: {profile[what]}" for what in TOLD if profile.get(what)]
    asked_for = [f"they asked you to remember: {note}" for note in notes(profile)]
    return [f"Who is asking: {name}", *known, *asked_for, f"It is {_told(local(message, profile))}."]


def local(message: Message, profile: Mapping[str, str]) -> datetime:
    """When the message was sent, on the clock of the person if their time zone is known, else in UTC."""
    return datetime.fromtimestamp(message.sent, zone(profile.get("timezone", "")) or UTC)


def zone(name: str) -> tzinfo | None:
    """The time zone of that name (`Europe/Lisbon`), if there is one."""
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, OSError, ValueError):  # unknown here, or no name of a time zone at all
        return None


def notes(profile: Mapping[str, str]) -> Sequence[str]:
    """What they asked to be remembered, always in the same order."""
    return [profile[name] for name in _note_names(profile)]


def noted(text: str) -> dict[str, str]:
    """What is kept of a note. The same note is kept once."""
    words = " ".join(text.split())[:300]
    return {NOTE + hashlib.blake2b(words.casefold().encode(), digest_size=6).hexdigest(): words}


def without(profile: Mapping[str, str], numbers: Sequence[int]) -> dict[str, str]:
    """What is left of these notes, counted from 1 in the order of `notes`: nothing."""
    names = list(_note_names(profile))
    return {names[number - 1]: "" for number in numbers if 0 < number <= len(names)}


def _note_names(profile: Mapping[str, str]) -> Iterator[str]:
    return (name for name in sorted(profile) if name.startswith(NOTE))


def _told(moment: datetime) -> str:
    return f"{moment:%A}, {moment.day} {moment:%B %Y, %H:%M} ({moment.tzname()})"
