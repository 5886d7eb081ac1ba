"""What people send in one go in Telegram and WhatsApp is one message to the model, and is answered once."""

from __future__ import annotations

from pathlib import Path

import pytest

from repartee.intake.debounce import ALBUM_QUIET_SECONDS, FILE_QUIET_SECONDS, SPLIT_QUIET_SECONDS
from tests.support.inbox_builders import only_messages
from tests.support.posted_events import PostedEvents

GROUP, PRIVATE = -1001234567890, 4200042


@pytest.fixture
def chat(tmp_path: Path) -> PostedEvents:
    return PostedEvents(tmp_path / "parts")


def images_of(chat: PostedEvents) -> list[int]:
    """How many pictures each prompt shows."""
    return [sum(len(line.images) for line in prompt.incoming) for prompt in chat.prompts]


def said_to_model(chat: PostedEvents) -> str:
    return "\n".join(line.text for line in chat.prompts[-1].incoming)


@pytest.mark.parametrize("order", [(1, 2, 3), (2, 3, 1), (3, 1, 2)])
def test_an_album_in_a_group_is_one_message(chat: PostedEvents, order: tuple[int, ...]) -> None:
    """Its mention stands under one of its pictures, and that may come first, last or between."""
    for number in order:
        chat.post(f"telegram/group_album_{number}", after=0.2)

    chat.answer()

    assert images_of(chat) == [3]
    assert "compare these three floor plans" in said_to_model(chat)
    assert len(chat.shown_in(GROUP)) == 1


def test_an_album_of_others_is_neither_answered_nor_remembered(chat: PostedEvents) -> None:
    """Nobody has called the assistant."""
    for number in (2, 3):
        chat.post(f"telegram/group_album_{number}", after=0.2)

    chat.answer()

    assert chat.prompts == []
    assert chat.shown_in(GROUP) == []
    assert list(chat.messages.list_newest(f"telegram:{GROUP}", "user", 10)) == []


def test_a_late_file_of_an_album_is_not_lost(chat: PostedEvents) -> None:
    """It was still on its way when the answer began: it is said to the assistant, like the others."""
    for number in (1, 2):
        chat.post(f"telegram/group_album_{number}")
    chat.post("telegram/group_album_3", after=0.8)

    late = only_messages(chat.parts.stored_inbox.list_open(f"telegram:{GROUP}").messages)[-1]

    assert late.addressed
    assert not late.overheard


def test_an_album_with_a_film_says_that_it_cannot_be_watched(chat: PostedEvents) -> None:
    """It is a part of the album like the others."""
    chat.post("telegram/group_album_1")
    chat.post("telegram/group_album_video", after=0.1)

    chat.answer()

    assert images_of(chat) == [1]
    assert "[video of 12 s, which cannot be watched here]" in said_to_model(chat)


def test_an_album_in_private_is_one_message(chat: PostedEvents) -> None:
    """And waits no longer than its last picture needs."""
    chat.post("telegram/private_album_1")
    chat.post("telegram/private_album_2", after=0.4)
    last = chat.parts.clock()

    chat.answer()

    assert images_of(chat) == [2]
    (turn,) = chat.parts.turns
    assert turn.timeline.started_at - last <= ALBUM_QUIET_SECONDS + 0.01


@pytest.mark.parametrize("place", ["", "group_"])
def test_a_split_paste_is_one_message(chat: PostedEvents, place: str) -> None:
    """Also in a group, where its second part calls nobody."""
    chat.post(f"telegram/{place}split_paste_1")
    chat.post(f"telegram/{place}split_paste_2", after=0.06)
    last = chat.parts.clock()

    chat.answer()

    assert len(chat.prompts) == 1
    assert "the lease ends in March" in said_to_model(chat)
    assert "the keys are to be left with Sofia" in said_to_model(chat)
    (turn,) = chat.parts.turns
    assert len(turn.incoming) == 1
    assert turn.timeline.started_at - last <= SPLIT_QUIET_SECONDS + 0.01


def test_a_word_that_was_cut_is_whole_again(chat: PostedEvents) -> None:
    """A client that finds no place to split cuts where the message is full."""
    chat.post("telegram/split_paste_1", text="x" * 4090 + "exampl")
    chat.post("telegram/split_paste_2", after=0.06, text="e of that")

    chat.answer()

    assert "example of that" in said_to_model(chat)


def test_others_do_not_go_on_with_a_paste(chat: PostedEvents) -> None:
    """Ben says something of his own while Ada's paste arrives."""
    chat.post("telegram/group_split_paste_1")
    ben = {"id": 4200099, "is_bot": False, "first_name": "Ben"}
    chat.post("telegram/group_split_paste_2", after=0.06, **{"from": ben})

    chat.answer()

    assert "keys" not in said_to_model(chat)


@pytest.mark.parametrize("text", ["When do we open?", "hello there", "ok"])
def test_a_lone_text_is_not_held(chat: PostedEvents, text: str) -> None:
    """In Telegram people write whole messages."""
    chat.post("telegram/private_message", text=text)
    posted = chat.parts.clock()

    chat.answer()

    (turn,) = chat.parts.turns
    assert turn.timeline.started_at - posted < 0.01


def test_a_lone_complete_text_is_not_held_in_whatsapp(chat: PostedEvents) -> None:
    """One that is not complete is."""
    chat.post("whatsapp/text")
    posted = chat.parts.clock()

    chat.answer()

    (turn,) = chat.parts.turns
    assert turn.timeline.started_at - posted < 0.01


def test_pictures_one_after_another_are_answered_once_in_whatsapp(chat: PostedEvents) -> None:
    """WhatsApp posts each picture of an album by itself, and names no album."""
    for number in (1, 2, 3):
        chat.post(f"whatsapp/image_of_series_{number}", after=0.3)
    last = chat.parts.clock()

    chat.answer()

    assert images_of(chat) == [3]
    (turn,) = chat.parts.turns
    assert turn.timeline.started_at - last <= max(FILE_QUIET_SECONDS["whatsapp"], 3.0) + 0.01


def test_forwarded_messages_are_answered_once(chat: PostedEvents) -> None:
    """People forward several, and say what they mean by it afterwards."""
    for number, name in enumerate(("forwarded_from_person", "forwarded_from_hidden_person")):
        chat.post(f"telegram/{name}", after=0.1, message_id=3000 + number)

    chat.answer()

    (turn,) = chat.parts.turns
    came_along = [part for message in only_messages(turn.incoming) for part in message.context]
    assert [part.author.name for part in came_along] == ["Ben", "Carla M."]
