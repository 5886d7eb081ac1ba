"""Budgets: what may be spent in a day, what calls cost, and what is said when nothing is left."""

from __future__ import annotations

import pytest
from msgspec import structs

from repartee.domain.budget import Budget, UsageLimit
from repartee.domain.usage import Usage, UsageTotal
from repartee.language.texts import OVER_PERSON_LIMIT
from repartee.turn.prices import Price, PriceList
from repartee.turn.turn_record import part_cost
from tests.support.crashing_world import CHANNEL_ID, ROOM_ID, CrashingWorld
from tests.support.office_assistant import make_office_assistant

THREAD = "1788999999.000001"


@pytest.mark.parametrize(
    "limit, spent, reached",
    [
        (UsageLimit(), UsageTotal(10**9, 1e6), False),
        (UsageLimit(max_tokens=100), UsageTotal(99, 5.0), False),
        (UsageLimit(max_tokens=100), UsageTotal(100, 0.0), True),
        (UsageLimit(max_cost_usd=0.5), UsageTotal(10**9, 0.49), False),
        (UsageLimit(max_cost_usd=0.5), UsageTotal(1, 0.5), True),
        (UsageLimit(max_tokens=100, max_cost_usd=0.5), UsageTotal(1, 0.7), True),
    ],
)
def test_a_limit_is_reached_when_nothing_is_left(limit: UsageLimit, spent: UsageTotal, reached: bool) -> None:
    """In tokens or in money, whichever is used up first; where there is no limit, never."""
    assert limit.is_reached(spent) is reached


def test_the_refusal_says_where_nothing_is_left() -> None:
    """In the room, or else in the whole workspace."""
    limits = Budget(room=UsageLimit(max_tokens=10), workspace=UsageLimit(max_tokens=100))

    assert limits.exhausted_place(UsageTotal(9), UsageTotal(99)) == ""
    assert limits.exhausted_place(UsageTotal(10), UsageTotal(100)) == "room"
    assert limits.exhausted_place(UsageTotal(9), UsageTotal(100)) == "workspace"


def test_calls_cost_what_their_models_do() -> None:
    """What the provider has seen before costs less; a dated version costs what its model does; a setting adds
    and replaces; and what nobody priced counts in tokens."""
    prices = PriceList({"ours": Price(10.0, 1.0, 20.0)})

    spent = prices.price_usage(
        [Usage(1_000_000, 100_000, 600_000, "ours-2026-10-26"), Usage(5, 6, 0, "unheard-of")]
    )

    assert spent.tokens == 1_100_011
    assert spent.cost_usd == pytest.approx(4.0 + 0.6 + 2.0)


def test_a_turn_s_cost_is_told_by_model() -> None:
    """All calls of a model together; one whose price nobody knows has no cost to tell."""
    prices = PriceList({"large": Price(2.0, 0.2, 10.0), "small": Price(1.0, 0.1, 5.0)})
    calls = [
        Usage(1_000_000, 0, 0, "large"),
        Usage(0, 100_000, 0, "small"),
        Usage(0, 100_000, 0, "large"),
        Usage(5_000, 5_000, 0, "unpriced"),
    ]
    assert part_cost(calls, prices.price_usage) == (("large", 3.0), ("small", 0.5))
    assert prices.find_price("ours-mini") is None
    assert prices.find_price("gpt-6.1-terra") is not None
    assert PriceList({"gpt-6.1-terra": Price(1, 1, 1)}).find_price("gpt-6.1-terra") == Price(1, 1, 1)


def test_a_room_that_has_used_up_its_budget_is_told_so() -> None:
    """The turn that reaches it is answered; the next is not, nor is the model asked; a day later it is."""
    world = CrashingWorld()
    world.slack.add_person_message(CHANNEL_ID, "U0ADA", "the thread's first message", ts=THREAD)
    world.limits = Budget(room=UsageLimit(max_tokens=2))
    for text in ("one", "two"):
        world.ask_question(text, THREAD)
        world.run_worker()
    world.pass_time(24 * 3600)
    world.ask_question("three", THREAD)

    world.run_worker()

    answered, refused, again = world.visible_texts()
    assert (answered, again) == ("Re: <one> ", "Re: <three> ")
    assert refused.startswith("I have used up")
    assert world.records.read_chat_state(ROOM_ID, ROOM_ID, "").room_usage.tokens == 2
    assert sum(world.model_calls.values()) == 2


def test_an_attempt_that_fails_is_counted_too() -> None:
    """What the model took is spent, whatever becomes of the answer."""
    world = CrashingWorld()
    world.slack.add_person_message(CHANNEL_ID, "U0ADA", "the thread's first message", ts=THREAD)
    world.limits = Budget(room=UsageLimit(max_tokens=100))
    world.broken = {"slack.chat.stopStream"}
    world.ask_question("one", THREAD)
    world.run_worker()
    assert world.records.read_chat_state(ROOM_ID, ROOM_ID, "").room_usage.tokens == 2
    world.broken = set()

    world.run_until_quiet()

    assert world.visible_texts() == ["Re: <one> "]
    assert world.records.read_chat_state(ROOM_ID, ROOM_ID, "").room_usage.tokens == 4


def test_each_attempt_that_waits_for_a_backend_is_counted() -> None:
    """Such an attempt uses up none of the turn's, so that its number comes again; what it took is counted."""
    world = CrashingWorld()
    world.slack.add_person_message(CHANNEL_ID, "U0ADA", "the thread's first message", ts=THREAD)
    world.limits = Budget(room=UsageLimit(max_tokens=1000))
    world.broken = {"slack.chat.stopStream", "slack.chat.update"}
    world.ask_question("one", THREAD)
    for _ in range(40):
        world.run_worker()
        world.pass_time(1.0)
    world.broken = set()
    world.run_until_quiet()

    asked = sum(world.model_calls.values())
    assert asked >= 4
    assert "Re: <one> " in world.visible_texts()
    assert world.records.read_chat_state(ROOM_ID, ROOM_ID, "").room_usage.tokens == 2 * asked


def test_an_assistant_with_limits_of_its_own_is_counted() -> None:
    """Without a budget in the settings, too: a desk's stands in its configuration."""
    world = CrashingWorld()
    world.assistant = lambda ports: structs.replace(make_office_assistant(ports), counts_usage=True)
    world.slack.add_person_message(CHANNEL_ID, "U0ADA", "the thread's first message", ts=THREAD)
    world.ask_question("one", THREAD)

    world.run_worker()

    assert world.records.read_chat_state(ROOM_ID, ROOM_ID, "").room_usage.tokens == 2


def test_nothing_is_counted_where_there_is_no_limit() -> None:
    """Without a budget no turn writes what it took."""
    world = CrashingWorld()
    world.slack.add_person_message(CHANNEL_ID, "U0ADA", "the thread's first message", ts=THREAD)
    world.ask_question("one", THREAD)

    world.run_worker()

    assert world.records.spent == {}


def test_a_message_over_its_senders_limit_is_told_so_beside_no_answer() -> None:
    """Said in one reply with the answers to others, nobody knew which message is not answered."""
    world = CrashingWorld()
    world.slack.add_person_message(CHANNEL_ID, "U0ADA", "the thread's first message", ts=THREAD)
    world.ask_question("one", THREAD)
    world.ask_question("two", THREAD, is_over_limit=True)
    world.ask_question("three", THREAD)

    world.run_until_quiet()

    assert world.visible_texts() == ["Re: <one> ", OVER_PERSON_LIMIT, "Re: <three> "]
    assert not world.inbox.open
