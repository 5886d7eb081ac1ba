"""A group that becomes a supergroup has another id, and is the same room."""

from __future__ import annotations

from pathlib import Path

import pytest

from repartee.channels.telegram.moves import RECHECK_SECONDS, MovedChats
from repartee.channels.telegram.payloads import TelegramChat
from tests.support.memory_stores import MemoryChatMoves
from tests.support.posted_events import PostedEvents
from tests.support.telegram_chat import TelegramTestChat

FORMER, PRESENT = -900111, -1001900111
ROOM = f"telegram:{FORMER}"


@pytest.fixture
def chat(tmp_path: Path) -> PostedEvents:
    return PostedEvents(tmp_path / "parts")


@pytest.mark.parametrize(
    "services",
    [
        ("migrated_to_supergroup", "migrated_from_group"),
        ("migrated_from_group", "migrated_to_supergroup"),
        ("migrated_to_supergroup",),
        ("migrated_from_group",),
    ],
)
def test_memory_moves_along(chat: PostedEvents, services: tuple[str, ...]) -> None:
    """Whichever service message comes, and in whichever order; the answer goes to the new chat."""
    chat.post("telegram/group_before_move")
    chat.answer()
    for name in services:
        assert chat.post(f"telegram/{name}").status == 200

    chat.post("telegram/group_after_move", after=5)
    chat.answer()

    told = chat.prompts[-1]
    assert any("blue-7" in line.text for line in told.history)
    assert len(chat.shown_in(PRESENT)) == 1
    assert {turn.incoming[-1].chat for turn in chat.parts.turns} == {ROOM}


def test_a_mute_moves_along(chat: PostedEvents) -> None:
    """What was ordered in the group holds in the supergroup."""
    chat.parts.stored_records.mute(ROOM, chat.parts.clock() + 3600, chat.parts.clock())
    chat.post("telegram/migrated_to_supergroup")

    room = MovedChats(lambda: chat.parts.chat_moves).room_of(TelegramChat(PRESENT, "supergroup"))

    assert chat.parts.stored_records.read_control(room, room).is_muted(chat.parts.clock())


def test_an_answer_on_its_way_moves_along(chat: PostedEvents) -> None:
    """The group has moved when the answer is sent: Telegram says where to."""
    chat.post("telegram/group_before_move")
    chat.parts.telegram_standin.moved[FORMER] = PRESENT

    chat.answer()

    assert chat.shown_in(FORMER) == []
    assert len(chat.shown_in(PRESENT)) == 1


def test_what_the_api_says_of_a_move_is_noted() -> None:
    """Every later call goes to the supergroup, and the webhook knows it, too."""
    world, told = TelegramTestChat(FORMER), []
    world.api._on_chat_moved = lambda former, present: told.append((former, present))
    world.telegram.moved[FORMER] = PRESENT

    for text in ("one", "two"):
        world.api.call_method("sendMessage", chat_id=FORMER, text=text)

    assert told == [(ROOM, f"telegram:{PRESENT}")]
    assert [call["ok"] for call in world.recorded_calls("sendMessage")] == [False, True, True]


def test_a_file_moves_along() -> None:
    """It is sent as a form, and again with all that it has."""
    world = TelegramTestChat(FORMER)
    world.telegram.moved[FORMER] = PRESENT
    png = {"photo": ("chart.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 8 + b"\0\0\0\x64\0\0\0\x64", "image/png")}

    world.api.upload_file("sendPhoto", png, chat_id=FORMER)

    assert [one["photo"] for one in world.telegram.visible_chat(PRESENT)["messages"]] == [True]


def test_a_supergroup_is_looked_up_once_in_a_while() -> None:
    """A move is known at the latest a minute after it was noted elsewhere."""
    moves, now = MemoryChatMoves(), [1000.0]
    rooms, present = MovedChats(lambda: moves, lambda: now[0]), TelegramChat(PRESENT, "supergroup")
    assert rooms.room_of(present) == f"telegram:{PRESENT}"

    moves.save(ROOM, f"telegram:{PRESENT}")
    assert rooms.room_of(present) == f"telegram:{PRESENT}"
    now[0] += RECHECK_SECONDS + 1

    assert rooms.room_of(present) == ROOM
