"""What was said in meetings, on Weaviate."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from weaviate.classes.data import DataObject
from weaviate.classes.query import Filter

from repartee.conversation.message import Said, workspace_of
from repartee.stores.weaviate.connection import Connection, NoTenant, refused, translating
from repartee.stores.weaviate.messages import FIELDS, IDS, newest_first, properties_of, said_in, tenant_of
from repartee.stores.weaviate.schema import MEETING


class WeaviateMeetings:
    """`ports.Meetings` on Weaviate."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def file(self, meeting: str, said: Sequence[Said]) -> None:
        if not said:
            return
        collection = self._connection.for_writing(MEETING, tenant_of(workspace_of(said[0].room)))
        with translating():
            answer = collection.data.insert_many([_filed(meeting, one) for one in said])
        if answer.errors:
            raise refused(next(iter(answer.errors.values())).message)

    def of(self, meeting: str, room: str, limit: int) -> Sequence[Said]:
        collection = self._connection.collection(MEETING, tenant_of(workspace_of(room)))
        within = Filter.by_property("meeting").equal(meeting) & Filter.by_property("room").equal(room)
        try:
            with translating():
                found = collection.query.fetch_objects(
                    filters=within, sort=newest_first(), limit=limit, return_properties=[*FIELDS, "side"]
                )
        except NoTenant:
            return []
        return [said_in(one.properties, one.properties["side"]) for one in reversed(found.objects)]

    def close(self) -> None:
        self._connection.close()


def _filed(meeting: str, one: Said) -> DataObject[Any, Any]:
    properties = properties_of(one) | {"meeting": meeting, "side": one.side}
    return DataObject(uuid=uuid.uuid5(IDS, f"{meeting} {one.id}"), properties=properties)
