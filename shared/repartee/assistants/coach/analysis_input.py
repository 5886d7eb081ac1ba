"""How the small model is asked about a message: with the day, the person, and what was said just before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, tzinfo

from repartee.assistants.coach.training import units
from repartee.domain.message import Message, StoredMessage
from repartee.domain.truncation import truncate_redactable

MAX_ANALYSIS_HISTORY_MESSAGES = 4
"""Messages of the conversation that the small model is shown."""

MAX_ANALYSIS_MESSAGE_CHARS = 600
"""Characters of each."""

NEWEST_MESSAGE_LABEL = "Newest message:"
"""The label before the message. Nothing comes after it."""


def build_analysis_input(
    incoming_text: str, history: Sequence[StoredMessage], profile: Mapping[str, str], local_date: date
) -> str:
    """The message with what helps to understand it."""
    usual = units.default_units(profile)
    today = f"Today is {local_date:%A}, {local_date.isoformat()}."
    lines = [f"{today} They mostly use {usual['load']} and {usual['distance']}."]
    if history:
        lines += ["", "Said before:", *map(_message_line, history[-MAX_ANALYSIS_HISTORY_MESSAGES:])]
    return "\n".join([*lines, "", NEWEST_MESSAGE_LABEL, incoming_text])


def local_date_of(message: Message, profile: Mapping[str, str]) -> date:
    """The day on which the message was sent, in the person's time zone if it is known, else in UTC."""
    return datetime.fromtimestamp(message.sent, _timezone_or_utc(profile.get("timezone", ""))).date()


def _timezone_or_utc(name: str) -> tzinfo:
    if not name:
        return UTC
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):  # unknown here, or no time zone at all
        return UTC


def _message_line(message: StoredMessage) -> str:
    who = "person" if message.side == "user" else "coach"
    return f"{who}: {truncate_redactable(' '.join(message.text.split()), MAX_ANALYSIS_MESSAGE_CHARS)}"
