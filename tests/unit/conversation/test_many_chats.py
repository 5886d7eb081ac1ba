"""Hundreds of chats and few workers: nothing is lost or said twice, and the queue is hardly fed."""

from __future__ import annotations

import pytest

from tests.support.simulated_load import LoadedWorld

CHATS = 200
MAX_WAKES_PER_MESSAGE = 1.3


@pytest.mark.parametrize("workers", [12, 4])
def test_a_backlog_is_worked_off_with_few_wakes(workers: int) -> None:
    """Of 200 chats with three or four messages each, a wake for each message and one in reserve for each
    chat, however far the queue is behind. The sweep adds none."""
    world = LoadedWorld(CHATS, workers)

    result = world.run(60.0)

    assert result.answered == result.messages
    assert result.wakes_per_message <= MAX_WAKES_PER_MESSAGE
    assert result.woken_by_sweep == 0
    assert result.dead_letters == result.left_open == 0


def test_workers_that_die_in_a_backlog_lose_nothing() -> None:
    """At whichever point of their way: every message is in one answer, and is answered once."""
    world = LoadedWorld(CHATS, 12, killed=20)

    result = world.run(60.0)

    assert result.killed > 5
    assert result.answered == result.messages
    assert result.left_open == result.dead_letters == 0
    replies = [text for chat in range(1, CHATS + 1) for text in world.visible_texts_of(chat)]
    assert {
        text.count(f"<{number}.>") for number in range(result.messages) for text in [" ".join(replies)]
    } == {1}
    assert result.wakes - result.killed <= MAX_WAKES_PER_MESSAGE * result.messages
