"""What the collections in Weaviate look like, and their creation and migration.

    repartee.stores.weaviate.schema.migrate(client)

adds what is missing and touches nothing else. It may be repeated, and refuses what it does not know.
"""

from __future__ import annotations

from collections.abc import Iterator

import weaviate
from weaviate.classes.config import Configure, DataType, Property, Tokenization, VectorDistances
from weaviate.collections.classes.config import CollectionConfig

from repartee.conversation.message import Side
from repartee.errors import Rejected
from repartee.stores.weaviate.connection import BACKEND, translating

MESSAGES: dict[Side, str] = {"user": "UserMessage", "assistant": "AssistantMessage"}
MEETING = "Meeting"


def _exactly(name: str, purpose: str) -> Property:
    """A text that is filtered by as a whole."""
    return Property(
        name=name,
        description=purpose,
        data_type=DataType.TEXT,
        tokenization=Tokenization.FIELD,
        index_filterable=True,
        index_searchable=False,
    )


def _only_kept(name: str, purpose: str) -> Property:
    """A text that nobody filters or searches by."""
    return Property(
        name=name,
        description=purpose,
        data_type=DataType.TEXT,
        tokenization=Tokenization.FIELD,
        index_filterable=False,
        index_searchable=False,
    )


SAID = (
    _only_kept("said", "our id of the message, of which the object's id is made"),
    _exactly("chat", "where it was said, and is answered in order"),
    _exactly("room", "the room of the chat"),
    _exactly("sender", "who said it"),
    Property(
        name="text",
        description="what was said",
        data_type=DataType.TEXT,
        tokenization=Tokenization.WORD,
        index_filterable=False,
        index_searchable=True,
    ),
    Property(
        name="sent",
        description="when, in seconds since the epoch",
        data_type=DataType.NUMBER,
        index_filterable=False,
    ),
    _exactly("day", "the chat and the day, in days since the epoch: for what was said lately"),
    _exactly("room_day", "the room and the day, likewise"),
)

COLLECTIONS: dict[str, tuple[Property, ...]] = {
    MESSAGES["user"]: SAID,
    MESSAGES["assistant"]: SAID,
    MEETING: (
        *SAID,
        _exactly("meeting", "the meeting under which it was filed"),
        _only_kept("side", "whether a user said it or the assistant"),
    ),
}


def migrate(client: weaviate.WeaviateClient) -> list[str]:
    """Creates what is missing, and says what that was. Raises `Rejected`, before it changes anything, if
    something there is not as we would have made it."""
    with translating():
        there = {name: client.collections.use(name).config.get() for name in client.collections.list_all()}
        ours = {name: config for name, config in there.items() if name in COLLECTIONS}
        problems = [problem for name, config in ours.items() for problem in _problems(name, config)]
        if problems:
            raise Rejected(BACKEND, "; ".join(problems))
        return list(_created(client, ours))


def _problems(name: str, config: CollectionConfig) -> Iterator[str]:
    known = {one.name: one for one in COLLECTIONS[name]}
    if not config.multi_tenancy_config.enabled:
        yield f"{name} has no tenants"
    for found in config.properties:
        ours = known.get(found.name)
        if ours is None:
            yield f"{name}.{found.name} is not one of ours"
        elif (found.data_type, found.tokenization) != (ours.dataType, ours.tokenization):
            yield f"{name}.{found.name} is a {found.data_type.value} tokenized as {found.tokenization}"


def _created(client: weaviate.WeaviateClient, there: dict[str, CollectionConfig]) -> Iterator[str]:
    for name, properties in COLLECTIONS.items():
        if name not in there:
            _create(client, name, properties)
            yield name
            continue
        found = {one.name for one in there[name].properties}
        for one in properties:
            if one.name not in found:
                client.collections.use(name).config.add_property(one)
                yield f"{name}.{one.name}"


def _create(client: weaviate.WeaviateClient, name: str, properties: tuple[Property, ...]) -> None:
    """The graph of vectors is small, being seldom used: rooms of under 40,000 messages are searched whole."""
    client.collections.create(
        name,
        properties=list(properties),
        multi_tenancy_config=Configure.multi_tenancy(
            enabled=True, auto_tenant_creation=True, auto_tenant_activation=True
        ),
        vector_config=Configure.Vectors.self_provided(
            vector_index_config=Configure.VectorIndex.hnsw(
                distance_metric=VectorDistances.COSINE, max_connections=16, ef_construction=64
            )
        ),
    )
