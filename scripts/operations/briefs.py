"""The command scripts/briefs: shows who gets briefs and reminders, previews briefs, queues what is due."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from operations import deployed_stack
from operations.deployed_stack import AWS_ERRORS, DeployedStack, MissingPart
from repartee.briefs.orders import describe_subscription
from repartee.domain.brief import BRIEF_SHARDS, Subscription
from repartee.domain.engagement import choose_frequency
from repartee.errors import ReparteeError
from repartee.ports.briefs import BriefStore
from repartee.stores.dynamodb.briefs import DynamoBriefs
from repartee.stores.dynamodb.reminders import DynamoReminders
from support.commands import run_command

DESCRIPTION = """Shows who gets briefs, when, and how often by what they do with them.

  scripts/briefs list                  everybody's briefs: the person, how they take them, about what and when
  scripts/briefs list slack:T1:U1      those of one person, and when their reminders are said
  scripts/briefs preview slack:T1:U1   that person's briefs as they would be now; nothing is kept or sent
  scripts/briefs run                   has what is due queued now, and prints the schedule's report
"""


PREVIEW_SECONDS = 160
"""Seconds that a preview is waited for: the function that writes it has 150."""


def main(arguments: list[str] | None = None, print_line: Callable[[str], None] = print) -> int:
    """Run the command; the exit code."""
    parser = deployed_stack.make_parser("scripts/briefs", DESCRIPTION)
    parser.add_argument("act", choices=("list", "preview", "run"), help="what to do")
    parser.add_argument("person", nargs="?", default="", help="one person, by their id")
    asked = parser.parse_args(arguments)
    if asked.act == "preview" and not asked.person:
        parser.error("preview needs a person: scripts/briefs list shows them")
    try:
        stack = deployed_stack.find_stack(asked)
        for line in _answer(stack, asked.act, asked.person):
            print_line(line)
    except (MissingPart, ReparteeError, *AWS_ERRORS) as problem:
        print(f"scripts/briefs: {problem}", file=sys.stderr)
        return 1
    return 0


def _answer(stack: DeployedStack, act: str, person: str) -> Iterator[str]:
    if act == "list":
        return _list_briefs(stack, person)
    return _preview_briefs(stack, person) if act == "preview" else _run_schedule(stack)


def _list_briefs(stack: DeployedStack, person: str) -> Iterator[str]:
    client, table = stack.make_client("dynamodb"), stack.stack_output("RecordsTable")
    store, count = DynamoBriefs(client, table, time.time), 0
    for page in _pages(store, person):
        engagements = store.read_engagements([one.person for one in page]) if page else {}
        for one in page:
            count += 1
            known = engagements.get(one.person)
            frequency = choose_frequency(known.unread if known else 0)
            yield f"{one.person}  {frequency}  {describe_subscription(one, time.time())}"
    if person:
        for reminder in DynamoReminders(client, table).list_reminders(person):
            count += 1
            yield f"{person}  a reminder, {time.strftime('%Y-%m-%d %H:%M', time.gmtime(reminder.due_at))} UTC"
    if not count:
        yield "nobody gets a brief" if not person else f"{person} has no brief and no reminder"


def _pages(store: BriefStore, person: str) -> Iterator[tuple[Subscription, ...]]:
    if person:
        yield tuple(store.list_subscriptions(person))
        return
    for shard in range(BRIEF_SHARDS):
        after = ""
        while True:
            page = store.list_page(shard, after)
            yield page.subscriptions
            after = page.next
            if not after:
                break


def _preview_briefs(stack: DeployedStack, person: str) -> Iterator[str]:
    client, table = stack.make_client("dynamodb"), stack.stack_output("RecordsTable")
    subscriptions = DynamoBriefs(client, table, time.time).list_subscriptions(person)
    if not subscriptions:
        yield f"{person} has no brief"
    for one in subscriptions:
        asked = {"preview": {"person": person, "subscription_id": one.id}}
        written = json.loads(_invoke(stack, "BriefWrite", asked))
        yield f"{describe_subscription(one, time.time())}\n"
        yield f"{written['text'] or 'nothing is new: no brief would be sent'}\n"


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
