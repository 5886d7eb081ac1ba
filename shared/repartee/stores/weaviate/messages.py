"""The messages store on Weaviate."""

from __future__ import annotations

import hashlib
import re
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from weaviate.classes.data import DataObject
from weaviate.classes.query import Filter, HybridFusion, Sort
from weaviate.collections import Collection

from repartee.conversation.message import Said, Side, workspace_of
from repartee.errors import Unreachable
from repartee.ports import Vector
from repartee.stores.ranking import RELATED, VECTOR_WEIGHT, words_of
from repartee.stores.weaviate.connection import BACKEND, Connection, NoTenant, refused, translating
from repartee.stores.weaviate.schema import COLLECTIONS, MESSAGES

IDS = uuid.UUID("6c0f3d3e-9a3b-4a55-8c35-6a8f1a9e4d10")
"""The name space of our objects' ids: one message has one id, however often it is written."""

FIELDS = ["said", "chat", "room", "sender", "text", "sent"]

DAY = 24 * 3600
RECENT = (2, 32)
"""Days back to which the newest messages of a chat are looked for, one after the other."""

PLAIN = re.compile(r"[a-z]{1,20}(:[A-Za-z0-9]{1,40})?")
"""Workspaces whose name can be a tenant's: Weaviate takes letters, digits, `-` and `_`, at most 64."""


class WeaviateMessages:
    """`ports.Messages` on Weaviate. `related` is the least similarity of vectors that counts."""

    def __init__(
        self, connection: Connection, related: float = RELATED, clock: Callable[[], float] = time.time
    ) -> None:
        self._connection, self._farthest, self._clock = connection, 1 - related, clock

    def newest(self, place: str, side: Side, limit: int) -> Sequence[Said]:
        """Weaviate sorts what a filter leaves by reading all of it. So the last days are asked for first, and
        the whole place only if that is not enough."""
        today = int(self._clock() // DAY)
        for days in RECENT:
            lately = [_day(place, today + 1 - n) for n in range(days + 1)]
            of_chat = Filter.by_property("day").contains_any(lately)
            of_room = Filter.by_property("room_day").contains_any(lately)
            found = self._newest(side, place, of_chat | of_room, limit)
            if len(found) >= limit:
                return found
        return self._newest(side, place, _in(place), limit)

    def _newest(self, side: Side, place: str, where: Any, limit: int) -> list[Said]:
        order = newest_first()
        found = self._ask(
            side,
            place,
            lambda query: query.fetch_objects(
                filters=where, sort=order, limit=limit, return_properties=FIELDS
            ),
        )
        return found[::-1]

    def relevant(self, room: str, side: Side, text: str, vector: Vector | None, limit: int) -> Sequence[Said]:
        words = " ".join(words_of(text))
        if not words and vector is None:
            return []
        return self._ask(side, room, lambda query: self._search(query, room, words, vector, limit))

    def put(self, said: Sequence[tuple[Said, Vector | None]]) -> None:
        for (side, workspace), objects in _by_collection(said).items():
            collection = self._connection.for_writing(MESSAGES[side], tenant_of(workspace))
            with translating():
                answer = collection.data.insert_many(objects)
            if answer.errors:
                raise refused(next(iter(answer.errors.values())).message)

    def forget(self, place: str, sender: str = "") -> int:
        where = _within(place, sender)
        return sum(self._delete(name, workspace_of(place), where) for name in COLLECTIONS)

    def close(self) -> None:
        self._connection.close()

    def _of(self, name: str, workspace: str) -> Collection[Any, Any]:
        return self._connection.collection(name, tenant_of(workspace))

    def _ask(self, side: Side, place: str, ask: Callable[[Any], Any]) -> list[Said]:
        collection = self._of(MESSAGES[side], workspace_of(place))
        try:
            with translating():
                return [said_in(one.properties, side) for one in ask(collection.query).objects]
        except NoTenant:
            return []

    def _search(self, query: Any, room: str, words: str, vector: Vector | None, limit: int) -> Any:
        in_room: Any = {
            "filters": Filter.by_property("room").equal(room),
            "limit": limit,
            "return_properties": FIELDS,
        }
        if vector is None:
            return query.bm25(words, query_properties=["text"], **in_room)
        if not words:
            return query.near_vector(list(vector), distance=self._farthest, **in_room)
        return query.hybrid(
            words,
            vector=list(vector),
            alpha=VECTOR_WEIGHT,
            fusion_type=HybridFusion.RELATIVE_SCORE,
            max_vector_distance=self._farthest,
            query_properties=["text"],
            **in_room,
        )

    def _delete(self, name: str, workspace: str, where: Any) -> int:
        """Weaviate deletes at most 10,000 objects a call: so it is called until it finds nothing."""
        collection, deleted = self._of(name, workspace), 0
        try:
            with translating():
                while (answer := collection.data.delete_many(where=where)).matches:
                    deleted += answer.successful
                    if answer.failed:
                        raise Unreachable(
                            BACKEND, f"{answer.failed} of {answer.matches} could not be deleted"
                        )
        except NoTenant:
            return 0
        return deleted


def newest_first() -> Any:
    """The order in which the newest come first, and equals by their ids."""
    return Sort.by_property("sent", ascending=False).by_property("said", ascending=False)


def tenant_of(workspace: str) -> str:
    """The tenant's name: of letters, digits and dashes, and never the same for two workspaces."""
    if PLAIN.fullmatch(workspace):
        return workspace.replace(":", "-")
    return "_" + hashlib.blake2b(workspace.encode(), digest_size=16).hexdigest()


def _by_collection(
    said: Sequence[tuple[Said, Vector | None]],
) -> dict[tuple[Side, str], list[DataObject[Any, Any]]]:
    objects: dict[tuple[Side, str], list[DataObject[Any, Any]]] = defaultdict(list)
    for one, vector in said:
        objects[one.side, workspace_of(one.room)].append(_object(one, vector))
    return objects


def _object(one: Said, vector: Vector | None) -> DataObject[Any, Any]:
    own = None if vector is None else list(vector)  # the client takes an array for a dictionary of vectors
    return DataObject(uuid=uuid.uuid5(IDS, one.id), properties=properties_of(one), vector=own)


def properties_of(one: Said) -> dict[str, Any]:
    """What was said, and by what it is found."""
    day = int(one.sent // DAY)
    properties = {field: getattr(one, field) for field in FIELDS[1:]}
    return properties | {"said": one.id, "day": _day(one.chat, day), "room_day": _day(one.room, day)}


def said_in(properties: Any, side: Side) -> Said:
    """An object's properties as what was said."""
    return Said(id=properties["said"], side=side, **{field: properties[field] for field in FIELDS[1:]})


def _day(chat: str, day: int) -> str:
    return f"{chat} {day}"


def _in(place: str) -> Any:
    return Filter.by_property("chat").equal(place) | Filter.by_property("room").equal(place)


def _within(place: str, sender: str) -> Any:
    """What is filtered by: everything, where the place is a whole workspace and there is no sender."""
    conditions: list[Any] = []
    if place != workspace_of(place):
        conditions.append(_in(place))
    if sender:
        conditions.append(Filter.by_property("sender").equal(sender))
    return Filter.all_of(conditions) if conditions else Filter.by_property("room").like("*")
