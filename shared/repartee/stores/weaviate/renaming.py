"""Renames the ids of messages on Weaviate: an operator's command, after ids were made anew."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import weaviate
from weaviate.classes.data import DataObject

from repartee.stores.weaviate.connection import translate_errors
from repartee.stores.weaviate.listing import SIDES
from repartee.stores.weaviate.message_objects import (
    OBJECT_ID_NAMESPACE,
    decode_message,
    message_properties,
)
from repartee.stores.weaviate.schema import COLLECTION_PROPERTIES, MEETING_COLLECTION

Rename = Callable[[str], str]

TENANTS_WITH_PEOPLE = ("web", "whatsapp-")
"""Beginnings of the names of tenants in which people were called by numbers and addresses."""


def rename_messages(client: weaviate.WeaviateClient, rename: Rename) -> int:
    """Renames the ids of messages, in meetings too, and returns how many those were. May be repeated, and
    broken off: a message is written anew before the earlier one is deleted."""
    renamed = 0
    with translate_errors():
        for name in COLLECTION_PROPERTIES:
            collection = client.collections.use(name)
            for tenant in collection.tenants.get():
                if tenant.startswith(TENANTS_WITH_PEOPLE):
                    renamed += _rename_tenant(collection.with_tenant(tenant), name, rename)
    return renamed


def _rename_tenant(collection: Any, name: str, rename: Rename) -> int:
    renamed = 0
    for found in list(collection.iterator(include_vector=True)):
        if (written := _renamed_object(found, name, rename)) is None:
            continue
        collection.data.insert_many([written])
        collection.data.delete_by_id(found.uuid)
        renamed += 1
    return renamed


def _renamed_object(found: Any, name: str, rename: Rename) -> DataObject[Any, Any] | None:
    """Returns the object as it is called now. None where it is called so already."""
    is_filed = name == MEETING_COLLECTION
    message = decode_message(found.properties, found.properties["side"] if is_filed else SIDES[name])
    now = message.rename_ids(rename)
    if now == message:
        return None
    properties = {**found.properties, **message_properties(now)}
    key = now.id
    if is_filed:
        properties["meeting"] = rename(found.properties["meeting"])
        key = f"{properties['meeting']} {now.id}"
    vector = found.vector.get("default") if found.vector else None
    return DataObject(uuid=uuid.uuid5(OBJECT_ID_NAMESPACE, key), properties=properties, vector=vector)
