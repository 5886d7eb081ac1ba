"""What the model is given of quotes, replies and forwards in Telegram and WhatsApp, and what is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.posted_events import PostedEvents
from tests.support.scenario_wiring import ScriptedAnswer

TELEGRAM_CHAT = "telegram:4200042"
WHATSAPP_CHAT = "whatsapp:106540352242922:US.13491208655302741918"
PERSON = "US.13491208655302741918"


@pytest.fixture
def chat(tmp_path: Path) -> PostedEvents:
    return PostedEvents(tmp_path / "parts")


def incoming_lines(chat: PostedEvents) -> list[str]:
    return [line for told in chat.prompts[-1].incoming for line in told.text.splitlines()]


def remembered(chat: PostedEvents, place: str) -> str:
    return "\n".join(said.text for said in chat.messages.list_newest(place, "user", 10))


@pytest.mark.parametrize(
    "name,own,others,author",
    [
        ("telegram/forwarded_from_person", "", "I am allergic to peanuts and I live in Faro", "Ben"),
        ("telegram/forwarded_from_hidden_person", "", "The lift is out of order until Friday.", "Carla M."),
        ("telegram/forwarded_from_group", "", "The meeting moves to Porto.", "Porto office"),
        ("telegram/forwarded_from_channel", "", "Prices from October", "Lisbon desks"),
        ("telegram/forwarded_command", "", "/mute 2h", "Ben"),
        ("telegram/reply_with_quote", "Explain this one in more detail", "2. Buy in Belem", "you"),
        (
            "telegram/reply_to_own_message",
            "Did that ever get done?",
            "Order 40 ergonomic chairs from Deco Addict by March",
            "they themselves",
        ),
        ("telegram/external_reply", "what do you make of this?", "the rent rises by 4 %", "Ben"),
        ("telegram/reply_to_sticker", "what does this mean?", "[sticker 🦀]", "they themselves"),
        ("whatsapp/forwarded", "", "The lease for Lisbon is signed!", "somebody else"),
        ("whatsapp/forwarded_often", "", "Free desks for all, send this to ten people!", "somebody else"),
        ("whatsapp/referral", "is there one for Monday?", "By the day, by the week.", "somebody else"),
    ],
)
def test_words_of_others_are_marked_and_not_remembered(
    chat: PostedEvents, name: str, own: str, others: str, author: str
) -> None:
    """The model knows whose they are, and nobody has said them here."""
    chat.post(name)
    chat.answer()

    lines = incoming_lines(chat)
    marked = next(number for number, line in enumerate(lines) if others in line)
    assert lines[marked].startswith("> ")
    assert any(author in line for line in lines[:marked] if line.startswith("["))
    assert any(own in line for line in lines if not line.startswith(">"))
    place = TELEGRAM_CHAT if name.startswith("telegram/") else WHATSAPP_CHAT
    assert others not in remembered(chat, place)
    assert own in remembered(chat, place)


@pytest.mark.parametrize(
    "name,images", [("group_reply_to_photo", 1), ("forwarded_from_channel", 1), ("private_album_1", 1)]
)
def test_pictures_that_came_along_are_shown(chat: PostedEvents, name: str, images: int) -> None:
    """With what is asked about them."""
    chat.post(f"telegram/{name}")
    chat.answer()

    assert sum(len(line.images) for line in chat.prompts[-1].incoming) == images


def test_a_document_that_is_replied_to_is_read(chat: PostedEvents) -> None:
    """Not its caption alone."""
    chat.post("telegram/group_reply_to_document")
    chat.answer()

    told = "\n".join(incoming_lines(chat)) + chat.prompts[-1].context
    assert "lease.pdf" in told
    assert "the lease" in told


@pytest.mark.parametrize(
    "name,words",
    [
        ("location", "[location 38.7106, -9.1375]"),
        ("contact", "[contact Sofia Reception, +351210000000]"),
        ("video", "[video of 9 s, which cannot be watched here]"),
        ("video_note", "[video note of 7 s, which cannot be watched here]"),
        ("sticker_private", "[sticker 👍]"),
        ("poll", "[poll: Where do we eat? Alfama / Belém]"),
        ("unknown_content", "[a hologram, which cannot be seen here]"),
    ],
)
def test_nothing_is_met_with_silence(chat: PostedEvents, name: str, words: str) -> None:
    """In a private chat each kind of message is answered, and the model knows what came."""
    chat.post(f"telegram/{name}")
    chat.answer()

    assert any(words in line for line in incoming_lines(chat))
    assert len(chat.shown_in(4200042)) == 1


def test_a_swipe_reply_says_which_answer_is_meant(chat: PostedEvents) -> None:
    """WhatsApp tells the id alone: what it says is looked up, with messages between."""
    chat.parts.models.script.append(ScriptedAnswer("1. Alma. 2. Belcanto. 3. Cervejaria."))
    chat.post("whatsapp/text", text={"body": "Name three places for the team dinner."})
    chat.answer()
    shown = chat.parts.whatsapp_standin.visible_chat(PERSON)["messages"]
    ours = next(one["id"] for one in shown if one["bot"])
    chat.post("whatsapp/text", after=30, id="wamid.between")
    chat.answer()

    chat.post("whatsapp/swipe_reply", after=30, context={"from": "15550783881", "id": ours})
    chat.answer()

    assert any("2. Belcanto." in line and line.startswith(">") for line in incoming_lines(chat))
    assert any("you, the assistant" in line for line in incoming_lines(chat))


def test_a_swipe_reply_to_ones_own_message_says_which(chat: PostedEvents) -> None:
    """By its own id."""
    first: dict[str, Any] = {"id": "wamid.own", "text": {"body": "Order 40 chairs by March."}}
    chat.post("whatsapp/text", **first)
    chat.answer()

    chat.post("whatsapp/swipe_reply", after=30, context={"from": "16505551234", "id": "wamid.own"})
    chat.answer()

    assert any("Order 40 chairs by March." in line and line.startswith(">") for line in incoming_lines(chat))


def test_a_new_person_has_a_name(chat: PostedEvents) -> None:
    """As Telegram tells it."""
    chat.post("telegram/group_mention_by_new_person")
    chat.answer()

    told = "\n".join(incoming_lines(chat)) + chat.prompts[-1].context + chat.prompts[-1].instructions
    assert "Zoë Example" in told
    assert "4200500" not in told
