"""Tells what was said in a room's newest meeting, to the room's members alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from repartee.briefs.room_source import RoomReader
from repartee.domain.meeting import Meeting
from repartee.domain.message import StoredMessage
from repartee.ports import MeetingStore, Records
from repartee.ports.briefs import BriefSource, SourceItem, SourceQuery

MAX_MINUTES_MESSAGES = 400
"""Messages of a meeting that are read: the newest."""


class MinutesSource(BriefSource):
    """`ports.BriefSource` of meetings: what was filed under the room's newest one since the last brief,
    also while the assistant was muted. A meeting is told once it is over."""

    topics: Mapping[str, str] = {"minutes": "the minutes of meetings in a channel or group"}
    is_of_room = True

    def __init__(self, records: Records, meetings: MeetingStore, reader: RoomReader) -> None:
        self._records, self._meetings, self._reader = records, meetings, reader

    def read_new(self, query: SourceQuery) -> Sequence[SourceItem]:
        def read() -> Sequence[StoredMessage]:
            room = query.ref.id
            meeting = self._records.read_control(room, room).meeting
            if meeting is None or not _ended_between(meeting, query.since, query.until):
                return ()
            return self._meetings.read_transcript(meeting.id, room, MAX_MINUTES_MESSAGES)

        return self._reader.make_items(self._reader.read_all(query, [read]))


def _ended_between(meeting: Meeting, since: float, until: float) -> bool:
    return bool(meeting.ended_at) and since < meeting.ended_at <= until
