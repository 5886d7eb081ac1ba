"""The contract of `ports.Inbox.progress`: what becomes of a message."""

from __future__ import annotations

import msgspec

from repartee.ports import Holding, Inbox, Progress
from tests.support.messages import CHAT, exchange, message


def held(inbox: Inbox, *ids: str) -> Holding:
    """A lease whose turn answers these messages."""
    holding = msgspec.structs.replace(inbox.acquire(CHAT, "t1", 100.0, 120.0), messages=ids)
    inbox.write(holding)
    return holding


def test_an_unknown_message(inbox: Inbox) -> None:
    """Of a message that was never kept nothing is known, in whatever chat."""
    inbox.put(message())

    assert inbox.progress(CHAT, "2") is None
    assert inbox.progress("web:nobody:main", "1") is None


def test_a_message_that_waits(inbox: Inbox) -> None:
    """As long as no turn has taken it, a message is open and answered with no other."""
    inbox.put(message())
    assert inbox.progress(CHAT, "1") == Progress(open=True)

    inbox.acquire(CHAT, "t1", 100.0, 120.0)

    assert inbox.progress(CHAT, "1") == Progress(open=True)


def test_messages_that_are_answered_together(inbox: Inbox) -> None:
    """Once a turn has fixed its messages each of them knows of the others, and who came later does not."""
    for id in ("1", "2", "3"):
        inbox.put(message(id=id))

    held(inbox, "1", "2")

    assert inbox.progress(CHAT, "1") == Progress(open=True, messages=("1", "2"))
    assert inbox.progress(CHAT, "2") == Progress(open=True, messages=("1", "2"))
    assert inbox.progress(CHAT, "3") == Progress(open=True)


def test_an_answered_message(inbox: Inbox) -> None:
    """After the close it is known what was replied, also when the next turn has begun."""
    inbox.put(message())
    inbox.close(held(inbox, "1"), exchange())
    inbox.put(message(id="2"))
    held(inbox, "2")

    assert inbox.progress(CHAT, "1") == Progress(open=False, messages=("1",), reply=exchange().reply)


def test_a_failed_message(inbox: Inbox) -> None:
    """A message that was given up says why."""
    inbox.put(message())
    inbox.close(held(inbox, "1"), exchange(), failed="ReplyBroken")

    progress = inbox.progress(CHAT, "1")

    assert progress is not None
    assert (progress.open, progress.failed) == (False, "ReplyBroken")
