"""The topics that people may order briefs of: those that the sources offer, by the names that a small model
gives them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from repartee.briefs.notice import BriefTopic
from repartee.domain.brief import MAX_NAME_CHARS, SourceRef
from repartee.errors import BackendError
from repartee.ports.briefs import BriefSource

FindRoom = Callable[[str], str]
"""Returns the id of the room of that name that the person is in, empty where there is none."""


class TopicCatalogue:
    """The topics of all sources. The sources are opened when there is an order."""

    def __init__(self, open_sources: Callable[[], Mapping[str, BriefSource]]) -> None:
        self._open_sources = open_sources

    def describe_for_model(self) -> str:
        """Returns the kinds of topics, a line each."""
        lines = []
        for source in self._open_sources().values():
            named = " (`room` is its name as written, or here for this one)" if source.is_of_room else ""
            lines += [f"{topic}: {told}{named}" for topic, told in source.topics.items()]
        return "\n".join(lines)

    def find_source(self, topic: BriefTopic, find_room: FindRoom) -> SourceRef | None:
        """Returns the source of a topic. None where no source offers it, or the person's room cannot be
        found."""
        for kind, source in self._open_sources().items():
            if topic.kind not in source.topics:
                continue
            if source.is_of_room:
                return _find_room_ref(kind, topic, find_room)
            id = topic.kind if len(source.topics) > 1 else ""
            return SourceRef(kind, id, topic.name[:MAX_NAME_CHARS])
        return None


def _find_room_ref(kind: str, topic: BriefTopic, find_room: FindRoom) -> SourceRef | None:
    name = topic.room or topic.name
    try:
        room = find_room(name)
    except BackendError:
        return None
    return SourceRef(kind, room, name[:MAX_NAME_CHARS]) if room else None
