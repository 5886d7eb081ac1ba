"""The dead letters of chats, for the people who run the assistant: listed, and answered again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repartee.aws.dead_letters import DeadLetterQueue, ReceivedLetter, parse_letter
from repartee.aws.queue import DeadLetter
from repartee.ports.operations import FailedAnswer

if TYPE_CHECKING:
    from repartee.ports import Inbox, Wakes

CORRELATION = "deadletters"


class SqsFailedAnswers:
    """`ports.FailedAnswers` on the queue of dead letters."""

    def __init__(self, queue: DeadLetterQueue, inbox: Inbox, wakes: Wakes) -> None:
        self._queue, self._inbox, self._wakes = queue, inbox, wakes

    def list_failed(self) -> list[FailedAnswer]:
        letters = self._queue.list_letters()
        for letter in letters:
            self._queue.put_back(letter)
        return [_describe(letter) for letter in letters]

    def replay(self, id: str) -> FailedAnswer | None:
        replayed = None
        for letter in self._queue.list_letters():
            failed, body = _describe(letter), parse_letter(letter.body)
            if letter.id != id or body is None or not failed.can_replay:
                self._queue.put_back(letter)
                continue
            if isinstance(body, DeadLetter):
                self._inbox.reopen(body.chat, body.message_ids)
            self._wakes.send_all([body.chat], CORRELATION)
            self._queue.delete(letter)
            replayed = failed
        return replayed


def _describe(letter: ReceivedLetter) -> FailedAnswer:
    body = parse_letter(letter.body)
    if body is None:
        return FailedAnswer(
            id=letter.id, at=letter.sent_at, chat="", reason="nothing that we know", can_replay=False
        )
    if not isinstance(body, DeadLetter):
        reason = "a wake that was taken five times in vain"
        return FailedAnswer(id=letter.id, at=letter.sent_at, chat=body.chat, reason=reason)
    is_update = body.chat.startswith("/")  # an update that cannot be read names its route
    return FailedAnswer(
        id=letter.id,
        at=letter.sent_at,
        chat=body.chat,
        reason=body.reason,
        messages=len(body.message_ids),
        can_replay=not is_update,
    )
