"""The teams behind the numbers that customers write to, as the desks' configurations name them."""

from __future__ import annotations

from datetime import UTC, datetime

from repartee.domain.timezones import find_timezone
from repartee.ports.desk import DeskRecords
from repartee.ports.handovers import Team

MINUTE_SECONDS = 60.0


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
