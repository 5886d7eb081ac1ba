"""Gives messages that were stored by an earlier version what they are found by now."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import weaviate
from weaviate.collections import Collection

from repartee.stores.weaviate.connection import translate_errors
from repartee.stores.weaviate.message_objects import stored_tokens
from repartee.stores.weaviate.schema import MESSAGE_COLLECTIONS


def backfill_tokens(client: weaviate.WeaviateClient) -> int:
    """Writes the tokens of all messages that lack them, and returns how many those were. It may be repeated
    and broken off: a message that has its tokens is not written again."""
    with translate_errors():
        return sum(_backfill_tenant(tenant) for tenant in _message_tenants(client))


def _message_tenants(client: weaviate.WeaviateClient) -> Iterator[Collection[Any, Any]]:
    for name in MESSAGE_COLLECTIONS.values():
        collection = client.collections.use(name)
        for tenant in collection.tenants.get():
            yield collection.with_tenant(tenant)


def _backfill_tenant(messages: Collection[Any, Any]) -> int:
    written = 0
    for one in messages.iterator(return_properties=["text", "sender_name", "bigrams"]):
        tokens = stored_tokens(one.properties["text"], one.properties.get("sender_name") or "")
        if tokens != (one.properties.get("bigrams") or ""):
            messages.data.update(one.uuid, properties={"bigrams": tokens})
            written += 1
    return written
