"""The command scripts/schema: creates the collections in Weaviate (WEAVIATE_URL), or adds what they lack,
and gives the messages that are stored there already what they are found by now.

It may be repeated, and changes nothing when it meets something that it does not know.
"""

from __future__ import annotations

import argparse
import os
import sys

from repartee.errors import ReparteeError, SettingError
from repartee.settings import Settings
from repartee.stores.weaviate import WeaviateConnection
from repartee.stores.weaviate.backfill import backfill_tokens
from repartee.stores.weaviate.schema import migrate_schema


def main() -> int:
    argparse.ArgumentParser("scripts/schema", description=__doc__).parse_args()
    settings = Settings(os.environ)
    try:
        changes = migrate(settings)
    except ReparteeError as error:
        print(error, file=sys.stderr)
        return 1
    print("\n".join(changes) or "all is there already")
    return 0


def migrate(settings: Settings) -> list[str]:
    """Makes or completes the collections, and returns what it changed. Raises ReparteeError."""
    if not settings.weaviate_url:
        raise SettingError("WEAVIATE_URL", "is where the collections are made")
    connection = WeaviateConnection(
        settings.weaviate_url, settings.weaviate_grpc_port, settings.weaviate_api_key
    )
    try:
        changes = [f"made {change}" for change in migrate_schema(connection.connect())]
        if filled := backfill_tokens(connection.connect()):
            changes.append(f"made {filled} stored messages searchable by what they are found by now")
        return changes
    finally:
        connection.close()


if __name__ == "__main__":
    raise SystemExit(main())
