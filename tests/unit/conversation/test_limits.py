"""Budgets: what may be spent in a day, what calls cost, and what is said when nothing is left."""

from __future__ import annotations

import pytest

from repartee.conversation.limits import Limit, Limits, Spent
from repartee.conversation.prices import Price, Prices
from repartee.conversation.prompt import Usage
from tests.support.world import CHANNEL, ROOM, World

THREAD = "1788999999.000001"


@pytest.mark.parametrize(
    "limit, spent, reached",
    [
        (Limit(), Spent(10**9, 1e6), False),
        (Limit(tokens=100), Spent(99, 5.0), False),
        (Limit(tokens=100), Spent(100, 0.0), True),
        (Limit(cost=0.5), Spent(10**9, 0.49), False),
        (Limit(cost=0.5), Spent(1, 0.5), True),
        (Limit(tokens=100, cost=0.5), Spent(1, 0.7), True),
    ],
)
def test_a_limit_is_reached_when_nothing_is_left(limit: Limit, spent: Spent, reached: bool) -> None:
    """In tokens or in money, whichever is used up first; where there is no limit, never."""
    assert limit.reached(spent) is reached


def test_the_refusal_says_where_nothing_is_left() -> None:
    """In the room, or else in the whole workspace."""
    limits = Limits(room=Limit(tokens=10), workspace=Limit(tokens=100))

    assert limits.refusal(Spent(9), Spent(99)) == ""
    assert "in this conversation" in limits.refusal(Spent(10), Spent(100))
    assert "in this workspace" in limits.refusal(Spent(9), Spent(100))


def test_calls_cost_what_their_models_do() -> None:
    """What the provider has seen before costs less; a dated version costs what its model does; a setting adds
    and replaces; and what nobody priced counts in tokens."""
    prices = Prices({"ours": Price(10.0, 1.0, 20.0)})

    spent = prices.spent(
        [Usage(1_000_000, 100_000, 600_000, "ours-2026-10-26"), Usage(5, 6, 0, "unheard-of")]
    )

    assert spent.tokens == 1_100_011
    assert spent.cost == pytest.approx(4.0 + 0.6 + 2.0)
    assert prices.of("ours-mini") is None
    assert prices.of("gpt-6.1-terra") is not None
    assert Prices({"gpt-6.1-terra": Price(1, 1, 1)}).of("gpt-6.1-terra") == Price(1, 1, 1)


def test_a_room_that_has_used_up_its_budget_is_told_so() -> None:
    """The turn that reaches it is answered; the next is not, nor is the model asked; a day later it is."""
    world = World()
    world.slack.said(CHANNEL, "U0ADA", "the thread's first message", ts=THREAD)
    world.limits = Limits(room=Limit(tokens=2))
    for text in ("one", "two"):
        world.ask(text, THREAD)
        world.work()
    world.sleep(24 * 3600)
    world.ask("three", THREAD)

    world.work()

    answered, refused, again = world.visible()
    assert (answered, again) == ("Re: <one> ", "Re: <three> ")
    assert refused.startswith("I have used up")
    assert world.records.standing(ROOM, ROOM, "").room.tokens == 2
    assert sum(world.model_calls.values()) == 2


def test_an_attempt_that_fails_is_counted_too() -> None:
    """What the model took is spent, whatever becomes of the answer."""
    world = World()
    world.slack.said(CHANNEL, "U0ADA", "the thread's first message", ts=THREAD)
    world.limits = Limits(room=Limit(tokens=100))
    world.broken = {"slack.chat.stopStream"}
    world.ask("one", THREAD)
    world.work()
    assert world.records.standing(ROOM, ROOM, "").room.tokens == 2
    world.broken = set()

    world.settle()

    assert world.visible() == ["Re: <one> "]
    assert world.records.standing(ROOM, ROOM, "").room.tokens == 4


def test_nothing_is_counted_where_there_is_no_limit() -> None:
    """Without a budget no turn writes what it took."""
    world = World()
    world.slack.said(CHANNEL, "U0ADA", "the thread's first message", ts=THREAD)
    world.ask("one", THREAD)

    world.work()

    assert world.records.spent == {}
