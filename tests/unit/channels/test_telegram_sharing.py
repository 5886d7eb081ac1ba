"""Telegram's limits, shared by all replies that grow: the bot's, and a group's."""

from __future__ import annotations

import itertools

import pytest

from local.telegram_standin import PER_SECOND
from repartee.channels.seat import HELD_FOR
from repartee.channels.telegram.chat import GROUP_EVERY, PRIVATE_EVERY, TOGETHER
from repartee.channels.telegram.deliver import TelegramReplies
from repartee.conversation.reply import Crowd, Reply, Showing, Shown
from repartee.errors import Unreachable
from tests.support.telegram import GROUP, PRIVATE, Talk

TEXT = "The office opens at nine, and Ada has the keys. " * 4


@pytest.fixture
def private() -> Talk:
    return Talk(PRIVATE)


class Broken:
    """Records that cannot be reached."""

    def show(self, workspace: str, showing: Showing) -> Crowd:
        raise Unreachable("dynamodb", "as ordered")

    def forbid_streams(self, workspace: str, until: float) -> None:
        raise Unreachable("dynamodb", "as ordered")


class Neighbour(Talk):
    """Another chat with the bot, at the same time."""

    def __init__(self, first: Talk, chat: int) -> None:
        super().__init__(chat)
        self.telegram, self.records, self.replies = first.telegram, first.records, first.replies
        self.telegram.said(chat, PRIVATE, "hello", id=101)

    def open(self, shown: Shown | None = None) -> Reply:
        return self.replies.open(self.message(), f"turn-{self.chat}", shown or Shown(), self._keep)


def crowd(talk: Talk) -> Crowd:
    return talk.records.control(f"telegram:{talk.chat}", "").crowd


def others(talk: Talk, count: int, chat: int | None = None) -> None:
    """So many other replies grow, all in this chat or each in one of its own."""
    for number in range(count):
        kind, until = str(chat or 1000 + number), talk.now + HELD_FOR
        talk.records.show("telegram", Showing(key=f"other-{number}", kind=kind, since=0.0, until=until))


def gaps(talk: Talk) -> list[float]:
    """Seconds between the calls of a reply."""
    times = [call["at"] for call in talk.calls() if call["ok"]]
    return [after - before for before, after in itertools.pairwise(times)]


def test_a_reply_has_its_seat_while_it_grows(private: Talk) -> None:
    """From before its first word until its end, and leaves nothing behind."""
    reply = private.open()
    assert crowd(private).growing("", private.now) == 1

    private.write(reply, TEXT)
    reply.finish()

    assert crowd(private).growing("", private.now) == 0
    Neighbour(private, PRIVATE + 1).open()
    assert len(crowd(private).showing) == 1


def test_a_few_replies_are_as_fast_as_one(private: Talk) -> None:
    """As long as all of them together stay below what the bot may send."""
    others(private, TOGETHER - 1)
    reply = private.open()
    reply.among(crowd(private))

    private.write(reply, TEXT, seconds=0.1)

    assert all(PRIVATE_EVERY <= gap < PRIVATE_EVERY + 0.2 for gap in gaps(private))


def test_many_replies_share_what_the_bot_may_send(private: Talk) -> None:
    """Each grows the more seldom, and ends when it is its turn; nothing of the text is lost."""
    others(private, 99)
    reply = private.open()
    reply.among(crowd(private))

    private.write(reply, TEXT, seconds=0.3)
    reply.finish()

    assert all(gap >= 100 / TOGETHER for gap in gaps(private))
    assert private.visible() == [TEXT.strip()]


def test_topics_share_what_their_group_takes() -> None:
    """Three replies in topics of one group grow a third as often as one."""
    talk = Talk(GROUP, topic=300)
    others(talk, 2, chat=GROUP)
    reply = talk.open()
    reply.among(crowd(talk))

    talk.write(reply, TEXT * 2)

    assert all(gap >= 3 * GROUP_EVERY for gap in gaps(talk))


@pytest.mark.parametrize("count", [1, 5, 25])
def test_no_call_is_one_too_many(count: int) -> None:
    """So many replies of several messages at once, which come to their messages' ends at the same time."""
    talk = Talk(PRIVATE)
    talks = [Neighbour(talk, PRIVATE + number) for number in range(count)]
    replies: list[Reply] = []
    text = "".join(f"Sentence number {number} of a long reply.\n" for number in range(260))
    for piece in range(0, len(text), 50):
        for number, one in enumerate(talks):
            if not piece:
                replies.append(one.open())
            replies[number].add(text[piece : piece + 50])
            talk.wait(0.05 / count)
            if piece % 1000 == 0:
                replies[number].among(crowd(talk))
    for reply in replies:
        reply.finish()

    assert all("\n".join(one.visible()).split() == text.split() for one in talks)
    assert not [call["error"] for call in talk.calls() if not call["ok"]]
    times = [call["at"] for call in talk.calls()]
    assert all(sum(at <= time < at + 1 for time in times) <= PER_SECOND for at in times[::10])


def test_without_the_records_a_reply_goes_on(private: Talk) -> None:
    """It then goes by what Telegram answers."""
    private.replies = TelegramReplies(
        private.api, Broken(), lambda: private.now, private.wait, lambda work: work()
    )

    private.say(TEXT)

    assert private.visible() == [TEXT.strip()]
