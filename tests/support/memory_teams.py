"""A team behind every room of customers, in memory."""

from __future__ import annotations

from dataclasses import dataclass, field

from repartee.ports.handovers import Team


@dataclass
class MemoryTeams:
    """`ports.TeamDirectory` with one team. It is away from `closes_at` until `opens_at`."""

    team: Team = field(default_factory=lambda: Team(rooms=()))
    closes_at: float = 0.0
    opens_at: float = 0.0

    def find_team(self, room: str) -> Team | None:
        return self.team if self.team.rooms else None

    def next_opening(self, room: str, now: float) -> float | None:
        return self.opens_at if self.closes_at <= now < self.opens_at else now

    def format_time(self, room: str, at: float) -> str:
        return f"at {at:.0f}"
