"""The dead letters of people's chats: handed out, and taken out of their queue."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from repartee.aws.calls import translate_errors
from repartee.aws.queue import DeadLetter, Wake
from repartee.ports.personal_data import Footprint, PersonalRecord

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

RECEIVE_WAIT_SECONDS = 1
"""Seconds until an empty answer is believed."""

HIDE_SECONDS = 60
"""Seconds that a letter is hidden from others while it is looked at."""


class PersonalDeadLetters:
    """`ports.PersonalDataStore` on the queue of dead letters, which names chats and messages by their ids."""

    def __init__(self, client: SQSClient, queue_url: str) -> None:
        self._client, self._queue = client, queue_url

    def export(self, footprint: Footprint) -> Iterator[PersonalRecord]:
        for message in self._receive_all():
            self._put_back(message)
            if _is_of(message, footprint):
                yield PersonalRecord(
                    "dead_letter", message["MessageId"], msgspec.json.decode(message["Body"])
                )

    def forget(self, footprint: Footprint) -> int:
        deleted = 0
        for message in self._receive_all():
            if not _is_of(message, footprint):
                self._put_back(message)
                continue
            with translate_errors("sqs"):
                self._client.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
            deleted += 1
        return deleted

    def _receive_all(self) -> list[MessageTypeDef]:
        """Returns all letters that nobody else looks at. They are hidden, so that each comes once."""
        found: dict[str, MessageTypeDef] = {}
        while True:
            with translate_errors("sqs"):
                answer = self._client.receive_message(
                    QueueUrl=self._queue,
                    MaxNumberOfMessages=10,
                    VisibilityTimeout=HIDE_SECONDS,
                    WaitTimeSeconds=RECEIVE_WAIT_SECONDS,
                )
            new = {one["MessageId"]: one for one in answer.get("Messages", ())}
            if not new.keys() - found.keys():
                return list(found.values())
            found |= new

    def _put_back(self, message: MessageTypeDef) -> None:
        with translate_errors("sqs"):
            self._client.change_message_visibility(
                QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
            )


def _is_of(message: MessageTypeDef, footprint: Footprint) -> bool:
    """Whether the letter is of a chat of the subject, or names a message of theirs."""
    body = _parse_body(message["Body"])
    if body is None:
        return False
    named = {f"{body.chat}#{id}" for id in body.message_ids} if isinstance(body, DeadLetter) else set()
    return footprint.covers(body.chat) or bool(named & footprint.message_ids)


def _parse_body(body: str) -> DeadLetter | Wake | None:
    kinds: tuple[type[DeadLetter | Wake], ...] = (DeadLetter, Wake)
    for kind in kinds:
        try:
            return msgspec.json.decode(body, type=kind)
        except msgspec.DecodeError:
            continue
    return None
