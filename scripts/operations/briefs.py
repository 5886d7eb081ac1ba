"""The command scripts/briefs: shows who gets briefs and reminders, and has those that are due queued."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator

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
  scripts/briefs run                   has what is due queued now, and prints the schedule's report
"""


def main(arguments: list[str] | None = None, print_line: Callable[[str], None] = print) -> int:
    """Run the command; the exit code."""
    parser = deployed_stack.make_parser("scripts/briefs", DESCRIPTION)
    parser.add_argument("act", choices=("list", "run"), help="what to do")
    parser.add_argument("person", nargs="?", default="", help="one person, by their id")
    asked = parser.parse_args(arguments)
    try:
        stack = deployed_stack.find_stack(asked)
        for line in _list_briefs(stack, asked.person) if asked.act == "list" else _run_schedule(stack):
            print_line(line)
    except (MissingPart, ReparteeError, *AWS_ERRORS) as problem:
        print(f"scripts/briefs: {problem}", file=sys.stderr)
        return 1
    return 0


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


def _run_schedule(stack: DeployedStack) -> Iterator[str]:
    name = stack.find_resource("BriefSchedule")
    answer = stack.make_client("lambda").invoke(FunctionName=f"{name}:live", Payload=b"{}")
    report = answer["Payload"].read().decode()
    if "FunctionError" in answer:
        raise MissingPart(f"the schedule failed: {report}")
    yield report


if __name__ == "__main__":
    run_command(main)
