"""A team behind every room of customers, in memory."""

from __future__ import annotations

from dataclasses import dataclass, field

from repartee.ports.handovers import Team


@dataclass
class MemoryTeams:
    """`ports.TeamDirectory` with one team. It is there from `opens_at` on."""

    team: Team = field(default_factory=lambda: Team(rooms=()))
    opens_at: float = 0.0

    def find_team(self, room: str) -> Team | None:
        return self.team if self.team.rooms else None

    def next_opening(self, room: str, now: float) -> float:
        return max(now, self.opens_at)
