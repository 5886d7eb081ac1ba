"""The command scripts/briefs: shows who gets briefs and reminders, previews briefs, queues what is due."""

from __future__ import annotations

import argparse
import calendar
import json
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from operations import deployed_stack
from operations.brief_emails import trust_address, write_preview
from operations.deployed_stack import AWS_ERRORS, DeployedStack, MissingPart
from repartee.briefs.listing import ListedBrief, iterate_briefs, list_briefs_of
from repartee.briefs.operator_orders import OperatorOrder, find_ordered
from repartee.briefs.orders import describe_subscription
from repartee.briefs.preview import PreviewedBrief
from repartee.errors import ReparteeError
from repartee.stores.dynamodb.briefs import DynamoBriefs
from repartee.stores.dynamodb.reminders import DynamoReminders
from support.commands import run_command

DESCRIPTION = """Shows who gets briefs, when, and how often by what they do with them.

  scripts/briefs list                  everybody's briefs: the person, how they take them, about what and when
  scripts/briefs list slack:T1:U1      those of one person, and when their reminders are said
  scripts/briefs preview slack:T1:U1   that person's briefs as they would be now; nothing is kept or sent
  scripts/briefs preview slack:T1:U1 --email brief.html
                                       as mails: their plain text here, the page in the file
  scripts/briefs email slack:T1:U1 anna@example.com
                                       sends that person's briefs to an address that you know is theirs, too
  scripts/briefs run                   has what is due queued now, and prints the schedule's report
  scripts/briefs subscribe FILE.toml   orders a brief for the people whom the file names, and tells them
  scripts/briefs unsubscribe slack:T1:U1   ends what operators ordered for that person
"""

ACTS = ("list", "preview", "email", "run", "subscribe", "unsubscribe")

PREVIEW_SECONDS = 160
"""Seconds that a preview is waited for: the function that writes it has 150."""


def main(arguments: list[str] | None = None, print_line: Callable[[str], None] = print) -> int:
    """Run the command; the exit code."""
    parser = deployed_stack.make_parser("scripts/briefs", DESCRIPTION)
    parser.add_argument("act", choices=ACTS, help="what to do")
    parser.add_argument("person", nargs="?", default="", help="one person, by their id; a file to subscribe")
    parser.add_argument("address", nargs="?", default="", help="that person's address, to email")
    parser.add_argument("--email", type=Path, metavar="FILE", help="preview the mail, with its page in FILE")
    asked = parser.parse_args(arguments)
    if asked.act in ("preview", "unsubscribe", "email") and not asked.person:
        parser.error(f"{asked.act} needs a person: scripts/briefs list shows them")
    if asked.act == "subscribe" and not asked.person:
        parser.error("subscribe needs a file: docs/briefs.md shows one")
    if bool(asked.address) != (asked.act == "email"):
        parser.error("an address belongs to email, for one person: scripts/briefs email PERSON ADDRESS")
    if asked.email and asked.act != "preview":
        parser.error("--email belongs to preview")
    try:
        stack = deployed_stack.find_stack(asked)
        for line in _answer(stack, asked):
            print_line(line)
    except (MissingPart, ReparteeError, OSError, ValueError, *AWS_ERRORS) as problem:
        print(f"scripts/briefs: {problem}", file=sys.stderr)
        return 1
    return 0


def _answer(stack: DeployedStack, asked: argparse.Namespace) -> Iterator[str]:
    act, person = asked.act, asked.person
    if act == "list":
        return _list_briefs(stack, person)
    if act == "preview":
        return _preview_briefs(stack, person, asked.email)
    if act == "email":
        return trust_address(stack, person, asked.address)
    acts = {"subscribe": _subscribe_people, "unsubscribe": _unsubscribe_person}
    return acts[act](stack, person) if act in acts else _run_schedule(stack)


def _list_briefs(stack: DeployedStack, person: str) -> Iterator[str]:
    client, table = stack.make_client("dynamodb"), stack.stack_output("RecordsTable")
    store, now, count = DynamoBriefs(client, table, time.time), time.time(), 0
    for one in list_briefs_of(store, person, now) if person else iterate_briefs(store, now):
        count += 1
        yield f"{one.person}  {one.frequency}  {_describe_sign(one)}  {one.words}"
    if person:
        for reminder in DynamoReminders(client, table).list_reminders(person):
            count += 1
            yield f"{person}  a reminder, {time.strftime('%Y-%m-%d %H:%M', time.gmtime(reminder.due_at))} UTC"
    if not count:
        yield "nobody gets a brief" if not person else f"{person} has no brief and no reminder"


def _describe_sign(brief: ListedBrief) -> str:
    """Returns how and when the person last showed that they read their briefs."""
    if not brief.sign:
        return "no sign yet"
    return f"last {brief.sign} {time.strftime('%Y-%m-%d %H:%M', time.gmtime(brief.signed_at))} UTC"


def _preview_briefs(stack: DeployedStack, person: str, page: Path | None) -> Iterator[str]:
    client, table = stack.make_client("dynamodb"), stack.stack_output("RecordsTable")
    subscriptions = DynamoBriefs(client, table, time.time).list_subscriptions(person)
    if not subscriptions:
        yield f"{person} has no brief"
    for number, one in enumerate(subscriptions, 1):
        asked = {"preview": {"person": person, "subscription_id": one.id}}
        written = msgspec.json.decode(_invoke(stack, "BriefWrite", asked), type=PreviewedBrief)
        yield f"{describe_subscription(one, time.time())}\n"
        if not written.text:
            yield "nothing is new: no brief would be sent\n"
        elif page is None:
            yield f"{written.text}\n"
        else:
            yield write_preview(
                one, written, page if number == 1 else page.with_stem(f"{page.stem}-{number}")
            )


def read_order(path: Path) -> OperatorOrder:
    """Returns the order of a file. Raises `ValueError` for what makes no sense, with what is wrong."""
    read = tomllib.loads(path.read_text(encoding="utf-8"))
    names = [name.lower() for name in calendar.day_name]
    unknown = set(read.get("weekdays", ())) - set(names)
    if unknown:
        raise ValueError(f"{path}: a week has no {', '.join(sorted(map(str, unknown)))}")
    if "weekdays" in read:
        read["weekdays"] = [names.index(day) for day in read["weekdays"]]
    try:
        return msgspec.convert(read, OperatorOrder)
    except msgspec.ValidationError as problem:
        raise ValueError(f"{path}: {problem}") from None


def _subscribe_people(stack: DeployedStack, path: str) -> Iterator[str]:
    """Has the deployed function order the brief: it asks the platform for the rooms, and tells the people."""
    order = read_order(Path(path))
    answer = json.loads(_invoke(stack, "BriefWrite", {"subscribe": msgspec.to_builtins(order)}))
    for person, became in answer.items():
        yield f"{person}  {became}"


def _unsubscribe_person(stack: DeployedStack, person: str) -> Iterator[str]:
    store = DynamoBriefs(stack.make_client("dynamodb"), stack.stack_output("RecordsTable"), time.time)
    ordered = find_ordered(store.list_subscriptions(person))
    for one in ordered:
        store.delete_subscription(person, one.id)
        yield f"ended: {describe_subscription(one, time.time())}"
    if not ordered:
        yield f"no operator has ordered a brief for {person}"


def _run_schedule(stack: DeployedStack) -> Iterator[str]:
    yield _invoke(stack, "BriefSchedule", {})


def _invoke(stack: DeployedStack, function: str, payload: dict[str, Any]) -> str:
    """Invokes the function once: a second attempt would pay for the model again."""
    name = stack.find_resource(function)
    answer = stack.make_function_client(PREVIEW_SECONDS).invoke(
        FunctionName=f"{name}:live", Payload=json.dumps(payload).encode()
    )
    told = answer["Payload"].read().decode()
    if "FunctionError" in answer:
        raise MissingPart(f"the function {function} failed: {told}")
    return str(told)


if __name__ == "__main__":
    run_command(main)
