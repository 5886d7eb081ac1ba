"""A worker that dies anywhere on the way of a reply in Telegram: nothing is lost.

One message may be seen twice, if the worker dies between sending it and noting its id: `sendMessage` has no
key by which a repeated call would be one (https://core.telegram.org/bots/api#sendmessage).
"""

from __future__ import annotations

import pytest

from repartee.conversation.turn import ATTEMPTS
from tests.support.telegram import GROUP, PRIVATE
from tests.support.telegram_world import TelegramWorld

QUESTION = "question 1."
ANSWER = f"Re: <{QUESTION}>"


def unnoted(passed: list[str]) -> bool:
    """Whether a message was sent whose id nobody noted."""
    notable = [name for name in passed if name in ("after telegram.sendMessage", "after inbox.write")]
    return notable[-1:] == ["after telegram.sendMessage"]


def points(chat: int) -> list[str]:
    """Every point that a worker passes when all goes well."""
    world = TelegramWorld(chat)
    world.asks(QUESTION)
    return world.work().passed


WAYS = [
    pytest.param(chat, number, id=f"{number}-{'private' if chat > 0 else 'group'}-{name.replace(' ', '-')}")
    for chat in (PRIVATE, GROUP)
    for number, name in enumerate(points(chat), 1)
]


@pytest.mark.parametrize("chat,point", WAYS)
def test_a_worker_dies(chat: int, point: int) -> None:
    """The whole answer is there in the end, once, and no draft is left."""
    world = TelegramWorld(chat)
    world.asks(QUESTION)

    life = world.work({point: None})
    world.settle()

    whole = [said for said in world.visible() if said == ANSWER]
    twice = unnoted(life.passed)
    assert len(whole) in ((1, 2) if twice else (1,))
    assert len(world.visible()) <= 1 + twice
    assert not world.inbox.open
    assert max(world.model_calls.values()) <= ATTEMPTS


@pytest.mark.parametrize("chat", [PRIVATE, GROUP])
def test_two_workers_die_at_the_same_point(chat: int) -> None:
    """And the third one says it."""
    for point in range(1, len(points(chat)) + 1):
        world = TelegramWorld(chat)
        world.asks(QUESTION)
        for _ in range(2):
            world.work({point: None})
            world.sleep(31.0)

        world.settle()

        assert ANSWER in world.visible()
        assert not world.inbox.open


def test_questions_that_come_meanwhile_are_answered_in_order() -> None:
    """Also when they come while the draft grows."""
    world = TelegramWorld()
    world.asks(QUESTION)

    def asks_again() -> None:
        world.between_pieces = lambda: None
        world.asks("question 2.")

    world.between_pieces = asks_again
    world.settle()

    assert world.visible() == [ANSWER, "Re: <question 2.>"]
