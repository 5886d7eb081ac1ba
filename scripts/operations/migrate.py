"""The command scripts/migrate: brings stored items of earlier versions to the format of this one."""

from __future__ import annotations

import sys
from collections.abc import Callable

from operations import deployed_stack
from operations.deployed_stack import AWS_ERRORS, MissingPart
from repartee.errors import ReparteeError
from repartee.stores.dynamodb.accounts import move_accounts
from repartee.stores.dynamodb.migration import migrate_items
from support.commands import run_command

DESCRIPTION = """Rewrites messages and exchanges that an earlier version stored, in the format of this
one, and moves people's accounts in Odoo to the table that only a turn reads.

It may be repeated, and run while people write. Run it once no function of the earlier version is left: that
version still reads what this one writes, but a later one may not read what an earlier one wrote.
"""


def main(arguments: list[str] | None = None, print_line: Callable[[str], None] = print) -> int:
    """Run the command; the exit code."""
    asked = deployed_stack.make_parser("scripts/migrate", DESCRIPTION).parse_args(arguments)
    stack = deployed_stack.find_stack(asked)
    try:
        dynamodb, table = stack.make_client("dynamodb"), stack.stack_output("RecordsTable")
        moved = move_accounts(dynamodb, table, stack.stack_output("AccountsTable"))
        rewritten = migrate_items(dynamodb, table)
    except (MissingPart, ReparteeError, *AWS_ERRORS) as problem:
        print(f"scripts/migrate: {problem}", file=sys.stderr)
        return 1
    told = [f"{rewritten} items rewritten"] if rewritten else []
    told += [f"{moved} accounts moved"] if moved else []
    print_line(", ".join(told) or "all is of this version")
    return 0


if __name__ == "__main__":
    run_command(main)
