"""What people in Telegram see while an answer is on its way: what goes on, and the pictures with it."""

from __future__ import annotations

from typing import Any

import pytest

from repartee.channels.telegram.surface import PRIVATE_INTERVAL_SECONDS
from repartee.domain.reply import Image
from repartee.errors import BackendError
from standins.telegram.limits import MAX_CAPTION_CHARS
from tests.support.telegram_chat import GROUP_CHAT_ID, PRIVATE_CHAT_ID, TelegramTestChat

TEXT = "The office opens at nine, and Ada has the keys. " * 4


def png(width: int, height: int) -> bytes:
    """As much of an image as says how large it is."""
    sides = width.to_bytes(4) + height.to_bytes(4)
    return b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + sides


def picture(width: int = 640, height: int = 480, alt: str = "Desks by floor") -> Image:
    return Image("chart.png", "image/png", png(width, height), alt)


@pytest.fixture
def private() -> TelegramTestChat:
    return TelegramTestChat(PRIVATE_CHAT_ID)


def newest(talk: TelegramTestChat) -> dict[str, Any]:
    return dict(talk.assistant_messages()[-1])


def test_in_private_a_draft_says_what_goes_on(private: TelegramTestChat) -> None:
    """It is the same draft that becomes the reply."""
    private.replies.show_typing(private.make_message(), "Asking the ERP…")
    assert private.visible_draft() == "Asking the ERP…"

    private.say_reply(TEXT)

    assert private.visible_texts() == [TEXT.strip()]
    drafts = {call["arguments"]["draft_id"] for call in private.recorded_calls("sendMessageDraft")}
    assert len(drafts) == 1
    assert not [call["ignored"] for call in private.recorded_calls() if call["ignored"]]


def test_what_goes_on_is_below_the_text_until_that_goes_on(private: TelegramTestChat) -> None:
    """And it is never a part of the message."""
    reply = private.open_reply()
    reply.append("I will look. ")
    private.advance_time(PRIVATE_INTERVAL_SECONDS)
    private.replies.show_typing(private.make_message(), "Asking the ERP…")
    assert private.visible_draft() == "I will look.\n\nAsking the ERP…"

    private.advance_time(PRIVATE_INTERVAL_SECONDS)
    reply.append("There are seven.")
    assert private.visible_draft() == "I will look. There are seven."
    reply.finish()

    assert private.visible_texts() == ["I will look. There are seven."]


def test_what_goes_on_waits_for_its_turn(private: TelegramTestChat) -> None:
    """It is one of the chat's calls."""
    reply = private.open_reply()
    reply.append("I will look. ")

    private.replies.show_typing(private.make_message(), "Asking the ERP…")

    first, second = (call["at"] for call in private.recorded_calls())
    assert second - first == pytest.approx(PRIVATE_INTERVAL_SECONDS)


@pytest.mark.parametrize("trouble", ["down", 7, "TEXTDRAFT_PEER_INVALID"])
def test_what_cannot_be_shown_is_no_failure(private: TelegramTestChat, trouble: str | int) -> None:
    """The text is whole in any case."""
    reply = private.open_reply()
    reply.append("I will look. ")
    private.fail_next_calls("sendMessageDraft", trouble)

    private.replies.show_typing(private.make_message(), "Asking the ERP…")
    private.write_reply(reply, TEXT)
    reply.finish()

    assert private.visible_texts() == [f"I will look. {TEXT.strip()}"]


def test_in_a_group_somebody_types() -> None:
    """There are no drafts, and nobody wants a message for each step."""
    group = TelegramTestChat(GROUP_CHAT_ID)

    group.replies.show_typing(group.make_message(), "Asking the ERP…")

    assert [call["method"] for call in group.recorded_calls()] == ["sendChatAction"]


def test_somebody_types_until_there_is_something_to_see(private: TelegramTestChat) -> None:
    """The sign goes out after five seconds: until the reply begins it is shown again before that."""
    private.replies.show_typing(private.make_message())
    for _ in range(3):
        private.advance_time(4.0)
        private.awaited.pop()()
        private.advance_time(4.0)
        assert private.telegram.visible_chat(PRIVATE_CHAT_ID)["typing"]

    private.say_reply("Hello.")
    assert not private.awaited
    private.replies.show_typing(private.make_message())
    assert len(private.recorded_calls("sendChatAction")) == 4


def test_nobody_types_any_more_when_there_will_be_no_reply(private: TelegramTestChat) -> None:
    """The sign is not shown again."""
    private.replies.show_typing(private.make_message())

    private.replies.clear_typing(private.make_message())

    assert not private.awaited


# Pictures


@pytest.mark.parametrize(
    "talk",
    [
        TelegramTestChat(PRIVATE_CHAT_ID),
        TelegramTestChat(GROUP_CHAT_ID),
        TelegramTestChat(GROUP_CHAT_ID, topic=300),
    ],
)
def test_a_picture_is_a_photo_in_the_chat(talk: TelegramTestChat) -> None:
    """With words for those who do not see it, in whom nobody is named."""
    talk.replies.send_image(talk.make_message(), "turn-1", picture(alt="Desks, by @ada"))

    message = newest(talk)
    assert message["photo"]
    assert message["topic"] == talk.topic
    assert message["text"] == "Desks, by @\u200bada"
    assert not [call["ignored"] for call in talk.recorded_calls() if call["ignored"]]


@pytest.mark.parametrize("sides", [(9000, 1001), (2100, 100)])
def test_what_is_no_photo_to_telegram_comes_as_a_file(
    private: TelegramTestChat, sides: tuple[int, int]
) -> None:
    """Too large, or too slim."""
    private.replies.send_image(private.make_message(), "turn-1", picture(*sides))

    assert newest(private)["document"]


def test_a_picture_waits_until_telegram_takes_it(private: TelegramTestChat) -> None:
    """A `retry_after` fails nothing."""
    private.fail_next_calls("sendPhoto", 7)
    before = private.now

    private.replies.send_image(private.make_message(), "turn-1", picture())

    assert newest(private)["photo"]
    assert private.now - before == 7


def test_a_picture_that_is_not_taken_is_told(private: TelegramTestChat) -> None:
    """To whoever sends it."""
    private.telegram.blocked.add(PRIVATE_CHAT_ID)

    with pytest.raises(BackendError, match="blocked"):
        private.replies.send_image(private.make_message(), "turn-1", picture())


def test_long_words_below_a_picture_are_cut(private: TelegramTestChat) -> None:
    """Telegram counts an emoji as two."""
    private.replies.send_image(private.make_message(), "turn-1", picture(alt="🙂" * MAX_CAPTION_CHARS))

    assert newest(private)["photo"]


def test_a_turn_that_has_ended_shows_nobody_typing_and_the_next_one_does(private: TelegramTestChat) -> None:
    """Also where the same process takes it up again."""
    private.replies.show_typing(private.make_message())

    private.replies.end_typing(private.make_message())
    assert not private.awaited
    private.advance_time(30.0)
    private.replies.show_typing(private.make_message())

    assert len(private.recorded_calls("sendChatAction")) == 2
    assert len(private.awaited) == 1
