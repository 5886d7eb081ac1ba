"""A worker that dies anywhere on the way of a reply in Telegram: nothing is lost.

One message may be seen twice, if the worker dies between sending it and noting its id: `sendMessage` has no
key by which a repeated call would be one (https://core.telegram.org/bots/api#sendmessage).
"""

from __future__ import annotations

import pytest

from repartee.turn.turn import MAX_TURN_ATTEMPTS
from tests.support.crashing_telegram_world import CrashingTelegramWorld
from tests.support.telegram_chat import GROUP_CHAT_ID, PRIVATE_CHAT_ID

QUESTION = "question 1."
ANSWER = f"Re: <{QUESTION}>"


def unnoted(passed: list[str]) -> bool:
    """Whether a message was sent whose id nobody noted."""
    notable = [name for name in passed if name in ("after telegram.sendMessage", "after inbox.write_lease")]
    return notable[-1:] == ["after telegram.sendMessage"]


def points(chat: int) -> list[str]:
    """Every point that a worker passes when all goes well."""
    world = CrashingTelegramWorld(chat)
    world.ask_in_telegram(QUESTION)
    return world.run_worker().passed


WAYS = [
    pytest.param(chat, number, id=f"{number}-{'private' if chat > 0 else 'group'}-{name.replace(' ', '-')}")
    for chat in (PRIVATE_CHAT_ID, GROUP_CHAT_ID)
    for number, name in enumerate(points(chat), 1)
]


@pytest.mark.parametrize("chat,point", WAYS)
def test_a_worker_dies(chat: int, point: int) -> None:
    """The whole answer is there in the end, once, and no draft is left."""
    world = CrashingTelegramWorld(chat)
    world.ask_in_telegram(QUESTION)

    life = world.run_worker({point: None})
    world.run_until_quiet()

    whole = [said for said in world.visible_texts() if said == ANSWER]
    twice = unnoted(life.passed)
    assert len(whole) in ((1, 2) if twice else (1,))
    assert len(world.visible_texts()) <= 1 + twice
    assert not world.inbox.open
    assert max(world.model_calls.values()) <= MAX_TURN_ATTEMPTS


@pytest.mark.parametrize("chat", [PRIVATE_CHAT_ID, GROUP_CHAT_ID])
def test_two_workers_die_at_the_same_point(chat: int) -> None:
    """And the third one says it."""
    for point in range(1, len(points(chat)) + 1):
        world = CrashingTelegramWorld(chat)
        world.ask_in_telegram(QUESTION)
        for _ in range(2):
            world.run_worker({point: None})
            world.pass_time(31.0)

        world.run_until_quiet()

        assert ANSWER in world.visible_texts()
        assert not world.inbox.open


def test_questions_that_come_meanwhile_are_answered_in_order() -> None:
    """Also when they come while the draft grows."""
    world = CrashingTelegramWorld()
    world.ask_in_telegram(QUESTION)

    def asks_again() -> None:
        world.between_pieces = lambda: None
        world.ask_in_telegram("question 2.")

    world.between_pieces = asks_again
    world.run_until_quiet()

    assert world.visible_texts() == [ANSWER, "Re: <question 2.>"]


@pytest.mark.parametrize("chat", [PRIVATE_CHAT_ID, GROUP_CHAT_ID])
def test_what_was_sent_is_not_said_again_because_the_table_was_away(chat: int) -> None:
    """For three seconds, just when Telegram had taken it: its worker notes that while it has the chat."""
    world = CrashingTelegramWorld(chat)
    world.ask_in_telegram(QUESTION)
    away_until: list[float] = []

    def break_table(name: str) -> None:
        is_sent = "sendMessage" in name and "Draft" not in name and name.startswith("after")
        if is_sent and not away_until:
            away_until.append(world.now + 3.0)
            world.broken.add("inbox")
        if away_until and world.now >= away_until[0]:
            world.broken.discard("inbox")

    world.at_each_point = break_table
    world.run_worker()
    world.run_until_quiet()

    assert away_until
    assert world.visible_texts() == [ANSWER]
    assert not world.inbox.open
