"""What people in Telegram see while an answer is on its way: what goes on, and the pictures with it."""

from __future__ import annotations

from typing import Any

import pytest

from local.telegram_arguments import CAPTION_LIMIT
from repartee.channels.telegram.chat import PRIVATE_EVERY
from repartee.conversation.reply import Picture
from repartee.errors import BackendError
from tests.support.telegram import GROUP, PRIVATE, Talk

TEXT = "The office opens at nine, and Ada has the keys. " * 4


def png(width: int, height: int) -> bytes:
    """As much of an image as says how large it is."""
    sides = width.to_bytes(4) + height.to_bytes(4)
    return b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + sides


def picture(width: int = 640, height: int = 480, alt: str = "Desks by floor") -> Picture:
    return Picture("chart.png", "image/png", png(width, height), alt)


@pytest.fixture
def private() -> Talk:
    return Talk(PRIVATE)


def newest(talk: Talk) -> dict[str, Any]:
    return dict(talk.messages()[-1])


def test_in_private_a_draft_says_what_goes_on(private: Talk) -> None:
    """It is the same draft that becomes the reply."""
    private.replies.sign(private.message(), "Asking the ERP…")
    assert private.draft() == "Asking the ERP…"

    private.say(TEXT)

    assert private.visible() == [TEXT.strip()]
    drafts = {call["arguments"]["draft_id"] for call in private.calls("sendMessageDraft")}
    assert len(drafts) == 1
    assert not [call["ignored"] for call in private.calls() if call["ignored"]]


def test_what_goes_on_is_below_the_text_until_that_goes_on(private: Talk) -> None:
    """And it is never a part of the message."""
    reply = private.open()
    reply.add("I will look. ")
    private.wait(PRIVATE_EVERY)
    private.replies.sign(private.message(), "Asking the ERP…")
    assert private.draft() == "I will look.\n\nAsking the ERP…"

    private.wait(PRIVATE_EVERY)
    reply.add("There are seven.")
    assert private.draft() == "I will look. There are seven."
    reply.finish()

    assert private.visible() == ["I will look. There are seven."]


def test_what_goes_on_waits_for_its_turn(private: Talk) -> None:
    """It is one of the chat's calls."""
    reply = private.open()
    reply.add("I will look. ")

    private.replies.sign(private.message(), "Asking the ERP…")

    first, second = (call["at"] for call in private.calls())
    assert second - first == pytest.approx(PRIVATE_EVERY)


@pytest.mark.parametrize("trouble", ["down", 7, "TEXTDRAFT_PEER_INVALID"])
def test_what_cannot_be_shown_is_no_failure(private: Talk, trouble: str | int) -> None:
    """The text is whole in any case."""
    reply = private.open()
    reply.add("I will look. ")
    private.fail("sendMessageDraft", trouble)

    private.replies.sign(private.message(), "Asking the ERP…")
    private.write(reply, TEXT)
    reply.finish()

    assert private.visible() == [f"I will look. {TEXT.strip()}"]


def test_in_a_group_somebody_types() -> None:
    """There are no drafts, and nobody wants a message for each step."""
    group = Talk(GROUP)

    group.replies.sign(group.message(), "Asking the ERP…")

    assert [call["method"] for call in group.calls()] == ["sendChatAction"]


def test_somebody_types_until_there_is_something_to_see(private: Talk) -> None:
    """The sign goes out after five seconds: until the reply begins it is shown again before that."""
    private.replies.sign(private.message())
    for _ in range(3):
        private.wait(4.0)
        private.awaited.pop()()
        private.wait(4.0)
        assert private.telegram.seen(PRIVATE)["typing"]

    private.say("Hello.")
    assert not private.awaited
    private.replies.sign(private.message())
    assert len(private.calls("sendChatAction")) == 4


def test_nobody_types_any_more_when_there_will_be_no_reply(private: Talk) -> None:
    """The sign is not shown again."""
    private.replies.sign(private.message())

    private.replies.unsign(private.message())

    assert not private.awaited


# Pictures


@pytest.mark.parametrize("talk", [Talk(PRIVATE), Talk(GROUP), Talk(GROUP, topic=300)])
def test_a_picture_is_a_photo_in_the_chat(talk: Talk) -> None:
    """With words for those who do not see it, in whom nobody is named."""
    talk.replies.attach(talk.message(), "turn-1", picture(alt="Desks, by @ada"))

    message = newest(talk)
    assert message["photo"]
    assert message["topic"] == talk.topic
    assert message["text"] == "Desks, by @\u200bada"
    assert not [call["ignored"] for call in talk.calls() if call["ignored"]]


@pytest.mark.parametrize("sides", [(9000, 1001), (2100, 100)])
def test_what_is_no_photo_to_telegram_comes_as_a_file(private: Talk, sides: tuple[int, int]) -> None:
    """Too large, or too slim."""
    private.replies.attach(private.message(), "turn-1", picture(*sides))

    assert newest(private)["document"]


def test_a_picture_waits_until_telegram_takes_it(private: Talk) -> None:
    """A `retry_after` fails nothing."""
    private.fail("sendPhoto", 7)
    before = private.now

    private.replies.attach(private.message(), "turn-1", picture())

    assert newest(private)["photo"]
    assert private.now - before == 7


def test_a_picture_that_is_not_taken_is_told(private: Talk) -> None:
    """To whoever sends it."""
    private.telegram.blocked.add(PRIVATE)

    with pytest.raises(BackendError, match="blocked"):
        private.replies.attach(private.message(), "turn-1", picture())


def test_long_words_below_a_picture_are_cut(private: Talk) -> None:
    """Telegram counts an emoji as two."""
    private.replies.attach(private.message(), "turn-1", picture(alt="🙂" * CAPTION_LIMIT))

    assert newest(private)["photo"]
