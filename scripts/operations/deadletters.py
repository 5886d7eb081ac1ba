"""The command scripts/deadletters: shows what got no answer, and has it answered again."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from operations import deployed_stack
from operations.brief_deadletters import DeadBriefs
from operations.deployed_stack import AWS_ERRORS, DeployedStack, MissingPart
from repartee.aws.queue import DeadLetter, Wake
from repartee.errors import ReparteeError
from repartee.ports import Inbox
from repartee.stores.dynamodb.inbox import DynamoInbox
from support.commands import run_command

DESCRIPTION = """Shows what lies in the queue of dead letters, and replays it.

  scripts/deadletters                 shows all: when it died, its id, its chat, and why
  scripts/deadletters replay ID …     has these answered again, and takes them out of the queue
  scripts/deadletters replay          all of them

A message that was given up waits for its answer again; one that was answered meanwhile stays as it is. A wake
that died wakes its chat once more. A brief that could not be written is written again.
"""

RECEIVE_WAIT_SECONDS = 1
"""Seconds until an empty answer is believed."""

HIDE_SECONDS = 60
"""Seconds that a letter is hidden from others while it is looked at."""


@dataclass(frozen=True)
class DeadLetterRecord:
    """One dead letter: its time, its contents, and the receipt that deletes it."""

    id: str
    received_at: float
    receipt: str
    body: DeadLetter | Wake | None

    @property
    def is_unreadable(self) -> bool:
        """Whether it names an update that a platform posted to a route, and no messages of a chat."""
        return isinstance(self.body, DeadLetter) and self.body.chat.startswith("/")

    @property
    def reason(self) -> str:
        if self.is_unreadable and isinstance(self.body, DeadLetter):
            return f"an update that cannot be read: {self.body.reason}"
        if isinstance(self.body, DeadLetter):
            return f"{len(self.body.message_ids)} given up: {self.body.reason}"
        return "a wake that was taken five times in vain" if self.body else "nothing that we know"


class DeadLetterQueue:
    """The queue of dead letters, and what a replay needs."""

    def __init__(self, sqs: Any, dead: str, wakes: str, inbox: Inbox) -> None:
        self._sqs, self._dead, self._wakes, self._inbox = sqs, dead, wakes, inbox

    def list_letters(self) -> Iterator[DeadLetterRecord]:
        """Yields all that lies there, each once. For a minute nobody else sees it."""
        seen: set[str] = set()
        while found := self._receive_unseen(seen):
            for message in found:
                seen.add(message["MessageId"])
                at = int(message["Attributes"]["SentTimestamp"]) / 1000
                yield DeadLetterRecord(
                    message["MessageId"], at, message["ReceiptHandle"], _parse_body(message["Body"])
                )

    def _receive_unseen(self, seen: set[str]) -> list[dict[str, Any]]:
        answer = self._sqs.receive_message(
            QueueUrl=self._dead,
            MaxNumberOfMessages=10,
            VisibilityTimeout=HIDE_SECONDS,
            WaitTimeSeconds=RECEIVE_WAIT_SECONDS,
            AttributeNames=["SentTimestamp"],
        )
        return [message for message in answer.get("Messages", []) if message["MessageId"] not in seen]

    def replay(self, letter: DeadLetterRecord) -> bool:
        """Has what it names answered again, and takes it out. False for what names nothing."""
        if letter.body is None or letter.is_unreadable:
            return False
        if isinstance(letter.body, DeadLetter):
            self._inbox.reopen(letter.body.chat, letter.body.message_ids)
        body = msgspec.json.encode(Wake(letter.body.chat, "deadletters")).decode()
        self._sqs.send_message(QueueUrl=self._wakes, MessageBody=body)
        self._sqs.delete_message(QueueUrl=self._dead, ReceiptHandle=letter.receipt)
        return True

    def put_back(self, letter: DeadLetterRecord) -> None:
        """Lets others see it again."""
        self._sqs.change_message_visibility(
            QueueUrl=self._dead, ReceiptHandle=letter.receipt, VisibilityTimeout=0
        )


def _parse_body(body: str) -> DeadLetter | Wake | None:
    kinds: tuple[type[DeadLetter | Wake], ...] = (DeadLetter, Wake)
    for kind in kinds:
        try:
            return msgspec.json.decode(body, type=kind)
        except msgspec.DecodeError:
            continue
    return None


def main(arguments: list[str] | None = None, print_line: Callable[[str], None] = print) -> int:
    """Run the command; the exit code."""
    options = _parser().parse_args(arguments)
    try:
        stack = deployed_stack.find_stack(options)
        told = _carry_out(options, _open_queue(stack), print_line)
        told += _carry_out_briefs(options, _open_briefs(stack), print_line)
    except (MissingPart, ReparteeError, *AWS_ERRORS) as problem:
        print(f"scripts/deadletters: {problem}", file=sys.stderr)
        return 1
    if not told:
        print_line("nothing is dead")
    return 0


def _carry_out(asked: argparse.Namespace, letters: DeadLetterQueue, tell: Callable[[str], None]) -> int:
    """Shows the letters, replays those that are asked for, and returns how many there are."""
    found = sorted(letters.list_letters(), key=lambda letter: letter.received_at)
    for letter in found:
        wanted = asked.act == "replay" and (not asked.ids or letter.id in asked.ids)
        replayed = wanted and letters.replay(letter)
        if not replayed:
            letters.put_back(letter)
        tell(_format_letter(letter) + ("  replayed" if replayed else ""))
    return len(found)


def _carry_out_briefs(
    asked: argparse.Namespace, briefs: DeadBriefs | None, tell: Callable[[str], None]
) -> int:
    if briefs is None:
        return 0
    found = sorted(briefs.list_jobs(), key=lambda job: job.received_at)
    for job in found:
        wanted = asked.act == "replay" and (not asked.ids or job.id in asked.ids)
        if wanted:
            briefs.replay(job)
        else:
            briefs.put_back(job)
        when = _format_time(job.received_at)
        tell(f"{when}  {job.id}  {job.describe()}" + ("  replayed" if wanted else ""))
    return len(found)


def _format_time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(sep=" ", timespec="seconds")


def _format_letter(letter: DeadLetterRecord) -> str:
    when = _format_time(letter.received_at)
    return f"{when}  {letter.id}  {letter.body.chat if letter.body else '?'}  {letter.reason}"


def _open_queue(stack: DeployedStack) -> DeadLetterQueue:
    inbox = DynamoInbox(stack.make_client("dynamodb"), stack.stack_output("RecordsTable"))
    queues = stack.stack_output("DeadLettersQueueUrl"), stack.stack_output("WakesQueueUrl")
    return DeadLetterQueue(stack.make_client("sqs"), *queues, inbox)


def _open_briefs(stack: DeployedStack) -> DeadBriefs | None:
    """The queue of dead briefs. None in a stack of a version that had no briefs."""
    try:
        queues = stack.stack_output("BriefDeadLettersQueueUrl"), stack.stack_output("BriefsQueueUrl")
    except MissingPart:
        return None
    return DeadBriefs(stack.make_client("sqs"), *queues)


def _parser() -> argparse.ArgumentParser:
    parser = deployed_stack.make_parser("scripts/deadletters", DESCRIPTION)
    parser.add_argument("act", nargs="?", choices=("show", "replay"), default="show", help="(%(default)s)")
    parser.add_argument("ids", nargs="*", metavar="ID", help="letters to replay; all, if none is named")
    return parser


if __name__ == "__main__":
    run_command(main)
