"""The contract of `ports.Inbox.progress`: what becomes of a message."""

from __future__ import annotations

import msgspec

from repartee.ports import AnswerStatus, Inbox, LeaseRecord
from tests.support.inbox_builders import CHAT_ID, make_exchange, make_message


def held(inbox: Inbox, *ids: str) -> LeaseRecord:
    """A lease whose turn answers these messages."""
    holding = msgspec.structs.replace(inbox.acquire_lease(CHAT_ID, "t1", 100.0, 120.0), messages=ids)
    inbox.write_lease(holding)
    return holding


def test_an_unknown_message(inbox: Inbox) -> None:
    """Of a message that was never kept nothing is known, in whatever chat."""
    inbox.put(make_message())

    assert inbox.read_answer_status(CHAT_ID, "2") is None
    assert inbox.read_answer_status("web:nobody:main", "1") is None


def test_a_message_that_waits(inbox: Inbox) -> None:
    """As long as no turn has taken it, a message is open and answered with no other."""
    inbox.put(make_message())
    assert inbox.read_answer_status(CHAT_ID, "1") == AnswerStatus(is_open=True)

    inbox.acquire_lease(CHAT_ID, "t1", 100.0, 120.0)

    assert inbox.read_answer_status(CHAT_ID, "1") == AnswerStatus(is_open=True)


def test_messages_that_are_answered_together(inbox: Inbox) -> None:
    """Once a turn has fixed its messages each of them knows of the others, and who came later does not."""
    for id in ("1", "2", "3"):
        inbox.put(make_message(id=id))

    held(inbox, "1", "2")

    assert inbox.read_answer_status(CHAT_ID, "1") == AnswerStatus(is_open=True, message_ids=("1", "2"))
    assert inbox.read_answer_status(CHAT_ID, "2") == AnswerStatus(is_open=True, message_ids=("1", "2"))
    assert inbox.read_answer_status(CHAT_ID, "3") == AnswerStatus(is_open=True)


def test_an_answered_message(inbox: Inbox) -> None:
    """After the close it is known what was replied, also when the next turn has begun."""
    inbox.put(make_message())
    inbox.close_turn(held(inbox, "1"), make_exchange())
    inbox.put(make_message(id="2"))
    held(inbox, "2")

    assert inbox.read_answer_status(CHAT_ID, "1") == AnswerStatus(
        is_open=False, message_ids=("1",), reply=make_exchange().reply
    )


def test_a_failed_message(inbox: Inbox) -> None:
    """A message that was given up says why."""
    inbox.put(make_message())
    inbox.close_turn(held(inbox, "1"), make_exchange(), failed="ReplyBroken")

    progress = inbox.read_answer_status(CHAT_ID, "1")

    assert progress is not None
    assert (progress.is_open, progress.failure_reason) == (False, "ReplyBroken")
