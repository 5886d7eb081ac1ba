"""The kinds of dead letters: what each names, and how it is carried out again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import msgspec

from repartee.aws.dead_letters import parse_letter
from repartee.aws.queue import DeadLetter, Wake
from repartee.domain.brief import BriefJob
from repartee.domain.desk_event import DeadEvent, EventLane
from repartee.domain.email import EmailJob
from repartee.ports import Inbox
from repartee.ports.outbox import EventOutbox, EventQueue


class LetterKind(Protocol):
    """The letters of one queue of dead letters."""

    def describe(self, body: str) -> str:
        """Returns what a letter names, and why it is there, without anybody's words."""

    def replay(self, body: str) -> bool:
        """Has what it names carried out again. False for what names nothing."""


class ChatLetters:
    """Messages that got no answer, and wakes that were taken five times in vain."""

    def __init__(self, sqs: Any, wakes: str, inbox: Inbox) -> None:
        self._sqs, self._wakes, self._inbox = sqs, wakes, inbox

    def describe(self, body: str) -> str:
        letter = parse_letter(body)
        if letter is None:
            return "?  nothing that we know"
        if isinstance(letter, Wake):
            return f"{letter.chat}  a wake that was taken five times in vain"
        if _is_unreadable(letter):
            return f"{letter.chat}  an update that cannot be read: {letter.reason}"
        return f"{letter.chat}  {len(letter.message_ids)} given up: {letter.reason}"

    def replay(self, body: str) -> bool:
        letter = parse_letter(body)
        if letter is None or _is_unreadable(letter):
            return False
        if isinstance(letter, DeadLetter):
            self._inbox.reopen(letter.chat, letter.message_ids)
        wake = msgspec.json.encode(Wake(letter.chat, "deadletters")).decode()
        self._sqs.send_message(QueueUrl=self._wakes, MessageBody=wake)
        return True


def _is_unreadable(letter: DeadLetter | Wake) -> bool:
    """Whether it names an update that a platform posted to a route, and no messages of a chat."""
    return isinstance(letter, DeadLetter) and letter.chat.startswith("/")


class BriefLetters:
    """Briefs that five writers could not write. One that was written meanwhile is not written twice."""

    def __init__(self, sqs: Any, briefs: str) -> None:
        self._sqs, self._briefs = sqs, briefs

    def describe(self, body: str) -> str:
        try:
            job = msgspec.json.decode(body, type=BriefJob)
        except msgspec.DecodeError:
            return "?  nothing that we know"
        return f"{job.person}  the brief of {job.day}, tried five times in vain"

    def replay(self, body: str) -> bool:
        self._sqs.send_message(QueueUrl=self._briefs, MessageBody=body)
        return True


class EmailLetters:
    """Mails that five workers could not send. One that was sent meanwhile is not sent twice."""

    def __init__(self, sqs: Any, emails: str) -> None:
        self._sqs, self._emails = sqs, emails

    def describe(self, body: str) -> str:
        job = _parse_email_job(body)
        if job is None:
            return "?  nothing that we know"
        what = "the mail that asks for a confirmation" if job.is_confirmation else f"the mail of {job.day}"
        return f"{job.person}  {what}, tried five times in vain"

    def replay(self, body: str) -> bool:
        if _parse_email_job(body) is None:
            return False
        self._sqs.send_message(QueueUrl=self._emails, MessageBody=body)
        return True


def _parse_email_job(body: str) -> EmailJob | None:
    try:
        return msgspec.json.decode(body, type=EmailJob)
    except msgspec.DecodeError:
        return None


class EventLetters:
    """A desk's events that no receiver has taken, and lanes that were looked at five times in vain."""

    def __init__(self, queue: EventQueue, outbox: EventOutbox, clock: Callable[[], float]) -> None:
        self._queue, self._outbox, self._clock = queue, outbox, clock

    def describe(self, body: str) -> str:
        letter = _parse_event_letter(body)
        if letter is None:
            return "?  nothing that we know"
        if isinstance(letter, EventLane):
            return f"{letter.chat}  its events for {letter.endpoint}, looked at five times in vain"
        return f"{letter.chat}  {letter.kind} {letter.event_id} for {letter.endpoint}: {letter.reason}"

    def replay(self, body: str) -> bool:
        letter = _parse_event_letter(body)
        if letter is None:
            return False
        if isinstance(letter, DeadEvent):
            self._outbox.revive_event(letter, self._clock())
        self._queue.send(EventLane(letter.chat, letter.endpoint, "deadletters"))
        return True


def _parse_event_letter(body: str) -> DeadEvent | EventLane | None:
    kinds: tuple[type[DeadEvent | EventLane], ...] = (DeadEvent, EventLane)
    for kind in kinds:
        try:
            return msgspec.json.decode(body, type=kind)
        except msgspec.DecodeError:
            continue
    return None
