"""What each platform shows of a member of the team who writes: with one call, which nothing renews."""

from __future__ import annotations

import msgspec
import pytest

from repartee.channels.web.event_hub import EventHub
from repartee.channels.web.ids import live_log_id
from repartee.channels.web.replies import WebReplySender
from repartee.domain.message import Message
from tests.support.memory_web_stores import MemoryEvents
from tests.support.slack_channel import CHANNEL_ID, THREAD_TS, SlackChannel
from tests.support.telegram_chat import GROUP_CHAT_ID, PRIVATE_CHAT_ID, TelegramTestChat
from tests.support.whatsapp_chat import WhatsAppTestChat

NOW = 1_789_000_000.0


def test_whatsapp_shows_it_after_each_answer_too() -> None:
    """The message is read, and typing is seen once, although the assistant has answered the same message."""
    chat = WhatsAppTestChat()
    chat.say_reply("A person will answer you.")
    chat.whatsapp.posts.clear()

    chat.replies.show_member_typing(chat.make_message())
    assert chat.is_typing()
    chat.advance_time(120)

    assert not chat.is_typing()
    assert [call["arguments"]["status"] for call in chat.recorded_calls()] == ["read"]


def test_whatsapp_shows_nothing_where_it_cannot() -> None:
    """After the window, and where no message of the person is known."""
    chat = WhatsAppTestChat()
    message = chat.make_message()
    address = {name: value for name, value in message.platform.items() if name != "message"}
    chat.replies.show_member_typing(msgspec.structs.replace(message, platform=address))

    chat.advance_time(25 * 3600.0)
    chat.replies.show_member_typing(message)

    assert chat.recorded_calls() == []


@pytest.mark.parametrize("place", [PRIVATE_CHAT_ID, GROUP_CHAT_ID])
def test_telegram_shows_the_bot_typing(place: int) -> None:
    """For five seconds, in private too, where no draft is left."""
    chat = TelegramTestChat(place)

    chat.replies.show_member_typing(chat.make_message())

    assert [call["method"] for call in chat.recorded_calls()] == ["sendChatAction"]
    assert chat.telegram.visible_chat(place)["typing"]


def test_telegram_shows_nothing_to_a_group_of_what_one_person_sees() -> None:
    """An ephemeral message is answered without a sign, as all of the group would see it."""
    chat = TelegramTestChat(GROUP_CHAT_ID)
    message = chat.make_message()

    chat.replies.show_member_typing(
        msgspec.structs.replace(message, platform={**message.platform, "receiver": "42"})
    )

    assert chat.recorded_calls() == []


def test_slack_shows_a_status_in_a_thread() -> None:
    """Until the message comes; outside of threads nothing."""
    channel = SlackChannel()
    message = channel.make_message()

    channel.replies.show_member_typing(msgspec.structs.replace(message, platform={"thread": ""}))
    assert channel.recorded_calls() == []
    channel.replies.show_member_typing(message)

    assert channel.slack.visible_channel(CHANNEL_ID)["statuses"] == {THREAD_TS: "is typing…"}


def test_the_web_shows_its_status_in_the_customers_language() -> None:
    """It stands in the log of the conversation."""
    events = MemoryEvents(lambda: NOW)
    sender = WebReplySender(events, EventHub(lambda: NOW), lambda: NOW, lambda seconds: None)
    message = Message(
        id="m-1", chat="web:ada:main", room="web:ada", channel="web", sender="web:ada", text="?", sent=NOW,
        received=NOW, language="de",
    )  # fmt: skip

    sender.show_member_typing(message)

    kept = events.read_after(live_log_id(message.chat), "")
    assert [(event.kind, event.text) for event in kept] == [("status", "schreibt…")]
