"""The messages store on Weaviate: a tenant per workspace, words and our own vectors together."""

from repartee.stores.weaviate.connection import WeaviateConnection
from repartee.stores.weaviate.meetings import WeaviateMeetings
from repartee.stores.weaviate.messages import WeaviateMessages

__all__ = ["WeaviateConnection", "WeaviateMeetings", "WeaviateMessages"]
