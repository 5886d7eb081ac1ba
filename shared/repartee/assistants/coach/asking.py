"""How the small model is asked about a message: with the day, the person, and what was said just before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, tzinfo

from repartee.assistants.coach.training import units
from repartee.conversation.excerpt import beginning
from repartee.conversation.message import Message, Said

BEFORE = 4
"""Messages of the conversation that the small model is shown."""

EXCERPT = 600
"""Characters of each."""

MESSAGE = "Newest message:"
"""What comes before the message. Nothing comes after it."""


def about(question: str, before: Sequence[Said], profile: Mapping[str, str], today: date) -> str:
    """The message with what helps to understand it."""
    usual = units.usual(profile)
    lines = [
        f"Today is {today:%A}, {today.isoformat()}. They mostly use {usual['load']} and {usual['distance']}."
    ]
    if before:
        lines += ["", "Said before:", *map(_line, before[-BEFORE:])]
    return "\n".join([*lines, "", MESSAGE, question])


def of_today(message: Message, profile: Mapping[str, str]) -> date:
    """The day on which the message was sent, in the person's time zone if it is known, else in UTC."""
    return datetime.fromtimestamp(message.sent, _zone(profile.get("timezone", ""))).date()


def _zone(name: str) -> tzinfo:
    if not name:
        return UTC
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):  # unknown here, or no time zone at all
        return UTC


def _line(said: Said) -> str:
    who = "person" if said.side == "user" else "coach"
    return f"{who}: {beginning(' '.join(said.text.split()), EXCERPT)}"
