"""The command scripts/odoo: whose account in Odoo is whose."""

from __future__ import annotations

import argparse
import getpass
import os
import re
import sys
from collections.abc import Callable, Mapping

from repartee.errors import BackendError, SettingError
from repartee.ports import ErpAccount
from repartee.wiring import Wiring, process, services, stores

from .commands import run_command
from .suggestions import CommandParser

DESCRIPTION = """Links a person in a chat to their own account in Odoo, so that the assistant reads Odoo with
their rights and may propose changes to them. Asks for the key, or reads it from standard input, and tries it
before it is stored in the accounts' table. ACCOUNTS_TABLE, RECORDS_TABLE, AWS's settings, ODOO_URL and
ODOO_DATABASE must be those of the deployed functions."""

PERSON_ID = re.compile(r"(slack:[A-Z0-9]+:[A-Z0-9]+|(telegram|whatsapp):-?[\w.]+|web:.+)", re.ASCII)
EXAMPLE_PERSON_IDS = "slack:T0123:U0456, telegram:42 or web:ada"


def main(
    arguments: list[str] | None = None,
    environment: Mapping[str, str] = os.environ,
    ask: Callable[[], str] | None = None,
    make: Callable[[Mapping[str, str]], Wiring] = Wiring,
) -> int:
    """Run the command; the exit code."""
    options = _parser().parse_args(arguments)
    if not PERSON_ID.fullmatch(options.person):
        print(
            f"scripts/odoo: {options.person} is no person: write it like {EXAMPLE_PERSON_IDS}",
            file=sys.stderr,
        )
        return 2
    try:
        print(_carry_out(options, make(environment), ask or _ask_for_key))
    except (BackendError, SettingError) as failure:
        print(f"scripts/odoo: {failure} {getattr(failure, 'words', '')}".rstrip(), file=sys.stderr)
        return 1
    return 0


def _carry_out(asked: argparse.Namespace, parts: Wiring, ask: Callable[[], str]) -> str:
    asked.person = process.hash_given_person(parts, asked.person)
    if asked.act == "unlink":
        parts.get(stores.accounts).unlink(asked.person)
        return f"{asked.person} has no account in Odoo any more"
    if asked.act == "check":
        return _check_account(asked.person, parts)
    before = parts.get(stores.accounts).find(asked.person)
    parts.get(stores.accounts).link(asked.person, ErpAccount(asked.login, ask()))
    try:
        return _check_account(asked.person, parts)
    except BackendError:
        if before:
            parts.get(stores.accounts).link(asked.person, before)
        else:
            parts.get(stores.accounts).unlink(asked.person)
        raise


def _check_account(person: str, parts: Wiring) -> str:
    """Returns the models that the person can see. Raises `BackendError` if there are none."""
    erp = parts.get(services.erp)
    whose = "their own" if erp.reading_identity(person) == "self" else "the shared"
    return f"{person} reads {len(erp.list_models(person))} models of Odoo with {whose} account"


def _ask_for_key() -> str:
    if sys.stdin.isatty():
        return getpass.getpass("API key: ").strip()
    return sys.stdin.readline().strip()


def _parser() -> argparse.ArgumentParser:
    parser = CommandParser("scripts/odoo", description=DESCRIPTION)
    acts = parser.add_subparsers(dest="act", required=True)
    link = acts.add_parser("link", help="keeps a person's account; asks for its API key")
    link.add_argument("person", help=EXAMPLE_PERSON_IDS)
    link.add_argument("login", help="the login in Odoo, as in ada@example.com")
    for act, does in (("unlink", "forgets a person's account"), ("check", "says what a person can read")):
        acts.add_parser(act, help=does).add_argument("person", help=EXAMPLE_PERSON_IDS)
    return parser


if __name__ == "__main__":
    run_command(main)
