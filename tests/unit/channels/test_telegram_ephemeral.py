"""Ephemeral messages: in a group, seen by one person and the bot alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from repartee.channels.telegram.ids import ephemeral_arguments
from repartee.channels.telegram.receiver import TelegramReceiver
from repartee.domain.http import HttpRequest
from tests.support.memory_handlers import read_payload
from tests.support.posted_events import PostedEvents
from tests.support.scenario_wiring import ScriptedAnswer

GROUP, ADA = -1001234567890, 4200042
ROOM = f"telegram:{GROUP}"


@pytest.fixture
def chat(tmp_path: Path) -> PostedEvents:
    return PostedEvents(tmp_path / "parts")


def test_an_ephemeral_command_is_answered_to_its_sender_alone(chat: PostedEvents) -> None:
    """In reply to it, as Telegram wants it within 15 seconds; and the group sees nobody type."""
    assert chat.post("telegram/ephemeral_command").status == 200

    chat.answer()

    (shown,) = chat.shown_in(GROUP)
    assert shown["receiver"] == ADA
    for call in chat.telegram_calls("sendMessage"):
        assert call["arguments"]["ephemeral_message_parameters"] == {"receiver_user_id": ADA}
        assert call["arguments"]["reply_parameters"] == {"ephemeral_message_id": 551}
    assert chat.telegram_calls("sendChatAction", "sendRichMessage") == []


def test_a_long_answer_grows_where_its_receiver_sees_it(chat: PostedEvents) -> None:
    """It has methods of its own to be edited."""
    text = "The office opens at nine. " * 60
    chat.parts.models.script.append(ScriptedAnswer(text))
    chat.post("telegram/ephemeral_command")

    chat.answer()

    (shown,) = chat.shown_in(GROUP)
    assert (shown["text"], shown["receiver"]) == (text.strip(), ADA)
    edits = chat.telegram_calls("editEphemeralMessageText")
    assert edits
    assert all(call["ok"] and call["arguments"]["receiver_user_id"] == ADA for call in edits)
    assert chat.telegram_calls("editMessageText") == []


def test_two_ephemeral_messages_are_two(chat: PostedEvents) -> None:
    """All have the number 0: another number tells them apart."""
    for number in (551, 557):
        chat.post("telegram/ephemeral_command", ephemeral_message_id=number)

    assert len(chat.parts.queue.first_chats()) == 1  # the wake that waits is for both
    chat.answer()

    assert [message.id for turn in chat.parts.turns for message in turn.incoming] == [
        "0000000551",
        "0000000557",
    ]


def test_what_one_person_sees_reaches_no_prompt_of_the_group(chat: PostedEvents) -> None:
    """It is kept in a room of its own."""
    chat.post("telegram/ephemeral_command", text="/ask@repartee_bot is my salary of 4711 too low?")
    chat.answer()

    chat.post("telegram/group_mention", after=5)
    chat.answer()

    told = chat.prompts[-1]
    assert "4711" not in json.dumps([line.text for line in (*told.history, *told.incoming)]) + told.context


def test_an_ephemeral_mute_is_about_the_group(chat: PostedEvents) -> None:
    """Its confirmation is for its sender alone, in the answer to the webhook."""
    answer = chat.post("telegram/ephemeral_mute")

    said = json.loads(answer.body)
    assert chat.parts.stored_records.read_control(ROOM, ROOM).is_muted(chat.parts.clock() + 3600)
    assert said["ephemeral_message_parameters"] == {"receiver_user_id": ADA}
    assert said["reply_parameters"] == {"ephemeral_message_id": 552}


def test_a_press_under_an_ephemeral_message_is_answered_to_who_pressed(chat: PostedEvents) -> None:
    """The press allows it, for Telegram takes no other answer."""
    event = json.loads(read_payload("telegram/approve"))
    under = event["callback_query"]["message"]
    under |= {"message_id": 0, "ephemeral_message_id": 571, "chat": {"id": GROUP, "type": "supergroup"}}
    parsed = receiver().parse(request_of(event))

    (press,) = parsed.presses
    assert press.message.room == f"{ROOM}:e{event['callback_query']['from']['id']}"
    assert ephemeral_arguments(press.message.platform) == {
        "ephemeral_message_parameters": {
            "receiver_user_id": event["callback_query"]["from"]["id"],
            "callback_query_id": event["callback_query"]["id"],
        }
    }


def receiver() -> TelegramReceiver:
    return TelegramReceiver(lambda: ("secret",), lambda: False, lambda: "7001:token", "repartee_bot")


def request_of(event: dict[str, Any]) -> HttpRequest:
    return HttpRequest("POST", "/telegram/webhook", {}, json.dumps(event).encode(), 1.0, "request-1")


def test_a_name_alone_is_greeted(chat: PostedEvents) -> None:
    """In the group, in answer to who called: never silence."""
    chat.post("telegram/group_mention_alone")

    chat.answer()

    (shown,) = chat.shown_in(GROUP)
    assert "/mute" in shown["text"]
    assert chat.prompts == []
