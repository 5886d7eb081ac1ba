"""What is open and forgotten is woken again."""

from __future__ import annotations

import pytest

from repartee.turn.sweep import STALE_AFTER_SECONDS
from tests.support.crashing_world import CHANNEL_ID, ROOM_ID, CrashingWorld, make_question

THREAD = "1788999999.000001"


@pytest.fixture
def world() -> CrashingWorld:
    world = CrashingWorld()
    world.slack.add_person_message(CHANNEL_ID, "U0ADA", "the thread's first message", ts=THREAD)
    return world


def test_a_message_whose_wake_was_lost_is_woken_again(world: CrashingWorld) -> None:
    """A minute after it came, and not before: its wake may still be on the way."""
    world.inbox.put(make_question(1, world.now, THREAD))
    world.now += STALE_AFTER_SECONDS
    assert world.run_sweep() == 0

    world.now += 1.0

    assert world.run_sweep() == 1
    assert [letter.chat for letter in world.wakes.queued.values()] == [f"{ROOM_ID}:{THREAD}"]


def test_a_chat_is_woken_once_however_much_is_open_in_it(world: CrashingWorld) -> None:
    """One wake answers all that waits."""
    for number in range(5):
        world.inbox.put(make_question(number, world.now + number, THREAD))
    world.now += 2 * STALE_AFTER_SECONDS

    assert world.run_sweep() == 1


def test_a_chat_that_somebody_holds_is_left_alone(world: CrashingWorld) -> None:
    """Its turn lives; when it does not, the lease runs out and the next sweep finds it."""
    message = make_question(1, world.now, THREAD)
    world.inbox.put(message)
    world.now += 2 * STALE_AFTER_SECONDS
    world.inbox.acquire_lease(message.chat, "turn", world.now, world.now + 20)

    assert world.run_sweep() == 0
    world.now += 20
    assert world.run_sweep() == 1


def test_an_exchange_that_nobody_remembered_is_found(world: CrashingWorld) -> None:
    """Closed and not remembered is forgotten too."""
    world.broken = {"messages.put"}
    world.ask_question("where?", THREAD)
    world.run_worker()
    assert world.visible_texts() == ["Re: <where?> "]
    world.now += 2 * STALE_AFTER_SECONDS

    assert world.run_sweep() == 1


def test_where_nothing_is_open_nobody_is_woken(world: CrashingWorld) -> None:
    """The sweep of a quiet day costs one look."""
    world.ask_question("where?", THREAD)
    world.run_worker()
    world.now += 2 * STALE_AFTER_SECONDS

    assert world.run_sweep() == 0
