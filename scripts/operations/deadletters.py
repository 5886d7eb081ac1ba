"""The command scripts/deadletters: shows what got no answer, and has it answered again."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from operations import deployed_stack
from operations.dead_letter_kinds import BriefLetters, ChatLetters, EmailLetters, EventLetters, LetterKind
from operations.deployed_stack import AWS_ERRORS, DeployedStack, MissingPart
from repartee.aws.dead_letters import DeadLetterQueue
from repartee.aws.event_queue import SqsEventQueue
from repartee.errors import ReparteeError
from repartee.stores.dynamodb.inbox import DynamoInbox
from repartee.stores.dynamodb.outbox import DynamoOutbox
from support.commands import run_command

DESCRIPTION = """Shows what lies in the queues of dead letters, and replays it.

  scripts/deadletters                 shows all: when it died, its id, its chat, and why
  scripts/deadletters replay ID …     has these answered again, and takes them out of the queue
  scripts/deadletters replay          all of them

A message that was given up waits for its answer again; one that was answered meanwhile stays as it is. A wake
that died wakes its chat once more. A brief that could not be written is written again, a mail that
could not be sent is sent again, and so is an event of a desk that no receiver has taken.
"""

RECEIVE_WAIT_SECONDS = 1
"""Seconds until an empty answer is believed."""


def main(arguments: list[str] | None = None, print_line: Callable[[str], None] = print) -> int:
    """Run the command; the exit code."""
    options = _parser().parse_args(arguments)
    try:
        stack = deployed_stack.find_stack(options)
        told = sum(_carry_out(options, queue, kind, print_line) for queue, kind in _open_queues(stack))
    except (MissingPart, ReparteeError, *AWS_ERRORS) as problem:
        print(f"scripts/deadletters: {problem}", file=sys.stderr)
        return 1
    if not told:
        print_line("nothing is dead")
    return 0


def _carry_out(
    asked: argparse.Namespace, queue: DeadLetterQueue, kind: LetterKind, tell: Callable[[str], None]
) -> int:
    """Shows the letters of a queue, replays those that are asked for, and returns how many there are."""
    found = queue.list_letters()
    for letter in found:
        wanted = asked.act == "replay" and (not asked.ids or letter.id in asked.ids)
        replayed = wanted and kind.replay(letter.body)
        if replayed:
            queue.delete(letter)
        else:
            queue.put_back(letter)
        when = datetime.fromtimestamp(letter.sent_at, UTC).isoformat(sep=" ", timespec="seconds")
        tell(f"{when}  {letter.id}  {kind.describe(letter.body)}" + ("  replayed" if replayed else ""))
    return len(found)


def _open_queues(stack: DeployedStack) -> Iterator[tuple[DeadLetterQueue, LetterKind]]:
    """Yields the queues of dead letters that the stack has: those of versions before had fewer."""
    sqs, output = stack.make_client("sqs"), stack.stack_output
    table, dynamodb = output("RecordsTable"), stack.make_client("dynamodb")
    chats = ChatLetters(sqs, output("WakesQueueUrl"), DynamoInbox(dynamodb, table))
    yield DeadLetterQueue(sqs, output("DeadLettersQueueUrl"), RECEIVE_WAIT_SECONDS), chats
    if dead := _find_output(stack, "BriefDeadLettersQueueUrl"):
        briefs = BriefLetters(sqs, output("BriefsQueueUrl"))
        yield DeadLetterQueue(sqs, dead, RECEIVE_WAIT_SECONDS), briefs
    if dead := _find_output(stack, "BriefEmailDeadLettersQueueUrl"):
        emails = EmailLetters(sqs, output("BriefEmailsQueueUrl"))
        yield DeadLetterQueue(sqs, dead, RECEIVE_WAIT_SECONDS), emails
    if dead := _find_output(stack, "DeskEventDeadLettersQueueUrl"):
        queue = SqsEventQueue(sqs, output("DeskEventsQueueUrl"))
        events = EventLetters(queue, DynamoOutbox(dynamodb, table, time.time), time.time)
        yield DeadLetterQueue(sqs, dead, RECEIVE_WAIT_SECONDS), events


def _find_output(stack: DeployedStack, name: str) -> str:
    try:
        return stack.stack_output(name)
    except MissingPart:
        return ""


def _parser() -> argparse.ArgumentParser:
    parser = deployed_stack.make_parser("scripts/deadletters", DESCRIPTION)
    parser.add_argument("act", nargs="?", choices=("show", "replay"), default="show", help="(%(default)s)")
    parser.add_argument("ids", nargs="*", metavar="ID", help="letters to replay; all, if none is named")
    return parser


if __name__ == "__main__":
    run_command(main)
