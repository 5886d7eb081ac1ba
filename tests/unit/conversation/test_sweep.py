"""What is open and forgotten is woken again."""

from __future__ import annotations

import msgspec
import pytest

from repartee.errors import Throttled
from repartee.ports.inbox import LEASE_SECONDS
from repartee.turn.sweep import BACKLOG_WAKES, MAX_STALE_AFTER_SECONDS, STALE_AFTER_SECONDS
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


def test_a_wake_of_the_sweep_that_was_lost_is_sent_again_a_minute_later(world: CrashingWorld) -> None:
    """Where no wakes wait it must have reached a worker by then: one waits a minute longer, not five."""
    world.inbox.put(make_question(1, world.now, THREAD))
    world.now += 2 * STALE_AFTER_SECONDS
    assert world.run_sweep() == 1
    world.wakes.queued.clear()
    world.now += STALE_AFTER_SECONDS - 1.0
    assert world.run_sweep() == 0

    world.now += 1.0

    assert world.run_sweep() == 1


def test_a_chat_that_was_woken_in_a_backlog_is_left_alone(world: CrashingWorld) -> None:
    """Its wake waits behind others, and is not doubled every minute."""
    for number in range(BACKLOG_WAKES):
        world.wakes.send(f"{ROOM_ID}:16{number:08d}.000001")
    world.inbox.put(make_question(1, world.now, THREAD))
    world.now += MAX_STALE_AFTER_SECONDS + 1.0
    assert world.run_sweep() == 1
    for _ in range(4):
        world.now += STALE_AFTER_SECONDS
        assert world.run_sweep() == 0

    world.now += STALE_AFTER_SECONDS
    assert world.run_sweep() == 1


def test_what_the_sweep_woke_is_no_backlog_to_feed(world: CrashingWorld) -> None:
    """Of a hundred chats that are woken at once none is woken again while their wakes wait. When they are
    lost, a sweep wakes as many as make a backlog, and the next ones the others."""
    for number in range(100):
        world.inbox.put(make_question(number, world.now, f"17{number:08d}.000001"))
    world.now += 2 * STALE_AFTER_SECONDS
    assert world.run_sweep() == 100
    for _ in range(3):
        world.now += STALE_AFTER_SECONDS
        assert world.run_sweep() == 0

    world.wakes.queued.clear()

    assert world.run_sweep() == BACKLOG_WAKES


def test_a_backlog_is_not_fed(world: CrashingWorld) -> None:
    """Of 2,000 chats that wait for two minutes in a queue that is behind, none is woken again, and the alarm
    for lost wakes stays quiet. What is really lost is found all the same."""
    lost = make_question(0, world.now - 1000.0, "1788999998.000001")
    world.inbox.put(lost)
    for number in range(2000):
        message = make_question(number, world.now, f"17{number:08d}.000001")
        world.inbox.put(message)
        world.wakes.send(message.chat)
    world.now += 2 * STALE_AFTER_SECONDS
    before = len(world.wakes.queued)

    assert world.run_sweep() == 1

    assert len(world.wakes.queued) == before + 1
    assert world.counts == {"ChatsForgotten": 0, "ChatsInBacklog": 1}


def test_an_unfinished_turn_is_woken_before_what_nobody_has_begun(world: CrashingWorld) -> None:
    """Its person has seen that an answer was on its way."""
    world.inbox.put(make_question(1, world.now, "1788999990.000001"))
    begun = make_question(2, world.now + 1.0, THREAD)
    world.inbox.put(begun)
    holding = world.inbox.acquire_lease(begun.chat, "turn", world.now, world.now + 20)
    world.inbox.write_lease(msgspec.structs.replace(holding, messages=(begun.id,)))
    world.now += 2 * STALE_AFTER_SECONDS

    world.run_sweep()

    assert next(iter(world.wakes.queued.values())).chat == begun.chat


def test_a_turn_that_waits_for_a_backend_is_not_woken(world: CrashingWorld) -> None:
    """Its own wake comes when it is tried again."""
    world.model_error = Throttled("openai", "rate_limit_exceeded", retry_after=600.0)
    world.ask_question("where?", THREAD)
    world.run_worker()
    world.now += 2 * STALE_AFTER_SECONDS

    assert world.run_sweep() == 0


def live_until(world: CrashingWorld, seconds: float) -> None:
    """A worker is there for every wake, for so long."""
    until = world.now + seconds
    while world.now < until:
        while world.now < until and world.wakes.visible_receipts():
            world.run_worker()
        world.pass_time(1.0)


def test_a_hot_chat_has_one_wake_in_reserve(world: CrashingWorld) -> None:
    """Of 500 messages in one chat while a turn holds it, none needs a wake of its own."""
    first = world.ask_question("one.", THREAD)
    world.inbox.acquire_lease(first.chat, "another", world.now, world.now + 20)
    for number in range(500):
        world.ask_question(f"{number}.", THREAD)
        world.run_worker()
    while world.wakes.visible_receipts():
        world.run_worker()

    assert world.wakes.sent == 2
    assert len(world.wakes.queued) == 1
    live_until(world, 600.0)
    assert not world.inbox.open
    assert world.wakes.sent <= 2 + 600.0 / LEASE_SECONDS


def test_messages_cost_little_more_than_a_wake_each(world: CrashingWorld) -> None:
    """In many chats, in which people write three or four times each: they share a wake and a successor."""
    messages = 0
    for number in range(300):
        thread = f"17{number:08d}.000001"
        world.slack.add_person_message(CHANNEL_ID, "U0ADA", "the first", ts=thread)
        for part in range(3 + number % 2):
            world.ask_question(f"{part}.", thread)
            messages += 1
    while world.wakes.visible_receipts():
        world.run_worker()
    live_until(world, 60.0)

    assert not world.inbox.open
    assert not world.wakes.queued
    assert world.wakes.sent / messages <= 1.0


@pytest.mark.parametrize("point", [*range(1, 13), 20, 30])
def test_a_dead_worker_is_replaced_within_22_seconds(world: CrashingWorld, point: int) -> None:
    """However long its own wake stays hidden, and also if it dies before its first call: by the wake that was
    sent together with its own."""
    world.ask_question("where?", THREAD)
    life = world.run_worker({point: None})
    assert life.dead
    died = world.now

    while not world.visible_texts() or not world.inbox.exchanges:
        world.pass_time(1.0)
        world.run_worker()
        assert world.now - died <= 22.0
