"""Nobody is left waiting: the team is reminded, then the next room, and the customer is told honestly."""

from __future__ import annotations

import pytest

from tests.support.crashing_desk_world import SECOND_CHANNEL, CrashingDeskWorld
from tests.support.memory_handovers import ANA

STILL_WAITING = "Thank you for waiting. I have reminded the team."


@pytest.fixture
def world() -> CrashingDeskWorld:
    """A customer who waits for a person since now, and is due in ten minutes."""
    world = CrashingDeskWorld()
    message = world.ask_in_whatsapp("Where is my parcel?")
    world.run_until_quiet()
    world.open_handover(message, due_at=world.now + 600.0)
    world.run_until_quiet()
    return world


def let_pass(world: CrashingDeskWorld, seconds: float) -> None:
    """Lets time pass, in which the sweep runs each minute."""
    until = world.now + seconds
    while world.now < until:
        world.pass_time(60.0)
        world.remind()
        world.run_worker()
    world.run_until_quiet()


def wait_until_due(world: CrashingDeskWorld) -> None:
    let_pass(world, max(61.0, world.handover.due_at - world.now + 61.0))


def test_nothing_is_said_before_it_is_due(world: CrashingDeskWorld) -> None:
    """A team that was asked a minute ago is left alone."""
    said = world.visible_texts()

    world.remind()
    world.run_until_quiet()

    assert world.handover.reminders == 0
    assert world.thread_texts() == []
    assert world.visible_texts() == said


def test_the_team_is_reminded_then_the_next_room(world: CrashingDeskWorld) -> None:
    """First below its card, then another room gets one. The customer is told at the first time alone."""
    said = world.visible_texts()

    wait_until_due(world)
    assert world.thread_texts() == ["Still waiting for a person: please take this conversation."]
    assert world.cards(SECOND_CHANNEL) == []
    wait_until_due(world)

    (card,) = world.cards(SECOND_CHANNEL)
    assert card["actions"] == ["repartee_handover_take", "repartee_handover_resolve"]
    assert world.visible_texts() == [*said, STILL_WAITING]
    assert world.handover.reminders == 2

    world.press("take")
    world.run_until_quiet()
    reminders = world.handover.reminders
    let_pass(world, 7200.0)
    assert world.handover.reminders == reminders


def test_the_card_of_the_room_before_shows_who_has_it(world: CrashingDeskWorld) -> None:
    """It stays when the next room is asked, and is updated with the new one; both may be used."""
    wait_until_due(world)
    wait_until_due(world)
    first, second = world.handover.cards
    take = "repartee_handover_take"
    assert [take in card["actions"] for card in (*world.cards(), *world.cards(SECOND_CHANNEL))] == [
        True,
        True,
    ]

    world.press("take", place=first.chat)
    world.run_until_quiet()

    ((old,), (new,)) = world.cards(), world.cards(SECOND_CHANNEL)
    assert world.handover.member == ANA
    assert old["actions"] == new["actions"] == ["repartee_handover_give_back", "repartee_handover_resolve"]
    world.press("resolve", place=second.chat)
    world.run_until_quiet()
    assert [card["actions"] for card in (*world.cards(), *world.cards(SECOND_CHANNEL))] == [[], []]


def test_a_room_that_is_gone_holds_up_nothing(world: CrashingDeskWorld) -> None:
    """Of the card that stood there before: the customer is told, and the new card is right."""
    wait_until_due(world)
    wait_until_due(world)
    world.broken.add("gone C0TEAM")

    world.press("take")
    world.run_until_quiet()

    (card,) = world.cards(SECOND_CHANNEL)
    assert card["actions"] == ["repartee_handover_give_back", "repartee_handover_resolve"]
    assert world.visible_texts()[-1] == "A person from our team is here for you now."


def test_outside_opening_hours_the_customer_is_told_when_the_team_is_back(world: CrashingDeskWorld) -> None:
    """Once, and the team is not reminded before it is there."""
    world.teams.closes_at, world.teams.opens_at = world.now + 60.0, world.now + 36_000.0
    said = world.visible_texts()

    wait_until_due(world)

    (told,) = world.visible_texts()[len(said) :]
    assert f"at {world.teams.opens_at:.0f}" in told
    assert world.thread_texts() == []
    assert world.handover.due_at == world.teams.opens_at + 300.0

    wait_until_due(world)
    assert world.handover.reminders == 1
    assert world.thread_texts() == ["Still waiting for a person: please take this conversation."]


def test_who_was_told_so_when_the_team_was_called_is_not_told_again() -> None:
    """The reply that calls the team after hours says when it is back: the reminder adds no second sentence,
    neither to the customer nor to the team, before the team is there."""
    world = CrashingDeskWorld()
    message = world.ask_in_whatsapp("Where is my parcel?")
    world.run_until_quiet()
    world.teams.closes_at, world.teams.opens_at = world.now - 60.0, world.now + 36_000.0
    world.open_handover(message, due_at=world.now + 600.0)
    world.run_until_quiet()
    said = world.visible_texts()

    wait_until_due(world)

    assert world.visible_texts() == said
    assert world.thread_texts() == []
    assert world.handover.due_at == world.teams.opens_at + 300.0


def test_what_becomes_of_it_is_counted(world: CrashingDeskWorld) -> None:
    """Escalations with their reason, the time until a member took it, the end and the opinion."""
    opened_at = world.handover.opened_at
    world.press("take")
    taken_at = world.handover.taken_at
    world.press("resolve")
    world.run_until_quiet()
    world.give_opinion("5")
    world.run_until_quiet()

    assert world.handover_metrics == [
        ("Escalations", 1),
        ("Escalations.asked", 1),
        ("ConversationsEscalated", 1),
        ("SecondsUntilTaken", round(taken_at - opened_at)),
        ("HandoversEnded", 1),
        ("Opinions", 5),
    ]
    assert world.handover.member == ANA


def test_a_conversation_that_is_escalated_again_counts_once(world: CrashingDeskWorld) -> None:
    """The second call on the same day is another escalation of the same conversation; a day later it is
    another conversation."""
    for pause in (60.0, 30 * 3600.0):
        world.press("resolve")
        world.run_until_quiet()
        world.now += pause
        world.open_handover()
        world.run_until_quiet()

    counted = [name for name, _ in world.handover_metrics]
    assert (counted.count("Escalations"), counted.count("ConversationsEscalated")) == (3, 2)


def test_a_member_who_takes_unasked_is_an_escalation_by_the_team(world: CrashingDeskWorld) -> None:
    """And nobody waited for them."""
    world.press("resolve")
    world.run_until_quiet()
    world.handover_metrics.clear()
    world.write_as_member("One more thing.")
    world.run_until_quiet()

    assert ("Escalations.team", 1) in world.handover_metrics
    assert "SecondsUntilTaken" not in dict(world.handover_metrics)


def test_it_is_counted_how_long_a_customer_waits(world: CrashingDeskWorld) -> None:
    """In each minute of the sweep, while the team is there: since it came, if it was away then."""
    opened_at = world.handover.opened_at
    world.now = opened_at + 45 * 60.0
    world.remind()
    assert world.counts["MinutesWaitingForPerson"] == 45

    world.teams.closes_at, world.teams.opens_at = opened_at - 1.0, opened_at + 3600.0
    world.counts.clear()
    world.remind()
    assert "MinutesWaitingForPerson" not in world.counts
    world.now = opened_at + 3600.0 + 300.0
    world.remind()
    assert world.counts["MinutesWaitingForPerson"] == 5

    world.run_until_quiet()
    world.press("take")
    world.counts.clear()
    world.remind()
    assert "MinutesWaitingForPerson" not in world.counts
