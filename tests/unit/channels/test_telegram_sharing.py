"""Telegram's limits, shared by all replies that grow: the bot's, and a group's."""

from __future__ import annotations

import itertools

import pytest

from repartee.channels.stream_slots import SLOT_LEASE_SECONDS
from repartee.channels.telegram.replies import TelegramReplySender
from repartee.channels.telegram.surface import (
    GROUP_INTERVAL_SECONDS,
    MAX_CALLS_PER_SECOND,
    PRIVATE_INTERVAL_SECONDS,
)
from repartee.domain.reply import ActiveMessage, ActiveMessages, VisibleState
from repartee.errors import Unavailable
from repartee.ports.channels import Reply
from standins.telegram.limits import MAX_BOT_MESSAGES_PER_SECOND
from tests.support.telegram_chat import GROUP_CHAT_ID, PRIVATE_CHAT_ID, TelegramTestChat

TEXT = "The office opens at nine, and Ada has the keys. " * 4


@pytest.fixture
def private() -> TelegramTestChat:
    return TelegramTestChat(PRIVATE_CHAT_ID)


class Broken:
    """Records that cannot be reached."""

    def publish_active(self, workspace: str, showing: ActiveMessage) -> ActiveMessages:
        raise Unavailable("dynamodb", "as ordered")

    def disable_streaming(self, workspace: str, until: float) -> None:
        raise Unavailable("dynamodb", "as ordered")


class Neighbour(TelegramTestChat):
    """Another chat with the bot, at the same time."""

    def __init__(self, first: TelegramTestChat, chat: int) -> None:
        super().__init__(chat)
        self.telegram, self.records, self.replies = first.telegram, first.records, first.replies
        self.telegram.add_person_message(chat, PRIVATE_CHAT_ID, "hello", id=101)

    def open_reply(self, shown: VisibleState | None = None) -> Reply:
        return self.replies.open_reply(
            self.make_message(), f"turn-{self.chat}", shown or VisibleState(), self._record_visible
        )


def crowd(talk: TelegramTestChat) -> ActiveMessages:
    return talk.records.read_control(f"telegram:{talk.chat}", "").active_messages


def others(talk: TelegramTestChat, count: int, chat: int | None = None) -> None:
    """So many other replies grow, all in this chat or each in one of its own."""
    for number in range(count):
        kind, until = str(chat or 1000 + number), talk.now + SLOT_LEASE_SECONDS
        talk.records.publish_active(
            "telegram", ActiveMessage(key=f"other-{number}", kind=kind, started_at=0.0, ends_at=until)
        )


def gaps(talk: TelegramTestChat) -> list[float]:
    """Seconds between the calls of a reply."""
    times = [call["at"] for call in talk.recorded_calls() if call["ok"]]
    return [after - before for before, after in itertools.pairwise(times)]


def test_a_reply_has_its_seat_while_it_grows(private: TelegramTestChat) -> None:
    """From before its first word until its end, and leaves nothing behind."""
    reply = private.open_reply()
    assert crowd(private).active_count("", private.now) == 1

    private.write_reply(reply, TEXT)
    reply.finish()

    assert crowd(private).active_count("", private.now) == 0
    Neighbour(private, PRIVATE_CHAT_ID + 1).open_reply()
    assert len(crowd(private).messages) == 1


def test_a_few_replies_are_as_fast_as_one(private: TelegramTestChat) -> None:
    """As long as all of them together stay below what the bot may send."""
    others(private, MAX_CALLS_PER_SECOND - 1)
    reply = private.open_reply()
    reply.share_limits(crowd(private))

    private.write_reply(reply, TEXT, seconds=0.1)

    assert all(PRIVATE_INTERVAL_SECONDS <= gap < PRIVATE_INTERVAL_SECONDS + 0.2 for gap in gaps(private))


def test_many_replies_share_what_the_bot_may_send(private: TelegramTestChat) -> None:
    """Each grows the more seldom, and ends when it is its turn; nothing of the text is lost."""
    others(private, 99)
    reply = private.open_reply()
    reply.share_limits(crowd(private))

    private.write_reply(reply, TEXT, seconds=0.3)
    reply.finish()

    assert all(gap >= 100 / MAX_CALLS_PER_SECOND for gap in gaps(private))
    assert private.visible_texts() == [TEXT.strip()]


def test_topics_share_what_their_group_takes() -> None:
    """Three replies in topics of one group grow a third as often as one."""
    talk = TelegramTestChat(GROUP_CHAT_ID, topic=300)
    others(talk, 2, chat=GROUP_CHAT_ID)
    reply = talk.open_reply()
    reply.share_limits(crowd(talk))

    talk.write_reply(reply, TEXT * 2)

    assert all(gap >= 3 * GROUP_INTERVAL_SECONDS for gap in gaps(talk))


@pytest.mark.parametrize("count", [1, 5, 25])
def test_no_call_is_one_too_many(count: int) -> None:
    """So many replies of several messages at once, which come to their messages' ends at the same time."""
    talk = TelegramTestChat(PRIVATE_CHAT_ID)
    talks = [Neighbour(talk, PRIVATE_CHAT_ID + number) for number in range(count)]
    replies: list[Reply] = []
    text = "".join(f"Sentence number {number} of a long reply.\n" for number in range(260))
    for piece in range(0, len(text), 50):
        for number, one in enumerate(talks):
            if not piece:
                replies.append(one.open_reply())
            replies[number].append(text[piece : piece + 50])
            talk.advance_time(0.05 / count)
            if piece % 1000 == 0:
                replies[number].share_limits(crowd(talk))
    for reply in replies:
        reply.finish()

    assert all("\n".join(one.visible_texts()).split() == text.split() for one in talks)
    assert not [call["error"] for call in talk.recorded_calls() if not call["ok"]]
    times = [call["at"] for call in talk.recorded_calls()]
    assert all(
        sum(at <= time < at + 1 for time in times) <= MAX_BOT_MESSAGES_PER_SECOND for at in times[::10]
    )


def test_without_the_records_a_reply_goes_on(private: TelegramTestChat) -> None:
    """It then goes by what Telegram answers."""
    private.replies = TelegramReplySender(
        private.api, Broken(), lambda: private.now, private.advance_time, lambda work: work()
    )

    private.say_reply(TEXT)

    assert private.visible_texts() == [TEXT.strip()]
