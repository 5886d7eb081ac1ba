"""A message that its author edits or deletes is edited or deleted in the inbox, in memory and in prompts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from repartee.wiring import stores
from tests.support.inbox_builders import only_messages
from tests.support.memory_handlers import read_payload
from tests.support.posted_events import PostedEvents

TELEGRAM_CHAT = "telegram:4200042"
WHATSAPP_CHAT = "whatsapp:106540352242922:US.13491208655302741918"


@pytest.fixture
def chat(tmp_path: Path) -> PostedEvents:
    return PostedEvents(tmp_path / "parts")


def remembered(chat: PostedEvents, place: str) -> list[str]:
    """What the messages store has of the person."""
    return [said.text for said in chat.messages.list_newest(place, "user", 10)]


def prompt_text(chat: PostedEvents) -> str:
    prompt = chat.prompts[-1]
    return "\n".join(line.text for line in (*prompt.history, *prompt.incoming)) + prompt.context


def original_id(name: str, kind: str) -> str:
    """The id of the message that an edit or a deletion of WhatsApp is about."""
    batch = json.loads(read_payload(name))
    return str(batch["entry"][0]["changes"][0]["value"]["messages"][0][kind]["original_message_id"])


def test_a_message_that_is_edited_while_it_waits_is_answered_as_it_reads(chat: PostedEvents) -> None:
    """The model never sees what it was."""
    chat.post("telegram/private_message", text="when does the Lisbon office open?")
    chat.post("telegram/edited_message", after=1, message_id=101, text="when does the Porto office open?")

    chat.answer()

    assert len(chat.prompts) == 1
    assert "Porto" in prompt_text(chat)
    assert "Lisbon" not in prompt_text(chat)


def test_an_answered_message_is_edited_in_memory(chat: PostedEvents) -> None:
    """The answer stands, and later prompts have the words as they are now."""
    chat.post("telegram/private_message", text="my code word is heron")
    chat.answer()
    chat.post("telegram/edited_message", after=90, message_id=101, text="my code word is bittern")
    chat.answer()

    assert remembered(chat, TELEGRAM_CHAT) == ["my code word is bittern"]
    assert len(chat.prompts) == 1

    chat.post("telegram/private_message", after=5, message_id=300, text="what is my code word?")
    chat.answer()

    assert "bittern" in prompt_text(chat)
    assert "my code word is heron" not in [line.text for line in chat.prompts[-1].history]


def test_an_edited_caption_leaves_the_picture(chat: PostedEvents) -> None:
    """The edit tells of both."""
    chat.post("telegram/group_reply_to_photo")
    photo = json.loads(read_payload("telegram/photo"))["message"]["photo"]
    chat.post("telegram/photo", message_id=400, caption="what is this?")
    chat.post("telegram/edited_message", message_id=400, text=None, caption="who is this?", photo=photo)

    (waiting,) = only_messages(chat.parts.stored_inbox.list_open(TELEGRAM_CHAT).messages)

    assert (waiting.text, len(waiting.attachments)) == ("who is this?", 1)


def test_an_answered_message_is_edited_in_memory_of_whatsapp(chat: PostedEvents) -> None:
    """Numbers in coexistence are told."""
    chat.post("whatsapp/text", id=original_id("whatsapp/edited_message", "edit"))
    chat.answer()

    chat.post("whatsapp/edited_message", after=90)
    chat.answer()

    assert remembered(chat, WHATSAPP_CHAT) == ["when does the Porto office open?"]
    assert len(chat.prompts) == 1


def test_an_answered_message_is_deleted_in_memory(chat: PostedEvents) -> None:
    """None of its words is left."""
    chat.post("whatsapp/text", id=original_id("whatsapp/deleted_message", "revoke"))
    chat.answer()

    chat.post("whatsapp/deleted_message", after=90)
    chat.answer()
    assert remembered(chat, WHATSAPP_CHAT) == []
    inbox = chat.parts.get(stores.inbox)
    erased = inbox.find_exchange_of(WHATSAPP_CHAT, inbox.list_latest(WHATSAPP_CHAT, 1)[0].id)
    assert erased is not None
    assert erased.reply == ""
    assert "who has the keys" not in repr((inbox.list_latest(WHATSAPP_CHAT, 9), erased))

    chat.post("whatsapp/reply", after=5)
    chat.answer()

    assert "who has the keys" not in "\n".join(
        line.text for line in chat.prompts[-1].history if line.side == "user"
    )


def test_a_waiting_message_that_is_deleted_gets_no_answer(chat: PostedEvents) -> None:
    """The worker that was woken for it finds nothing."""
    chat.post("whatsapp/text", id=original_id("whatsapp/deleted_message", "revoke"))
    chat.post("whatsapp/deleted_message", after=1)

    chat.answer()

    assert chat.prompts == []
