"""The command scripts/tail: all that was logged about one request, and the records of its turns."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from operations import deployed_stack
from operations.deployed_stack import AWS_ERRORS, MissingPart
from operations.recorded_way import find_records, render_record
from repartee.errors import BackendError
from repartee.stores.dynamodb.turn_records import DynamoTurnRecords
from support.commands import run_command

DESCRIPTION = """Prints what all functions logged with a correlation id, in order of time; then
where the time of its turns went, by their records.

  scripts/tail 5f0c…              the id stands in every log entry and beside every line of metrics
  scripts/tail slack:T1:C1:17…    a chat, a turn or a message is found as well
"""

HIDDEN_FIELDS = {"level", "location", "message", "timestamp", "service", "correlation_id", "_aws"}
"""Fields that every entry has, or that are shown in front."""


def main(arguments: list[str] | None = None, tell: Callable[[str], None] = print) -> int:
    """Run the command; the exit code: 1 if nothing is found."""
    options = _parser().parse_args(arguments)
    stack = deployed_stack.find_stack(options)
    try:
        groups = stack.stack_output("LogGroups").split(",")
        since = int((time.time() - options.minutes * 60) * 1000)
        found = sorted(_find_events(stack.make_client("logs"), groups, options.id, since))
        table = stack.stack_output("RecordsTable")
        stored = DynamoTurnRecords(stack.make_client("dynamodb"), table)
        names = {options.id, *_find_turns(text for _, _, text in found)}
        records = find_records(stored.list_newest(time.time(), since / 1000), names)
    except (MissingPart, BackendError, *AWS_ERRORS) as problem:
        print(f"scripts/tail: {problem}", file=sys.stderr)
        return 1
    for at, group, text in found:
        tell(_format_event(at, group, text))
    for record in records:
        for line in ("", *render_record(record, shutil.get_terminal_size().columns)):
            tell(line)
    if not (found or records):
        print(f"nothing was logged about {options.id} in {options.minutes} minutes", file=sys.stderr)
    return 0 if found or records else 1


def _find_turns(texts: Iterable[str]) -> Iterator[str]:
    """Yields the turns that log entries name."""
    for text in texts:
        with suppress(ValueError):
            entry = json.loads(text)
            if isinstance(entry, dict) and (turn := entry.get("turn")):
                yield str(turn)


def _find_events(logs: Any, groups: list[str], id: str, since: int) -> Iterator[tuple[int, str, str]]:
    """Finds the log events that mention the id: time, log group and text."""
    for group in groups:
        pages = logs.get_paginator("filter_log_events").paginate(
            logGroupName=group, startTime=since, filterPattern=json.dumps(id)
        )
        for page in pages:
            yield from ((event["timestamp"], group, event["message"]) for event in page["events"])


def _format_event(at: int, group: str, text: str) -> str:
    when = datetime.fromtimestamp(at / 1000, UTC).strftime("%H:%M:%S.%f")[:-3]
    return f"{when}  {_short_group_name(group):9} {_format_entry(text)}"


def _short_group_name(group: str) -> str:
    """repartee-TurnLog-1A2B is the turn's."""
    parts = [part for part in group.split("-") if part.endswith("Log")]
    return parts[0].removesuffix("Log").lower() if parts else group


def _format_entry(text: str) -> str:
    """Returns an entry as one line: what happened, and with what."""
    try:
        entry = json.loads(text)
    except ValueError:
        return text.strip()
    if "_aws" in entry:
        names = [one["Name"] for one in entry["_aws"]["CloudWatchMetrics"][0]["Metrics"]]
        return "metrics  " + "  ".join(f"{name}={_parse_number(entry[name])}" for name in names)
    rest = "  ".join(f"{name}={value}" for name, value in entry.items() if name not in HIDDEN_FIELDS)
    return f"{entry.get('level', ''):8} {entry.get('message', '')}  {rest}".rstrip()


def _parse_number(value: Any) -> str:
    (number,) = value if isinstance(value, list) else [value]
    return f"{number:g}"


def _parser() -> argparse.ArgumentParser:
    parser = deployed_stack.make_parser("scripts/tail", DESCRIPTION)
    parser.add_argument("id", help="a correlation id, or any other that stands in the logs")
    parser.add_argument("--minutes", type=int, default=60, help="how far to look back (%(default)s)")
    return parser


if __name__ == "__main__":
    run_command(main)
