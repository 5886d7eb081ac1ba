"""Tells which customers of the desk wait for a person, or have one, to the members of their team alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice

from repartee.domain.handover import Handover
from repartee.domain.message import StoredMessage
from repartee.domain.timezones import find_timezone
from repartee.ports.briefs import BriefSource, RoomAccess, SourceItem, SourceQuery
from repartee.ports.handovers import Handovers, TeamDirectory

MAX_ESCALATIONS = 50
"""Open hand-overs that are looked at for one brief."""

MINUTE_SECONDS, HOUR_SECONDS = 60, 3600


class EscalationSource(BriefSource):
    """`ports.BriefSource` of the desk's open hand-overs: those of customers whose team the person is in,
    which is asked of the platform each time."""

    topics: Mapping[str, str] = {"escalations": "customers of the service desk who wait for a person"}

    def __init__(self, handovers: Handovers, teams: TeamDirectory, access: RoomAccess) -> None:
        self._handovers, self._teams, self._access = handovers, teams, access

    def read_new(self, query: SourceQuery) -> Sequence[SourceItem]:
        joined: dict[str, bool] = {}
        found = [
            handover
            for chat in islice(self._handovers.list_active(), MAX_ESCALATIONS)
            if (handover := self._handovers.read(chat)).is_active
            and self._is_in_team(query.person, handover, joined)
        ]
        return [self._make_item(one, query) for one in sorted(found, key=lambda one: one.opened_at)]

    def _is_in_team(self, person: str, handover: Handover, joined: dict[str, bool]) -> bool:
        """Returns whether the person is in a room of the customer's team. `joined` are the answers so far."""
        for room in self._find_team_rooms(handover):
            if room not in joined:
                joined[room] = self._access.is_member(person, room)
            if joined[room]:
                return True
        return False

    def _find_team_rooms(self, handover: Handover) -> Iterator[str]:
        team = self._teams.find_team(handover.customer.room)
        own = (handover.card.room,) if handover.card.room else ()
        yield from dict.fromkeys((*own, *(team.rooms if team else ())))

    def _make_item(self, handover: Handover, query: SourceQuery) -> SourceItem:
        return SourceItem(
            key=f"handover:{handover.id}",
            text=describe_handover(handover, query),
            author=handover.customer.person.name,
            at=handover.opened_at,
            link=self._find_link(handover),
        )

    def _find_link(self, handover: Handover) -> str:
        card = handover.card
        if not card.message_id:
            return ""
        posted = StoredMessage(
            id=f"{card.chat}#{card.message_id}",
            side="assistant",
            chat=card.chat,
            room=card.room,
            sender="",
            text="",
            sent=handover.opened_at,
        )
        return self._access.message_link(posted)


def describe_handover(handover: Handover, query: SourceQuery) -> str:
    """Returns who has the customer's conversation and since when, on the reader's clock."""
    since = handover.taken_at if handover.state == "person" else handover.opened_at
    zone = find_timezone(query.timezone) or UTC
    clock = f"{datetime.fromtimestamp(since, zone):%A %H:%M}"
    who = (
        f"{handover.member.name or 'a member of the team'} has the conversation"
        if handover.state == "person"
        else "waits for a person"
    )
    told = f"{who} since {clock} ({_format_duration(query.until - since)})"
    return f"{told}; reason: {handover.reason}. {handover.summary}".strip()


def _format_duration(seconds: float) -> str:
    if seconds < HOUR_SECONDS:
        return f"{max(0.0, seconds) / MINUTE_SECONDS:.0f} min"
    return f"{seconds / HOUR_SECONDS:.0f} h"
