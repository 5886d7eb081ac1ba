"""The contract of `ports.ChatMoves`."""

from __future__ import annotations

from repartee.ports import ChatMoves

FORMER, PRESENT = "telegram:-900111", "telegram:-1001900111"


def test_a_room_that_never_moved_has_its_own_id(chat_moves: ChatMoves) -> None:
    """Nothing is known of it."""
    assert chat_moves.first_id(PRESENT) == PRESENT


def test_a_room_that_moved_is_known_by_its_first_id(chat_moves: ChatMoves) -> None:
    """However often the move is told."""
    chat_moves.save(FORMER, PRESENT)
    chat_moves.save(FORMER, PRESENT)

    assert chat_moves.first_id(PRESENT) == FORMER
    assert chat_moves.first_id(FORMER) == FORMER


def test_a_room_that_moved_twice_is_known_by_its_first_id(chat_moves: ChatMoves) -> None:
    """The first move is found again."""
    chat_moves.save(FORMER, PRESENT)
    chat_moves.save(PRESENT, "telegram:-1002")

    assert chat_moves.first_id("telegram:-1002") == FORMER
