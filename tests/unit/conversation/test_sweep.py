"""What is open and forgotten is woken again."""

from __future__ import annotations

import pytest

from repartee.conversation.sweep import FORGOTTEN_AFTER
from tests.support.world import CHANNEL, ROOM, World, asked

THREAD = "1788999999.000001"


@pytest.fixture
def world() -> World:
    world = World()
    world.slack.said(CHANNEL, "U0ADA", "the thread's first message", ts=THREAD)
    return world


def test_a_message_whose_wake_was_lost_is_woken_again(world: World) -> None:
    """A minute after it came, and not before: its wake may still be on the way."""
    world.inbox.put(asked(1, world.now, THREAD))
    world.now += FORGOTTEN_AFTER
    assert world.sweep() == 0

    world.now += 1.0

    assert world.sweep() == 1
    assert [letter.chat for letter in world.wakes.letters.values()] == [f"{ROOM}:{THREAD}"]


def test_a_chat_is_woken_once_however_much_is_open_in_it(world: World) -> None:
    """One wake answers all that waits."""
    for number in range(5):
        world.inbox.put(asked(number, world.now + number, THREAD))
    world.now += 2 * FORGOTTEN_AFTER

    assert world.sweep() == 1


def test_a_chat_that_somebody_holds_is_left_alone(world: World) -> None:
    """Its turn lives; when it does not, the lease runs out and the next sweep finds it."""
    message = asked(1, world.now, THREAD)
    world.inbox.put(message)
    world.now += 2 * FORGOTTEN_AFTER
    world.inbox.acquire(message.chat, "turn", world.now, world.now + 20)

    assert world.sweep() == 0
    world.now += 20
    assert world.sweep() == 1


def test_an_exchange_that_nobody_remembered_is_found(world: World) -> None:
    """Closed and not remembered is forgotten too."""
    world.broken = {"messages.put"}
    world.ask("where?", THREAD)
    world.work()
    assert world.visible() == ["Re: <where?> "]
    world.now += 2 * FORGOTTEN_AFTER

    assert world.sweep() == 1


def test_where_nothing_is_open_nobody_is_woken(world: World) -> None:
    """The sweep of a quiet day costs one look."""
    world.ask("where?", THREAD)
    world.work()
    world.now += 2 * FORGOTTEN_AFTER

    assert world.sweep() == 0
