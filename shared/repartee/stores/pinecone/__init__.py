"""The coach's library and people's memories on Pinecone: two indexes with the cosine metric."""

from repartee.stores.pinecone.index import PineconeIndex
from repartee.stores.pinecone.knowledge import PineconeKnowledge
from repartee.stores.pinecone.memories import PineconeMemories

__all__ = ["PineconeIndex", "PineconeKnowledge", "PineconeMemories"]
