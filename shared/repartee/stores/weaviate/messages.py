"""The messages store on Weaviate."""

from __future__ import annotations

import hashlib
import re
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from weaviate.classes.data import DataObject
from weaviate.classes.query import Filter, Sort
from weaviate.collections import Collection

from repartee.domain.message import Side, StoredMessage, workspace_of
from repartee.errors import Unavailable
from repartee.ports import Vector
from repartee.stores.relevance import find_relevant
from repartee.stores.weaviate.candidates import WeaviateCandidates
from repartee.stores.weaviate.connection import (
    BACKEND_NAME,
    TenantNotFound,
    WeaviateConnection,
    error_from_problem,
    translate_errors,
)
from repartee.stores.weaviate.listing import list_messages
from repartee.stores.weaviate.message_objects import (
    DAY_SECONDS,
    MESSAGE_PROPERTIES,
    OBJECT_ID_NAMESPACE,
    chat_day_key,
    decode_message,
    message_object,
)
from repartee.stores.weaviate.schema import COLLECTION_PROPERTIES, MEETING_COLLECTION, MESSAGE_COLLECTIONS

RECENT_WINDOWS_DAYS = (2, 32)
"""Days back to which the newest messages of a chat are looked for, one after the other."""

MAX_FILED_MESSAGES = 1000
"""Messages that one person says in meetings of one chat on one day, at the most."""

PLAIN_TENANT_PATTERN = re.compile(r"[a-z]{1,20}(:[A-Za-z0-9]{1,40})?")
"""Workspaces whose name can be a tenant's: Weaviate takes letters, digits, `-` and `_`, at most 64."""


class WeaviateMessages:
    """`ports.Messages` on Weaviate."""

    def __init__(self, connection: WeaviateConnection, clock: Callable[[], float] = time.time) -> None:
        self._connection, self._clock = connection, clock

    def list_newest(self, scope: str, side: Side, limit: int) -> Sequence[StoredMessage]:
        """Weaviate sorts what a filter leaves by reading all of it. So the last days are asked for first, and
        the whole place only if that is not enough."""
        today = int(self._clock() // DAY_SECONDS)
        for days in RECENT_WINDOWS_DAYS:
            lately = [chat_day_key(scope, today + 1 - n) for n in range(days + 1)]
            of_chat = Filter.by_property("day").contains_any(lately)
            of_room = Filter.by_property("room_day").contains_any(lately)
            found = self._query_newest(side, scope, of_chat | of_room, limit)
            if len(found) >= limit:
                return found
        return self._query_newest(side, scope, _place_filter(scope), limit)

    def _query_newest(self, side: Side, place: str, where: Any, limit: int) -> list[StoredMessage]:
        order = newest_first_sort()
        found = self._query_messages(
            side,
            place,
            lambda query: query.fetch_objects(
                filters=where, sort=order, limit=limit, return_properties=MESSAGE_PROPERTIES
            ),
        )
        return found[::-1]

    def search(
        self,
        room: str,
        side: Side,
        text: str,
        vector: Vector | None,
        limit: int,
        asked_at: float = 0.0,
    ) -> Sequence[StoredMessage]:
        source = WeaviateCandidates(lambda query: self._run_query(side, room, query), room, side)
        return find_relevant(source, text, vector, limit, asked_at)

    def put(self, messages: Sequence[tuple[StoredMessage, Vector | None]]) -> None:
        for (side, workspace), objects in _group_by_collection(messages).items():
            collection = self._connection.get_collection_for_writing(
                MESSAGE_COLLECTIONS[side], tenant_name(workspace)
            )
            with translate_errors():
                answer = collection.data.insert_many(objects)
            if answer.errors:
                raise error_from_problem(next(iter(answer.errors.values())).message)

    def delete(self, messages: Sequence[StoredMessage]) -> None:
        for one in messages:
            by_id = Filter.by_id().equal(uuid.uuid5(OBJECT_ID_NAMESPACE, one.id))
            self._delete_objects(MESSAGE_COLLECTIONS[one.side], workspace_of(one.room), by_id)
            if filed := self._find_filed(one):
                by_ids = Filter.by_id().contains_any(filed)
                self._delete_objects(MEETING_COLLECTION, workspace_of(one.room), by_ids)

    def _find_filed(self, message: StoredMessage) -> list[Any]:
        """The objects of a message in meetings: their ids are made of the meetings' names too."""
        day = chat_day_key(message.chat, int(message.sent // DAY_SECONDS))
        that_day = Filter.by_property("day").equal(day) & Filter.by_property("sender").equal(message.sender)
        collection = self._collection_of(MEETING_COLLECTION, workspace_of(message.room))
        try:
            with translate_errors():
                found = collection.query.fetch_objects(
                    filters=that_day, limit=MAX_FILED_MESSAGES, return_properties=["said"]
                )
        except TenantNotFound:
            return []
        return [one.uuid for one in found.objects if one.properties["said"] == message.id]

    def delete_all(self, scope: str, sender: str = "") -> int:
        where = _forget_filter(scope, sender)
        return sum(self._delete_objects(name, workspace_of(scope), where) for name in COLLECTION_PROPERTIES)

    def list_all(self, scope: str = "", sender: str = "") -> Iterator[StoredMessage]:
        tenant = tenant_name(workspace_of(scope)) if scope else ""
        for one in list_messages(self._connection, tenant, decode_message):
            is_there = scope in ("", one.chat, one.room) or scope == workspace_of(one.room)
            if is_there and sender in ("", one.sender):
                yield one

    def close(self) -> None:
        self._connection.close()

    def _collection_of(self, name: str, workspace: str) -> Collection[Any, Any]:
        return self._connection.get_collection(name, tenant_name(workspace))

    def _query_messages(self, side: Side, place: str, query: Callable[[Any], Any]) -> list[StoredMessage]:
        return [decode_message(one.properties, side) for one in self._run_query(side, place, query)]

    def _run_query(self, side: Side, place: str, query: Callable[[Any], Any]) -> Sequence[Any]:
        """Returns the objects that a query finds: none where nobody of the workspace has said anything."""
        collection = self._collection_of(MESSAGE_COLLECTIONS[side], workspace_of(place))
        try:
            with translate_errors():
                found: Sequence[Any] = query(collection.query).objects
        except TenantNotFound:
            return []
        return found

    def _delete_objects(self, name: str, workspace: str, where: Any) -> int:
        """Weaviate deletes at most 10,000 objects a call: so it is called until it finds nothing."""
        collection, deleted = self._collection_of(name, workspace), 0
        try:
            with translate_errors():
                while (answer := collection.data.delete_many(where=where)).matches:
                    deleted += answer.successful
                    if answer.failed:
                        raise Unavailable(
                            BACKEND_NAME, f"{answer.failed} of {answer.matches} could not be deleted"
                        )
        except TenantNotFound:
            return 0
        return deleted


def newest_first_sort() -> Any:
    """Returns the order in which the newest come first, and equals by their ids."""
    return Sort.by_property("sent", ascending=False).by_property("said", ascending=False)


def tenant_name(workspace: str) -> str:
    """Returns the tenant's name: of letters, digits and dashes, and never the same for two workspaces."""
    if PLAIN_TENANT_PATTERN.fullmatch(workspace):
        return workspace.replace(":", "-")
    return "_" + hashlib.blake2b(workspace.encode(), digest_size=16).hexdigest()


def _group_by_collection(
    messages: Sequence[tuple[StoredMessage, Vector | None]],
) -> dict[tuple[Side, str], list[DataObject[Any, Any]]]:
    objects: dict[tuple[Side, str], list[DataObject[Any, Any]]] = defaultdict(list)
    for one, vector in messages:
        objects[one.side, workspace_of(one.room)].append(message_object(one, vector))
    return objects


def _place_filter(place: str) -> Any:
    return Filter.by_property("chat").equal(place) | Filter.by_property("room").equal(place)


def _forget_filter(place: str, sender: str) -> Any:
    """Returns the filter of what to forget: everything, where the place is a workspace and no sender is
    given."""
    conditions: list[Any] = []
    if place != workspace_of(place):
        conditions.append(_place_filter(place))
    if sender:
        conditions.append(Filter.by_property("sender").equal(sender))
    return Filter.all_of(conditions) if conditions else Filter.by_property("room").like("*")
