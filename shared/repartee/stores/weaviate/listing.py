"""Lists messages for an operator's command. No turn does: all objects of a tenant are read.

A filter would be quicker, and Weaviate hands out no more than 10,000 objects of one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from repartee.domain.message import Side, StoredMessage
from repartee.stores.weaviate.connection import TenantNotFound, WeaviateConnection, translate_errors
from repartee.stores.weaviate.schema import COLLECTION_PROPERTIES, MEETING_COLLECTION, MESSAGE_COLLECTIONS

SIDES: dict[str, Side] = {name: side for side, name in MESSAGE_COLLECTIONS.items()}

DecodeMessage = Callable[[Any, Side], StoredMessage]


def list_messages(
    connection: WeaviateConnection, tenant: str, decode: DecodeMessage
) -> Iterator[StoredMessage]:
    """Yields all messages of a tenant, or of all where none is named: also those filed under meetings."""
    client = connection.connect()
    for name in COLLECTION_PROPERTIES:
        with translate_errors():
            collection = client.collections.use(name)
            tenants = [tenant] if tenant else sorted(collection.tenants.get())
        for one in tenants:
            yield from _list_tenant(collection.with_tenant(one), name, decode)


def _list_tenant(collection: Any, name: str, decode: DecodeMessage) -> Iterator[StoredMessage]:
    try:
        with translate_errors():
            for found in collection.iterator():
                side = found.properties["side"] if name == MEETING_COLLECTION else SIDES[name]
                yield decode(found.properties, side)
    except TenantNotFound:
        return
