"""The embedded stores: SQLite files, with FTS5 for words and vectors compared in numpy.

They need no server and no loadable extension, and keep the same promises as the stores on servers.
"""

from repartee.stores.sqlite.knowledge import SqliteKnowledge
from repartee.stores.sqlite.meetings import SqliteMeetings
from repartee.stores.sqlite.memories import SqliteMemories
from repartee.stores.sqlite.messages import SqliteMessages

__all__ = ["SqliteKnowledge", "SqliteMeetings", "SqliteMemories", "SqliteMessages"]
