"""The command scripts/desk: configures the service desk of a number."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from operations import deployed_stack
from operations.deployed_stack import AWS_ERRORS, MissingPart
from operations.personal_data import read_environment
from repartee.domain.desk import DeskConfig, DeskConfigError, parse_desk_config
from repartee.domain.desk_file import format_desk_config
from repartee.errors import ReparteeError
from repartee.language.catalogue import LANGUAGES
from repartee.ports.desk import DeskRecords
from repartee.ports.outbox import EventOutbox
from repartee.wiring import Wiring, stores

DeskStores = tuple[DeskRecords, EventOutbox]

DESCRIPTION = """Configures the service desk of a number, bot, page or channel (docs/desk.md).

  scripts/desk check desk.toml                  says what is wrong with a file, and needs no account
  scripts/desk set desk.toml                    keeps it: in use within seconds; receivers of events that had
                                                ended are sent some again
  scripts/desk show                             the numbers that have a desk
  scripts/desk show whatsapp:106540352242922    the configuration of one, as it may be set again
  scripts/desk remove whatsapp:106540352242922  deletes it: customers there are told that nobody can answer
"""


def main(
    arguments: list[str] | None = None,
    print_line: Callable[[str], None] = print,
    open_stores: Callable[[argparse.Namespace], DeskStores] | None = None,
) -> int:
    """Runs the command. Returns the exit code."""
    options = _make_parser().parse_args(arguments)
    open_stores = open_stores or _open_stores
    try:
        if options.act == "check":
            print_line(f"{read_config_file(options.subject).number}: this may be used")
            return 0
        return _run_act(options, *open_stores(options), print_line)
    except DeskConfigError as refused:
        for problem in refused.problems:
            print(f"{options.subject}: {problem}", file=sys.stderr)
        return 1
    except (MissingPart, ReparteeError, ValueError, OSError, *AWS_ERRORS) as problem:
        print(f"scripts/desk: {problem}", file=sys.stderr)
        return 1


def _open_stores(options: argparse.Namespace) -> DeskStores:
    wiring = Wiring(read_environment(options))
    return wiring.get(stores.desk_records), wiring.get(stores.event_outbox)


def read_config_file(path: str) -> DeskConfig:
    """Returns the configuration in a file. Raises `DeskConfigError` with all that is wrong with it."""
    if not path:
        raise ValueError("which file? Name one, such as desk.toml")
    return parse_desk_config(Path(path).read_bytes(), LANGUAGES)


def _run_act(
    options: argparse.Namespace,
    records: DeskRecords,
    outbox: EventOutbox,
    print_line: Callable[[str], None],
) -> int:
    if options.act == "set":
        config = read_config_file(options.subject)
        records.save_config(config)
        outbox.resume_endpoints(config.number)
        print_line(f"{config.number}: kept, and in use within seconds")
    elif options.act == "remove":
        if not options.subject:
            raise ValueError("which number?")
        records.delete_config(options.subject)
        print_line(f"{options.subject}: removed")
    elif not options.subject:
        for config in records.list_configs():
            print_line(f"{config.number}  {config.name}")
    else:
        _show_config(records, outbox, options.subject, print_line)
    return 0


def _show_config(
    records: DeskRecords, outbox: EventOutbox, number: str, print_line: Callable[[str], None]
) -> None:
    found = records.read_config(number)
    if found is None:
        raise ValueError(f"no desk is configured for {number}")
    print_line(format_desk_config(found))
    ended = set(outbox.list_ended(found.number))
    for webhook in found.webhooks:
        if webhook.endpoint_id in ended:
            print_line(f"# {webhook.url} answered 410 and is sent nothing: set the configuration again")


def _make_parser() -> argparse.ArgumentParser:
    parser = deployed_stack.make_parser("scripts/desk", DESCRIPTION)
    parser.add_argument("--local", action="store_true", help="in the stack that scripts/serve keeps up")
    parser.add_argument("act", choices=("check", "set", "show", "remove"), help="what to do")
    parser.add_argument("subject", nargs="?", default="", metavar="FILE|NUMBER", help="a file, or a number")
    return parser


if __name__ == "__main__":
    sys.exit(main())
