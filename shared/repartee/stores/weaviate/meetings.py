"""The meetings store on Weaviate."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from weaviate.classes.data import DataObject
from weaviate.classes.query import Filter

from repartee.domain.message import StoredMessage, workspace_of
from repartee.stores.weaviate.connection import (
    TenantNotFound,
    WeaviateConnection,
    error_from_problem,
    translate_errors,
)
from repartee.stores.weaviate.message_objects import (
    MESSAGE_PROPERTIES,
    OBJECT_ID_NAMESPACE,
    decode_message,
    message_properties,
)
from repartee.stores.weaviate.messages import newest_first_sort, tenant_name
from repartee.stores.weaviate.schema import MEETING_COLLECTION


class WeaviateMeetings:
    """`ports.Meetings` on Weaviate."""

    def __init__(self, connection: WeaviateConnection) -> None:
        self._connection = connection

    def put(self, meeting: str, messages: Sequence[StoredMessage]) -> None:
        if not messages:
            return
        collection = self._connection.get_collection_for_writing(
            MEETING_COLLECTION, tenant_name(workspace_of(messages[0].room))
        )
        with translate_errors():
            answer = collection.data.insert_many([_meeting_object(meeting, one) for one in messages])
        if answer.errors:
            raise error_from_problem(next(iter(answer.errors.values())).message)

    def read_transcript(self, meeting: str, room: str, limit: int) -> Sequence[StoredMessage]:
        collection = self._connection.get_collection(MEETING_COLLECTION, tenant_name(workspace_of(room)))
        within = Filter.by_property("meeting").equal(meeting) & Filter.by_property("room").equal(room)
        try:
            with translate_errors():
                found = collection.query.fetch_objects(
                    filters=within,
                    sort=newest_first_sort(),
                    limit=limit,
                    return_properties=[*MESSAGE_PROPERTIES, "side"],
                )
        except TenantNotFound:
            return []
        return [decode_message(one.properties, one.properties["side"]) for one in reversed(found.objects)]

    def close(self) -> None:
        self._connection.close()


def _meeting_object(meeting: str, message: StoredMessage) -> DataObject[Any, Any]:
    properties = message_properties(message) | {"meeting": meeting, "side": message.side}
    return DataObject(uuid=uuid.uuid5(OBJECT_ID_NAMESPACE, f"{meeting} {message.id}"), properties=properties)
