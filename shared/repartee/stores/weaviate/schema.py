"""Defines the collections in Weaviate; creates and migrates them.

    repartee.stores.weaviate.schema.migrate(client)

adds what is missing and touches nothing else. It may be repeated, and refuses what it does not know.
"""

from __future__ import annotations

from collections.abc import Iterator

import weaviate
from weaviate.classes.config import Configure, DataType, Property, Tokenization, VectorDistances
from weaviate.collections.classes.config import CollectionConfig

from repartee.domain.message import Side
from repartee.errors import InvalidArgument
from repartee.stores.weaviate.connection import BACKEND_NAME, translate_errors

MESSAGE_COLLECTIONS: dict[Side, str] = {"user": "UserMessage", "assistant": "AssistantMessage"}
MEETING_COLLECTION = "Meeting"


def _exact_text_property(name: str, purpose: str) -> Property:
    """Returns a text that is filtered by as a whole."""
    return Property(
        name=name,
        description=purpose,
        data_type=DataType.TEXT,
        tokenization=Tokenization.FIELD,
        index_filterable=True,
        index_searchable=False,
    )


def _unindexed_text_property(name: str, purpose: str) -> Property:
    """Returns a text that nobody filters or searches by."""
    return Property(
        name=name,
        description=purpose,
        data_type=DataType.TEXT,
        tokenization=Tokenization.FIELD,
        index_filterable=False,
        index_searchable=False,
    )


MESSAGE_PROPERTIES = (
    _unindexed_text_property("said", "our id of the message, of which the object's id is made"),
    _exact_text_property("chat", "where it was said, and is answered in order"),
    _exact_text_property("room", "the room of the chat"),
    _exact_text_property("sender", "who said it"),
    _unindexed_text_property("sender_name", "the name of who said it, as people see it"),
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
    _exact_text_property("day", "the chat and the day, in days since the epoch: for what was said lately"),
    _exact_text_property("room_day", "the room and the day, likewise"),
)

SEARCHED_MESSAGE_PROPERTIES = (
    *MESSAGE_PROPERTIES,
    Property(
        name="bigrams",
        description="what else it is found by: stems, pairs of characters, the sender's name",
        data_type=DataType.TEXT,
        tokenization=Tokenization.WHITESPACE,
        index_filterable=False,
        index_searchable=True,
    ),
)

COLLECTION_PROPERTIES: dict[str, tuple[Property, ...]] = {
    MESSAGE_COLLECTIONS["user"]: SEARCHED_MESSAGE_PROPERTIES,
    MESSAGE_COLLECTIONS["assistant"]: SEARCHED_MESSAGE_PROPERTIES,
    MEETING_COLLECTION: (
        *MESSAGE_PROPERTIES,
        _exact_text_property("meeting", "the meeting under which it was filed"),
        _unindexed_text_property("side", "whether a user said it or the assistant"),
    ),
}


def migrate_schema(client: weaviate.WeaviateClient) -> list[str]:
    """Creates what is missing, and says what that was. Raises `InvalidArgument`, before it changes anything,
    if something there is not as we would have made it."""
    with translate_errors():
        there = {name: client.collections.use(name).config.get() for name in client.collections.list_all()}
        ours = {name: config for name, config in there.items() if name in COLLECTION_PROPERTIES}
        problems = [problem for name, config in ours.items() for problem in _schema_problems(name, config)]
        if problems:
            raise InvalidArgument(BACKEND_NAME, "; ".join(problems))
        return list(_create_missing(client, ours))


def _schema_problems(name: str, config: CollectionConfig) -> Iterator[str]:
    known = {one.name: one for one in COLLECTION_PROPERTIES[name]}
    if not config.multi_tenancy_config.enabled:
        yield f"{name} has no tenants"
    for found in config.properties:
        ours = known.get(found.name)
        if ours is None:
            yield f"{name}.{found.name} is not one of ours"
        elif (found.data_type, found.tokenization) != (ours.dataType, ours.tokenization):
            yield f"{name}.{found.name} is a {found.data_type.value} tokenized as {found.tokenization}"


def _create_missing(client: weaviate.WeaviateClient, there: dict[str, CollectionConfig]) -> Iterator[str]:
    for name, properties in COLLECTION_PROPERTIES.items():
        if name not in there:
            _create_collection(client, name, properties)
            yield name
            continue
        found = {one.name for one in there[name].properties}
        for one in properties:
            if one.name not in found:
                client.collections.use(name).config.add_property(one)
                yield f"{name}.{one.name}"


def _create_collection(client: weaviate.WeaviateClient, name: str, properties: tuple[Property, ...]) -> None:
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
