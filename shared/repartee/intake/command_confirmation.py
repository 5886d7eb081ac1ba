"""Confirms to a person that a command was carried out, in their language and on their clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec

from repartee.domain.command import UNLIMITED_MUTE_SECONDS, IssuedCommand
from repartee.domain.timezones import find_timezone
from repartee.intake.command_parsing import parse_command
from repartee.language import texts
from repartee.language.catalogue import translate
from repartee.language.dates import format_moment

ANSWERS_TEXTS = {
    "mentions": texts.ANSWERS_MENTIONS,
    "thread": texts.ANSWERS_THREAD,
    "all": texts.ANSWERS_ALL,
}
"""Confirmations of what is answered in a room from now on."""


def on_local_clock(issued: IssuedCommand, profile: Mapping[str, str]) -> IssuedCommand:
    """Returns the command as it is meant in the person's time zone, if that is known and matters."""
    zone = find_timezone(profile.get("timezone", ""))
    if zone is None or not issued.command.is_local_time:
        return issued
    command = parse_command(issued.text, sent=issued.issued_at, timezone=zone)
    return msgspec.structs.replace(issued, command=command) if command else issued


def confirmation_text(
    issued: IssuedCommand, profile: Mapping[str, str], language: str, *, unmute_command: str
) -> str:
    """Returns what to say, empty for a stop, which shows by itself. `unmute_command` ends a mute here."""
    command = issued.command
    if command.action == "unmute":
        return translate(texts.UNMUTED, language)
    if command.action == "answers":
        return translate(ANSWERS_TEXTS[command.answers], language)
    if command.action != "mute":
        return ""
    if command.duration_seconds >= UNLIMITED_MUTE_SECONDS:
        return translate(texts.MUTED, language, command=unmute_command)
    zone = find_timezone(profile.get("timezone", "")) or UTC
    end = datetime.fromtimestamp(issued.issued_at + command.duration_seconds, zone)
    return translate(texts.MUTED_UNTIL, language, when=format_moment(end, language), command=unmute_command)
