"""The command scripts/migrate: brings stored items of earlier versions to the format of this one."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable

from operations import deployed_stack, personal_data
from operations.deployed_stack import AWS_ERRORS, MissingPart
from repartee.errors import ReparteeError, SettingError
from repartee.settings import Settings
from repartee.stores.dynamodb.accounts import move_accounts
from repartee.stores.dynamodb.migration import migrate_items
from repartee.stores.dynamodb.rehashing import rehash_items
from repartee.wiring import Wiring, process, stores
from support.commands import run_command

DESCRIPTION = """Rewrites messages and exchanges that an earlier version stored, in the format of this
one, and moves people's accounts in Odoo to the table that only a turn reads.

Where PERSON_ID_KEY is set, it also hashes the telephone numbers and addresses that an earlier version took
for people's ids: in the table, the messages store, and the coach's memories. Chats in which something waits
are left to the next run: run it until it says that nothing waits.

It may be repeated, and run while people write. Run it once no function of the earlier version is left: that
version still reads what this one writes, but a later one may not read what an earlier one wrote.
"""


def main(arguments: list[str] | None = None, print_line: Callable[[str], None] = print) -> int:
    """Run the command; the exit code."""
    parser = deployed_stack.make_parser("scripts/migrate", DESCRIPTION)
    parser.add_argument("--no-ids", action="store_true", help="leave people's ids as they are")
    asked = parser.parse_args(arguments)
    stack = deployed_stack.find_stack(asked)
    try:
        dynamodb, table = stack.make_client("dynamodb"), stack.stack_output("RecordsTable")
        moved = move_accounts(dynamodb, table, stack.stack_output("AccountsTable"))
        rewritten = migrate_items(dynamodb, table)
        told = [f"{rewritten} items rewritten"] if rewritten else []
        told += [f"{moved} accounts moved"] if moved else []
        print_line(", ".join(told) or "all is of this version")
        if not asked.no_ids:
            _hash_ids(asked, table, stack.stack_output("AccountsTable"), print_line)
    except (MissingPart, ReparteeError, *AWS_ERRORS) as problem:
        print(f"scripts/migrate: {problem}", file=sys.stderr)
        return 1
    return 0


def _hash_ids(
    asked: argparse.Namespace, table: str, accounts_table: str, print_line: Callable[[str], None]
) -> None:
    wiring = Wiring(_environment(asked, table))
    try:
        identifiers = wiring.get(process.identifier_hasher)
    except SettingError:
        print("scripts/migrate: people's ids stay as they are: PERSON_ID_KEY is not set", file=sys.stderr)
        return
    dynamodb = wiring.get(process.dynamodb_client)
    done = rehash_items(dynamodb, table, identifiers, time.time())
    moved = done.moved + rehash_items(dynamodb, accounts_table, identifiers, time.time()).moved
    print_line(f"{moved} items: ids hashed; {done.waiting} wait for the next run")

    def rename(text: str) -> str:
        return identifiers.hash_ids_in(text, done.workspaces)

    print_line(f"{_rename_messages(wiring, rename)} messages and {_rename_memories(wiring, rename)} memories")


def _environment(asked: argparse.Namespace, table: str) -> dict[str, str]:
    """Returns the settings of the deployed stack; or the environment, where it names a table itself."""
    if os.environ.get("RECORDS_TABLE"):
        return dict(os.environ)
    return personal_data.read_environment(asked) | {"RECORDS_TABLE": table}


def _rename_messages(wiring: Wiring, rename: Callable[[str], str]) -> int:
    settings = wiring.get(process.settings)
    if settings.weaviate_url:
        from repartee.stores.weaviate.renaming import rename_messages as rename_on_weaviate

        return rename_on_weaviate(wiring.get(stores.weaviate_connection).connect(), rename)
    if not settings.is_any_set(Settings.sqlite_path):
        return 0
    from repartee.stores.sqlite.renaming import rename_messages

    return rename_messages(settings.sqlite_path, rename)


def _rename_memories(wiring: Wiring, rename: Callable[[str], str]) -> int:
    settings = wiring.get(process.settings)
    if settings.pinecone_memories_host:
        from repartee.stores.pinecone import PineconeMemories

        memories = wiring.get(stores.memories)
        assert isinstance(memories, PineconeMemories)
        return memories.rename_people(rename)
    if not settings.is_any_set(Settings.sqlite_path):
        return 0
    from repartee.stores.sqlite.renaming import rename_memories

    return rename_memories(f"{settings.sqlite_path}-memories", rename)


if __name__ == "__main__":
    run_command(main)
