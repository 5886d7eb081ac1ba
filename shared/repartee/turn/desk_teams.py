"""The teams behind the numbers that customers write to, as the desks' configurations name them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from repartee.domain.message import Message, is_shared_room
from repartee.domain.timezones import find_timezone
from repartee.ports.briefs import RoomAccess
from repartee.ports.desk import DeskRecords
from repartee.ports.handovers import Team

MINUTE_SECONDS = 60.0

MAX_ASKED_ROOMS = 8
"""Rooms of teams of which the platform is asked for one message."""


class DeskTeams:
    """`ports.TeamDirectory` from the configurations."""

    def __init__(self, records: DeskRecords) -> None:
        self._records = records

    def find_team(self, room: str) -> Team | None:
        config = self._records.find_config(room)
        if config is None or not config.team:
            return None
        return Team(
            rooms=config.team,
            remind_after_seconds=config.escalation.remind_minutes * MINUTE_SECONDS,
            language=config.languages[0] if config.languages else "en",
        )

    def next_opening(self, room: str, now: float) -> float | None:
        config = self._records.find_config(room)
        return config.hours.next_opening(now) if config else now

    def format_time(self, room: str, at: float) -> str:
        config = self._records.find_config(room)
        zone = find_timezone(config.hours.timezone) if config else None
        return datetime.fromtimestamp(at, zone or UTC).strftime("%Y-%m-%d, %H:%M")


class TeamMembership:
    """Tells the members of desks' teams from customers."""

    def __init__(self, records: DeskRecords, open_rooms: Callable[[], RoomAccess]) -> None:
        self._records, self._open_rooms = records, open_rooms

    def includes(self, message: Message) -> bool:
        """Returns whether the message stands in a room of a team, or is of a person alone who is in one: the
        platform is asked. Raises `BackendError`."""
        rooms = {room for config in self._records.list_configs() for room in config.team}
        if is_shared_room(message.room):
            return message.room in rooms
        own = sorted(room for room in rooms if room.partition(":")[0] == message.channel)
        access = self._open_rooms()
        return any(access.is_member(message.sender, room) for room in own[:MAX_ASKED_ROOMS])
