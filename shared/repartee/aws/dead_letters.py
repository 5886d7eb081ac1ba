"""Queues of dead letters, and what of them belongs to people: handed out, and taken out of their queue."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from repartee.aws.calls import translate_errors
from repartee.aws.queue import DeadLetter, Wake
from repartee.ports.personal_data import Footprint, PersonalRecord

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

RECEIVE_WAIT_SECONDS = 1
"""Seconds until an empty answer is believed."""

HIDE_SECONDS = 60
"""Seconds that a letter is hidden from others while it is looked at."""


class ReceivedLetter(msgspec.Struct, frozen=True):
    """One dead letter: when it was sent (epoch seconds), its body, and the receipt that deletes it."""

    id: str
    sent_at: float
    receipt: str
    body: str


class DeadLetterQueue:
    """A queue of dead letters of any kind, whose letters are looked at, put back and taken out."""

    def __init__(self, client: SQSClient, queue_url: str, wait_seconds: int = RECEIVE_WAIT_SECONDS) -> None:
        self._client, self._queue, self._wait_seconds = client, queue_url, wait_seconds

    def list_letters(self) -> list[ReceivedLetter]:
        """Returns all letters that nobody else looks at, each once, the oldest first. They are hidden from
        others for a minute."""
        found: dict[str, ReceivedLetter] = {}
        while True:
            new = {one.id: one for one in self._receive()}
            if not new.keys() - found.keys():
                return sorted(found.values(), key=lambda letter: letter.sent_at)
            found |= new

    def _receive(self) -> list[ReceivedLetter]:
        with translate_errors("sqs"):
            answer = self._client.receive_message(
                QueueUrl=self._queue,
                MaxNumberOfMessages=10,
                VisibilityTimeout=HIDE_SECONDS,
                WaitTimeSeconds=self._wait_seconds,
                AttributeNames=["SentTimestamp"],
            )
        return [
            ReceivedLetter(
                one["MessageId"],
                int(one["Attributes"]["SentTimestamp"]) / 1000,
                one["ReceiptHandle"],
                one["Body"],
            )
            for one in answer.get("Messages", ())
        ]

    def put_back(self, letter: ReceivedLetter) -> None:
        """Lets others see it again."""
        with translate_errors("sqs"):
            self._client.change_message_visibility(
                QueueUrl=self._queue, ReceiptHandle=letter.receipt, VisibilityTimeout=0
            )

    def delete(self, letter: ReceivedLetter) -> None:
        """Takes it out."""
        with translate_errors("sqs"):
            self._client.delete_message(QueueUrl=self._queue, ReceiptHandle=letter.receipt)


class PersonalDeadLetters:
    """`ports.PersonalDataStore` on a queue of dead letters, which name chats and messages by their ids."""

    def __init__(self, client: SQSClient, queue_url: str) -> None:
        self._letters = DeadLetterQueue(client, queue_url)

    def export(self, footprint: Footprint) -> Iterator[PersonalRecord]:
        for letter in self._letters.list_letters():
            self._letters.put_back(letter)
            if _is_of(letter, footprint):
                yield PersonalRecord("dead_letter", letter.id, msgspec.json.decode(letter.body))

    def forget(self, footprint: Footprint) -> int:
        deleted = 0
        for letter in self._letters.list_letters():
            if _is_of(letter, footprint):
                self._letters.delete(letter)
                deleted += 1
            else:
                self._letters.put_back(letter)
        return deleted


def _is_of(letter: ReceivedLetter, footprint: Footprint) -> bool:
    """Whether the letter is of a chat of the subject, or names a message of theirs."""
    body = parse_letter(letter.body)
    if body is None:
        return False
    named = {f"{body.chat}#{id}" for id in body.message_ids} if isinstance(body, DeadLetter) else set()
    return footprint.covers(body.chat) or bool(named & footprint.message_ids)


def parse_letter(body: str) -> DeadLetter | Wake | None:
    """Returns what a letter of the chats' queue names. None for what nobody wrote."""
    kinds: tuple[type[DeadLetter | Wake], ...] = (DeadLetter, Wake)
    for kind in kinds:
        try:
            return msgspec.json.decode(body, type=kind)
        except msgspec.DecodeError:
            continue
    return None
